import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'

import { gitEnvironment, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { serveGitHttp } from '../support/http-server.ts'
import { needsProgram } from '../support/programs.ts'
import { makeRemoteHost } from '../support/remotes.ts'
import { expectSame, makeEmptyOrigin, openMember, startProject } from '../support/team.ts'

const SCRIPT = fileURLToPath(new URL('../support/put-and-push.ts', import.meta.url))

describe('a server with a certificate that is trusted', () => {
  let folder: string
  let place: { readonly key: Buffer; readonly cert: Buffer }
  before(function () {
    needsProgram(this, 'openssl')
    folder = makeTempFolder()
    const request = 'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost'.split(' ')
    const names = ['-addext', 'subjectAltName=IP:127.0.0.1']
    const files = ['-keyout', `${folder}/key.pem`, '-out', `${folder}/cert.pem`]
    execFileSync('openssl', [...request, ...names, ...files], { stdio: 'ignore' })
    place = { key: readFileSync(`${folder}/key.pem`), cert: readFileSync(`${folder}/cert.pem`) }
  })
  after(() => {
    if (folder !== undefined) removeTempFolder(folder)
  })

  for (const [name, env] of Object.entries({
    'a token': { RUNTREE_USERNAME: 'ada', RUNTREE_TOKEN: 'pass w0rd' },
    'user and password': { RUNTREE_USERNAME: 'ada', RUNTREE_PASSWORD: 'pass w0rd' }
  })) {
    it(`is pushed to over https with ${name}`, async () => {
      const origin = `${folder}/${name}.git`
      makeEmptyOrigin(origin)
      const users = { ada: { password: 'pass w0rd', mayPush: true } }
      const server = await serveGitHttp(folder, { tls: place, users })
      const member = openMember(makeRemoteHost())
      try {
        await startProject(member.workspace)
        await member.workspace.remotes.add('origin', `${server.url}/${encodeURI(name)}.git`)
        const trust = { NODE_EXTRA_CA_CERTS: `${folder}/cert.pem` }
        const { stdout } = await promisify(execFile)(
          process.execPath,
          ['--import', 'tsx', SCRIPT, member.folder, 'one', '2'],
          { env: { ...gitEnvironment(), ...trust, ...env } }
        )
        expect(JSON.parse(stdout)).to.deep.equal(['new', 'updated'])
        expectSame(origin, [member])
      } finally {
        await server.close()
        await member.close()
      }
    })
  }
})
