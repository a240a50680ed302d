import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { basename } from 'node:path'
import { expect } from 'chai'

import { tryGit } from '../support/git.ts'
import { serveGitHttp } from '../support/http-server.ts'
import { needsProgram, skipBecause } from '../support/programs.ts'
import { makeRemoteHost } from '../support/remotes.ts'
import { SSHD, serveGitSsh } from '../support/ssh-server.ts'
import { testTeam } from '../support/sync-suite.ts'
import { makeEmptyOrigin } from '../support/team.ts'

testTeam('a folder', 'each alone', () => ({
  host: makeRemoteHost(),
  addressOf: (path) => path,
  async close() {}
}))

testTeam('http with a password', 'all at once', async (folder) => {
  const server = await serveGitHttp(folder, {
    users: { ada: { password: 'right & proper', mayPush: true } }
  })
  const env = { ...process.env, RUNTREE_USERNAME: 'ada', RUNTREE_PASSWORD: 'right & proper' }
  return {
    host: makeRemoteHost({ env }),
    addressOf: (path) => `${server.url}/${encodeURIComponent(basename(path))}`,
    close: () => server.close()
  }
})

for (const key of ['user', 'forge'] as const) {
  const name = key === 'user' ? 'ssh' : 'ssh, an account that may run git alone'
  describe(name, () => {
    before(function () {
      needsProgram(this, SSHD)
    })
    testTeam(name, 'all at once', async (folder) => {
      mkdirSync(`${folder}/ssh`)
      const server = await serveGitSsh(`${folder}/ssh`)
      return {
        host: makeRemoteHost({ sshCommand: server.command(key) }),
        addressOf: (path) => `ssh://${server.user}@127.0.0.1:${server.port}${encodeURI(path)}`,
        close: () => server.close()
      }
    })
  })
}

describe('a folder of another user', () => {
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'only root can give a folder away')
  })
  testTeam('a folder of another user', 'all at once', (folder) => ({
    host: makeRemoteHost(),
    make: (name) => {
      const origin = `${folder}/${name}.git`
      makeEmptyOrigin(origin)
      execFileSync('chown', ['-R', '65534:65534', origin])
      expect(tryGit(origin, ['log']).stderr).to.match(/dubious ownership/)
      return { origin, url: origin }
    },
    addressOf: (path) => path,
    async close() {}
  }))
})

testTeam('a bundle', 'all at once', (folder) => ({
  host: makeRemoteHost(),
  make: (name) => ({ origin: `${folder}/${name}.bundle`, url: `${folder}/${name}.bundle` }),
  addressOf: (path) => path,
  async close() {}
}))
