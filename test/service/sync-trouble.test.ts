import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect } from 'chai'

import type { ExchangeOptions } from '../../src/service/sync.ts'
import { git, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { type GitHttpOptions, type GitHttpServer, Servers } from '../support/http-server.ts'
import { needsProgram } from '../support/programs.ts'
import { addCommits, listRefs, makeOrigin, makeRemoteHost, writeHook } from '../support/remotes.ts'
import {
  expectSame,
  lsRemote,
  type Member,
  makeEmptyOrigin,
  openMember,
  startProject,
  statuses
} from '../support/team.ts'
import { failure } from '../support/workspaces.ts'

const SECRET = 's3cret-w0rd'
const WRONG = 'wr0ng-s3cret'
const USERS = {
  ada: { password: SECRET, mayPush: true },
  bob: { password: 'b0b-s3cret', mayPush: false }
}
const ADA = { credential: { username: 'ada', password: SECRET } }

describe('a remote that is no good', () => {
  let folder: string
  let origin: string
  let ada: Member
  const servers = new Servers()

  beforeEach(async () => {
    folder = makeTempFolder()
    origin = `${folder}/origin.git`
    makeEmptyOrigin(origin)
    ada = openMember(makeRemoteHost())
    await startProject(ada.workspace)
  })
  afterEach(async () => {
    await servers.close()
    await ada.close()
    removeTempFolder(folder)
  })

  const serve = (options: GitHttpOptions = {}): Promise<GitHttpServer> =>
    servers.serve(folder, options)
  const answer =
    (status: number, type: string, text: string) =>
    (_: IncomingMessage, response: ServerResponse): boolean => {
      response.writeHead(status, { 'content-type': type }).end(text)
      return true
    }

  /** Expects that push, pull and clone fail alike, and that neither side has anything of it. */
  const expectCode = async (
    code: string | readonly string[],
    url: string,
    options: ExchangeOptions = {},
    ways: readonly ('push' | 'pull' | 'clone')[] = ['push', 'pull', 'clone']
  ): Promise<void> => {
    await ada.workspace.remotes.add('bad', url)
    const [here, there] = [listRefs(ada.repository), listRefs(origin)]
    for (const way of ways) {
      const doing =
        way === 'clone'
          ? ada.workspace.clone(url, options)
          : ada.workspace[way]({ remote: 'bad', ...options })
      const error = await failure(doing)
      expect(error.code, `${way}: ${error.message}`).to.be.oneOf([code].flat())
      expect(inspect(error, { depth: 20 }) + JSON.stringify(error)).to.not.match(SECRETS)
      expect(listRefs(ada.repository), way).to.deep.equal(here)
      expect(listRefs(origin), way).to.deep.equal(there)
      expect(await ada.store.projects(), way).to.deep.equal(['vision'])
    }
    await ada.workspace.remotes.remove('bad')
    expectNoSecret(ada.folder)
  }
  /** Expects that nothing of it stands in the way of the next attempt. */
  const expectNextWorks = async (): Promise<void> => {
    await ada.workspace.remotes.add('good', origin)
    const pushed = await ada.workspace.push({ remote: 'good' })
    expect(statuses(pushed)).to.deep.equal({ main: 'new', 'experiments/train': 'new' })
    expectSame(origin, [ada])
  }

  it('refuses the password', async () => {
    const { url, host } = await serve({ users: USERS })
    const wrong = { credential: { username: 'ada', password: WRONG } }
    await expectCode('REMOTE_UNAUTHORIZED', `${url}/origin.git`, wrong)
    await expectCode('REMOTE_UNAUTHORIZED', `http://ada:${WRONG}@${host}/origin.git`)
    await ada.workspace.remotes.add('good', `http://ada:${SECRET}@${host}/origin.git`)
    const [remote] = await ada.workspace.remotes.list()
    expect(remote?.url).to.equal(`${url}/origin.git`)
    await ada.workspace.push({ remote: 'good', ...ADA })
    expectSame(origin, [ada])
    expectNoSecret(folder)
    expectNoSecret(ada.folder)
    const record = await ada.workspace.experiments.get('vision/train')
    expect(JSON.stringify(record)).to.not.match(SECRETS)
  })

  it('may only be read: it is pulled from and not pushed to', async () => {
    const { url } = await serve({ users: USERS })
    const bob = { credential: { username: 'bob', password: 'b0b-s3cret' } }
    await expectCode('REMOTE_FORBIDDEN', `${url}/origin.git`, bob, ['push'])
    await expectNextWorks()
    await ada.workspace.remotes.add('reading', `${url}/origin.git`)
    const pulled = await ada.workspace.pull({ remote: 'reading', ...bob })
    expect(Object.values(statuses(pulled))).to.deep.equal(['unchanged', 'unchanged'])
    const info = await ada.workspace.remotes.info('reading', bob)
    expect(info).to.include({ isReachable: true, mayRead: true, mayPush: false, isProject: true })
    expect(info.experiments).to.deep.equal(['train'])
    expect(info.problems.map(({ code }) => code)).to.deep.equal(['REMOTE_FORBIDDEN'])
  })

  it('has no such repository, over http and in a folder', async () => {
    const { url } = await serve()
    await expectCode('REMOTE_NOT_FOUND', `${url}/nowhere.git`)
    await expectCode('REMOTE_NOT_FOUND', `${folder}/nowhere.git`)
    await expectNextWorks()
  })

  it('answers with a page', async () => {
    const { url } = await serve({ intercept: answer(200, 'text/html', '<title>Hi</title>') })
    await expectCode('REMOTE_NOT_GIT', `${url}/origin.git`)
    await expectNextWorks()
  })

  it('has no address, does not listen, or says nothing', async () => {
    await expectCode('REMOTE_UNREACHABLE', 'http://no-such-host.invalid/a.git')
    const { url } = await serve()
    await servers.close()
    await expectCode('REMOTE_UNREACHABLE', `${url}/origin.git`)
    const silent = await serve({ intercept: () => true })
    await expectCode('REMOTE_TIMEOUT', `${silent.url}/origin.git`, { connectTimeoutMs: 100 })
    await expectNextWorks()
  })

  it('falls silent in the middle', async () => {
    await expectNextWorks()
    const { url } = await serve({
      intercept: (request, response) => {
        if (request.method !== 'POST') return false
        const service = request.url?.split('/').at(-1)
        response.writeHead(200, { 'content-type': `application/x-${service}-result` })
        response.write('0008NAK\n')
        return true
      }
    })
    await expectCode('REMOTE_TIMEOUT', `${url}/origin.git`, { silenceTimeoutMs: 100 }, ['clone'])
  })

  it('bears a certificate of another', async function () {
    needsProgram(this, 'openssl')
    const [key, cert] = [`${folder}/key.pem`, `${folder}/cert.pem`]
    const args = 'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other -keyout'.split(' ')
    spawnSync('openssl', [...args, key, '-out', cert])
    const { url, requests } = await serve({
      tls: { key: readFileSync(key), cert: readFileSync(cert) }
    })
    await expectCode('REMOTE_CERTIFICATE', `${url}/origin.git`, ADA)
    expect(requests).to.deep.equal([])
    await expectNextWorks()
  })

  it('holds something else: code on main, code on another branch', async () => {
    const code = `${folder}/code.git`
    makeOrigin(code)
    const before = listRefs(code)
    await expectCode('STORE_NOT_A_PROJECT_THERE', code)
    git(code, ['branch', '-m', 'main', 'trunk'])
    await expectCode('STORE_NOT_A_PROJECT_THERE', code)
    expect(Object.values(listRefs(code))).to.deep.equal(Object.values(before))
    await expectNextWorks()
  })

  it('has a project whose record can’t be read, which is said with its place', async () => {
    await expectNextWorks()
    const env = { GIT_INDEX_FILE: `${folder}/index` }
    const run = (args: readonly string[], input = ''): string =>
      git(origin, args, { env, input }).trim()
    run(['read-tree', 'main'])
    const blob = run(['hash-object', '-w', '--stdin'], 'id: [')
    run(['update-index', '--add', '--cacheinfo', `100644,${blob},project.yaml`])
    const commit = run(['commit-tree', '-p', 'main', '-m', 'by hand', run(['write-tree'])])
    run(['update-ref', 'refs/heads/main', commit])
    await expectCode('STORE_RECORD_THERE', origin, {}, ['pull', 'clone'])
    const error = await failure(ada.workspace.clone(origin))
    expect(error.message).to.include(`main of the repository ${origin}`).and.include('line 1')
  })

  it('is empty, where something is to be brought from', async () => {
    await expectCode('STORE_NOT_A_PROJECT_THERE', origin, {}, ['clone'])
    await expectNextWorks()
  })

  it('holds another project, which join takes in', async () => {
    const other = openMember(makeRemoteHost())
    await startProject(other.workspace)
    await other.workspace.runs.create({ in: 'vision/train', name: 'theirs' })
    await other.workspace.remotes.add('origin', origin)
    await other.workspace.push()
    await expectCode('STORE_OTHER_PROJECT', origin, {}, ['push', 'pull'])
    await ada.workspace.remotes.add('origin', origin)
    const joined = await ada.workspace.pull({ join: true })
    expect(statuses(joined)).to.deep.equal({ main: 'merged', 'experiments/train': 'merged' })
    await ada.workspace.push()
    await other.workspace.pull()
    expectSame(origin, [ada, other])
    await other.close()
  })

  it('names its objects by SHA-256', async () => {
    const other = `${folder}/sha256.git`
    makeOrigin(other, 1, ['--object-format=sha256'])
    const { url } = await serve()
    await expectCode('REMOTE_UNSUPPORTED', other)
    await expectCode('REMOTE_UNSUPPORTED', `${url}/sha256.git`)
    await expectNextWorks()
  })

  it('has a hook that declines, whose words are told', async () => {
    const { url } = await serve()
    writeHook(origin, 'update', ['case $1 in *train) echo "Not on Fridays." >&2; exit 1;; esac'])
    await ada.workspace.remotes.add('origin', `${url}/origin.git`)
    const pushed = await ada.workspace.push()
    expect(statuses(pushed)).to.deep.equal({ main: 'new', 'experiments/train': 'rejected' })
    expect(pushed.refs.find(({ status }) => status === 'rejected')?.reason).to.match(
      /hook declined/
    )
    expect(Object.keys(lsRemote(origin))).to.deep.equal(['refs/heads/main'])
    const put = { kind: 'run', fields: { in: 'vision/train' } } as const
    const { pushed: again } = await ada.workspace.put(put, { remote: 'origin' })
    expect(again && statuses(again)).to.include({ 'experiments/train': 'rejected' })
    writeHook(origin, 'update', ['exit 0'])
    expect(statuses(await ada.workspace.push())).to.include({ 'experiments/train': 'new' })
    expectSame(origin, [ada])
  })

  it('was moved back: nothing is merged or pushed, and nothing is lost', async () => {
    await expectNextWorks()
    const ref = 'refs/heads/experiments/train'
    const first = lsRemote(origin)[ref] as string
    await ada.workspace.runs.create({ in: 'vision/train' })
    await ada.workspace.push()
    const second = lsRemote(origin)[ref]
    git(origin, ['update-ref', ref, first])
    expect(statuses(await ada.workspace.push())).to.include({ 'experiments/train': 'rewound' })
    expect(statuses(await ada.workspace.pull())).to.include({ 'experiments/train': 'rewound' })
    expect(lsRemote(origin)[ref]).to.equal(first)
    expect(listRefs(ada.repository)[ref]).to.equal(second)
    addCommits(origin, ref, 1)
    expect(statuses(await ada.workspace.pull())).to.include({ 'experiments/train': 'rewound' })
  })
})

const SECRETS = new RegExp([SECRET, WRONG, 'b0b-s3cret'].join('|'))

/** Looks for the passwords in every file below a folder, as they are and as they are sent. */
function expectNoSecret(folder: string): void {
  const sent = [SECRET, WRONG].map((word) => Buffer.from(`ada:${word}`).toString('base64'))
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (/\.pem$/.test(name)) continue
    let text = ''
    try {
      text = readFileSync(join(folder, name), 'latin1')
    } catch {
      continue
    }
    expect(text, name).to.not.match(SECRETS)
    for (const word of sent) expect(text.includes(word), name).to.equal(false)
  }
}
