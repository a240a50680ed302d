import { join } from 'node:path'
import { expect } from 'chai'

import { encodeUtf8 } from '../../src/base/bytes.ts'
import { parseCanonicalRecord, parseRecord } from '../../src/format/record.ts'
import { formatYaml, parseYaml } from '../../src/format/yaml.ts'
import { openWorkspace } from '../../src/node.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import { type Desk, openDesk } from '../cli/desk.ts'
import { git } from '../support/git.ts'
import { collect, failure } from '../support/workspaces.ts'

const HUGE = 100_000_000
/** Almost as much as is read of a record. */
const MOST = 15_900_000
/** What is refused for its size alone takes no memory of that size. */
const GROWTH_BYTES = 32 << 20
/** What one text may take on a busy machine, in seconds of the processor. */
const MOST_SECONDS = 30

/** Texts that fill a record, each told by a name, and by how much they are shorter for what is written of them. */
const TEXTS: readonly (readonly [name: string, unit: string, growth: number])[] = [
  ['letters', 'x', 1],
  ['words with colons', 'a:b', 1],
  ['letters of two units', '\u{1f600}', 1],
  ['escapes', '\\\u0001', 12]
]

/** A scalar of 100 MB behind a key, as people and other programs write them. */
const FORMS: readonly (readonly [name: string, before: string, fill: string, after: string])[] = [
  ['plain', 'notes: ', 'x', '\n'],
  ['in quotes', 'notes: "', 'x', '"\n'],
  ['a block', 'notes: |\n  ', 'x', '\n'],
  ['a key', '', 'k', ': 1\n'],
  ['beyond ASCII', 'notes: ', '\u00e9', '\n']
]

function inMemory(): number {
  const { heapTotal, external } = process.memoryUsage()
  return heapTotal + external
}

describe('a scalar', () => {
  for (const [name, before, fill, after] of FORMS) {
    it(`of 100 MB, ${name}, is refused with a code and takes no memory`, async () => {
      const bytes = Buffer.concat([encodeUtf8(before), Buffer.alloc(HUGE, fill), encodeUtf8(after)])
      const start = inMemory()
      const error = await failure(parseRecord('run', bytes, 'run.yaml'))
      expect(error).to.include({ code: 'FORMAT_YAML' })
      expect(parseCanonicalRecord('run', bytes, 'run.yaml')).to.equal(undefined)
      expect(inMemory() - start).to.be.below(GROWTH_BYTES)
    })
  }

  for (const [name, unit, growth] of TEXTS) {
    it(`of ${name}, as long as a record can be, is read as it was written`, async () => {
      const used = process.cpuUsage()
      const value = { notes: unit.repeat(Math.floor(MOST / unit.length / growth)) }
      const text = formatYaml(value)
      expect(text.length).to.be.greaterThan(MOST / 5)
      // Comparing with chai would print both if they differed.
      const read = (await parseYaml(text, { bytes: encodeUtf8(text) })) as { notes: string }
      expect(read.notes === value.notes).to.equal(true)
      const { user, system } = process.cpuUsage(used)
      expect((user + system) / 1e6).to.be.below(MOST_SECONDS)
    })
  }

  describe('of 100 MB in a repository', () => {
    let desk: Desk
    let workspace: Workspace
    before(async () => {
      desk = await openDesk()
      await desk.ask(['init', 'vision'])
      workspace = await openWorkspace({ folder: join(desk.folder, '.runtree'), project: 'vision' })
      await workspace.experiments.create({ name: 'e' })
      await workspace.runs.create({ in: 'e', id: 'aaaaaaaaaaaa' })
    })
    after(async () => {
      await workspace.close()
      await desk.remove()
    })

    it('hides no other run, is told of, and can be set aside', async () => {
      const branch = 'refs/heads/experiments/e'
      const before = encodeUtf8('schema: run/1\nnotes: ')
      const commit = `commit ${branch}\ncommitter E <e@e> 1800000000 +0000\ndata 1\nx\nfrom ${branch}^0\n`
      const file = `M 100644 inline experiments/e/runs/b/b/bbbbbbbbbbbb/run.yaml\ndata ${before.length + HUGE}\n`
      const input = [encodeUtf8(commit + file), before, Buffer.alloc(HUGE, 'x'), encodeUtf8('\n')]
      git(join(desk.folder, '.runtree', 'vision.git'), ['fast-import', '--quiet', '--force'], {
        input: Buffer.concat(input)
      })
      const damaged: string[] = []
      const onDamaged = ({ path }: { readonly path: string }): void => void damaged.push(path)
      const runs = await collect(workspace.runs.list({ in: 'e', onDamaged }))
      expect(runs.map(({ address }) => address)).to.deep.equal(['vision/e/aaaaaaaaaaaa'])
      expect(damaged).to.have.length(1)
      const { rows } = await workspace.runs.find({ in: 'e' })
      expect(rows).to.have.length(1)
      const error = await failure(workspace.runs.get('e/bbbbbbbbbbbb'))
      expect(error).to.include({ code: 'FORMAT_YAML' })
      const { problems } = await workspace.verify({ in: 'vision', repair: true })
      expect(problems).to.have.length(1)
      expect(problems[0]).to.include({ code: 'FORMAT_YAML', isMended: true })
    })
  })
})
