import { mkdirSync } from 'node:fs'
import { relative } from 'node:path'
import { pathToFileURL } from 'node:url'

import { serveGitHttp } from '../support/http-server.ts'
import { needsProgram } from '../support/programs.ts'
import { makeRemoteHost } from '../support/remotes.ts'
import { SSHD, serveGitSsh } from '../support/ssh-server.ts'
import { testExchange } from './exchange-suite.ts'

testExchange('a folder', { hooks: false, sha256Code: 'REMOTE_UNSUPPORTED' }, async () => ({
  host: makeRemoteHost(),
  addressOf: (path) => path,
  async close() {}
}))

testExchange('file://', { hooks: false, sha256Code: 'REMOTE_UNSUPPORTED' }, async () => ({
  host: makeRemoteHost(),
  addressOf: (path) => pathToFileURL(path).href,
  async close() {}
}))

testExchange('http', { hooks: true, sha256Code: 'REMOTE_UNSUPPORTED' }, async (folder) => {
  const server = await serveGitHttp(folder, {
    users: { ada: { password: 'right & proper', mayPush: true } }
  })
  const env = { ...process.env, RUNTREE_USERNAME: 'ada', RUNTREE_PASSWORD: 'right & proper' }
  return {
    host: makeRemoteHost({ env }),
    addressOf: (path) => `${server.url}/${encodeURIComponent(relative(folder, path))}`,
    close: () => server.close()
  }
})

for (const key of ['user', 'forge'] as const) {
  const name = key === 'user' ? 'ssh://' : 'ssh, an account that may run git alone'
  describe(name, () => {
    before(function () {
      needsProgram(this, SSHD)
    })
    testExchange(name, { hooks: true, sha256Code: 'REMOTE_UNSUPPORTED' }, async (folder) => {
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
