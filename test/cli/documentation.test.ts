import { readFileSync } from 'node:fs'
import { expect } from 'chai'

import { COMMANDS } from '../../src/cli/registry.ts'
import { SETTINGS } from '../../src/service/config.ts'
import { RESERVED_NAMES } from '../../src/service/log-protocol.ts'

const page = readFileSync(new URL('../../docs/CLI.md', import.meta.url), 'utf8')

/** Options that the page explains in its text rather than in the table of commands. */
const EXPLAINED = /--(param|key|experiment|name|note|push|seed|tag)\b/

describe('docs/CLI.md', () => {
  for (const entry of COMMANDS) {
    it(`has a line for ${entry.name} with its options`, async () => {
      const line = page
        .split('\n')
        .find((each) => new RegExp(`^\\| \`runtree ${entry.name}[ \`]`).test(each))
      expect(line, entry.name).to.be.a('string')
      for (const { flags } of Object.values((await entry.load()).options)) {
        const long = /--[\w-]+/.exec(flags)?.[0] as string
        if (entry.name === 'run') expect(long).to.match(EXPLAINED)
        else expect(line).to.contain(`\`${long}\``)
      }
    })
  }

  it('explains every reserved name of the log file, and every setting', () => {
    for (const name of RESERVED_NAMES) expect(page).to.contain(`\n| \`${name}\` |`)
    for (const key of Object.keys(SETTINGS)) expect(page).to.contain(`\`${key}\``)
  })
})
