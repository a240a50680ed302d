import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect } from 'chai'

import type { RemoteHost } from '../../src/remote/open-remote.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import { openWorkbench } from '../cli/workbench.ts'
import { gitBytes, gitEnvironment, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { type GitHttpServer, serveGitHttp } from '../support/http-server.ts'
import { makeRemoteHost } from '../support/remotes.ts'
import { type Member, makeEmptyOrigin, openMember, startProject } from '../support/team.ts'

const PASSWORD = 'p4ss word/w0rd'
const WRONG = 'wr0ng-p4ss'
const TOKEN = 't0ken-abcdef'
const SECRETS = [PASSWORD, WRONG, TOKEN]
/** As they are, in addresses, and as they are sent. */
const FORMS = SECRETS.flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  ...['ada', 'token', 'x-access-token', ''].map((user) =>
    Buffer.from(`${user}:${secret}`).toString('base64').replace(/=+$/, '')
  ),
  Buffer.from(secret).toString('hex')
])

describe('secrets', function () {
  this.timeout(120_000)
  let folder: string
  let temp: string | undefined
  let server: GitHttpServer
  let elsewhere: GitHttpServer
  const said: string[] = []
  const members: Member[] = []

  before(async () => {
    folder = makeTempFolder()
    temp = process.env.TMPDIR
    // Whatever is put among temporary files lies in the folder, too.
    process.env.TMPDIR = folder
    makeEmptyOrigin(`${folder}/origin.git`)
    const users = {
      ada: { password: PASSWORD, mayPush: true },
      token: { password: TOKEN, mayPush: true },
      'x-access-token': { password: TOKEN, mayPush: true }
    }
    elsewhere = await serveGitHttp(folder, { users })
    server = await serveGitHttp(folder, {
      users,
      intercept: (request, response) => {
        const url = request.url ?? ''
        if (!url.startsWith('/sent-on')) return false
        if (request.headers.authorization === undefined) {
          response.writeHead(401, { 'www-authenticate': 'Basic' }).end()
        } else response.writeHead(302, { location: elsewhere.url + url.slice(8) }).end()
        return true
      }
    })
  })
  after(async () => {
    for (const member of members) await member.close()
    if (temp === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = temp
    await server.close()
    await elsewhere.close()
    removeTempFolder(folder)
  })

  const openAs = (host: RemoteHost): Workspace => {
    const member = openMember(host)
    members.push(member)
    return member.workspace
  }
  /** Does something, keeps what it returns or throws, and looks everywhere. */
  const look = async (what: string, doing: () => Promise<unknown>): Promise<unknown> => {
    const outcome = await doing().catch((error: unknown) => error)
    const told = [inspect(outcome, { depth: 20, showHidden: true }), JSON.stringify(outcome)]
    if (outcome instanceof Error) told.push(outcome.stack ?? '', String(outcome))
    for (const form of FORMS) {
      expect(told.join('\n').includes(form), `${what} tells ${form}`).to.equal(false)
    }
    said.push(`${what}: ${outcome instanceof Error ? (outcome as { code?: string }).code : 'done'}`)
    return outcome
  }
  const expectNowhere = (place: string): void => {
    for (const name of readdirSync(place, { recursive: true, encoding: 'utf8' })) {
      const path = join(place, name)
      if (statSync(path, { throwIfNoEntry: false })?.isFile()) expectFree(path, readFileSync(path))
      if (!/\.git$/.test(name)) continue
      const args = ['cat-file', '--batch', '--batch-all-objects', '--unordered']
      expectFree(`the objects of ${name}`, gitBytes(path, args))
    }
  }
  const expectFree = (where: string, bytes: Buffer): void => {
    for (const form of FORMS) expect(bytes.includes(form), `${where} has ${form}`).to.equal(false)
  }

  it('are on no disk and in no error, whatever is done with a remote', async () => {
    const url = `${server.url}/origin.git`
    const withPassword = `http://ada:${encodeURIComponent(PASSWORD)}@${server.host}/origin.git`
    const withWrong = `http://ada:${WRONG}@${server.host}/origin.git`
    const nobody = `http://ada:${WRONG}@127.0.0.1:1/origin.git`
    const credential = { username: 'ada', password: PASSWORD }
    const byToken = makeRemoteHost({ env: gitEnvironment({ RUNTREE_TOKEN: TOKEN }) })
    const ada = openAs(makeRemoteHost())
    await startProject(ada)
    await look('add', () => ada.remotes.add('origin', withPassword))
    await look('push', () => ada.push({ credential }))
    await look('push without', () => ada.push())
    await look('push wrong', () => ada.push({ credential: { username: 'ada', password: WRONG } }))
    const bob = openAs(byToken)
    await look('clone by token', () => bob.clone(url))
    await look('fetch', () => bob.pull())
    const fields = { in: 'vision/train', name: 'one' }
    await look('put', () => bob.put({ kind: 'run', fields }, { remote: 'origin' }))
    await look('get', () => ada.get('vision/train', { maxAgeMs: 0, credential }))
    await look('inspect', () => bob.remotes.info(withPassword))
    const eve = openAs(makeRemoteHost())
    await look('clone wrong', () => eve.clone(withWrong))
    await look('clone unreachable', () => eve.clone(nobody))
    await look('clone sent on', () =>
      eve.clone(`http://ada:${encodeURIComponent(PASSWORD)}@${server.host}/sent-on/origin.git`)
    )
    await look('clone nothing', () => eve.clone(withPassword.replace('origin', 'none')))
    await look('get by address', () => eve.get(`${withPassword}#vision/train`))
    await look('clone', () => eve.clone(withPassword))
    await look('status', () => eve.status())
    await look('verify', () => eve.verify({ repair: true }))
    expect(said).to.include.members([
      'push: done',
      'push without: REMOTE_UNAUTHORIZED',
      'push wrong: REMOTE_UNAUTHORIZED',
      'clone by token: done',
      'put: done',
      'clone wrong: REMOTE_UNAUTHORIZED',
      'clone unreachable: REMOTE_UNREACHABLE',
      'clone sent on: REMOTE_UNAUTHORIZED',
      'clone nothing: REMOTE_NOT_FOUND',
      'clone: done'
    ])
    expectNowhere(folder)
  })

  it('are not printed', async () => {
    const bench = await openWorkbench()
    try {
      const address = `http://ada:${encodeURIComponent(PASSWORD)}@${server.host}/origin.git`
      const env = { RUNTREE_DEBUG: '1' }
      for (const [args, more, status] of [
        [['clone', address], {}, 0],
        [['push'], { RUNTREE_TOKEN: TOKEN }, 0],
        [['pull'], { RUNTREE_USERNAME: 'ada', RUNTREE_PASSWORD: WRONG }, 5]
      ] as const) {
        const called = await bench.call(args, { env: { ...env, ...more } })
        expect(called.status, `${args[0]}: ${called.err}`).to.equal(status)
        expectFree(`what ${args[0]} prints`, Buffer.from(called.out + called.err))
      }
      expectNowhere(join(bench.folder, '..'))
    } finally {
      await bench.remove()
    }
  })
})
