import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import { expect } from 'chai'

import type { Oid } from '../../src/git/objects.ts'
import { remoteErrors } from '../../src/remote/errors.ts'
import { fetchRefs } from '../../src/remote/fetch.ts'
import { type OpenRemoteOptions, openRemote } from '../../src/remote/open-remote.ts'
import { checkPushed, type PushOutcome, pushRefs } from '../../src/remote/push.ts'
import { readRemoteInfo } from '../../src/remote/remote-info.ts'
import { fsck, git, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { type GitHttpOptions, type GitHttpServer, Servers } from '../support/http-server.ts'
import { needsProgram } from '../support/programs.ts'
import {
  addCommits,
  codeOf,
  contextOf,
  failureOf,
  listRefs,
  makeOrigin,
  makeRemoteHost
} from '../support/remotes.ts'
import { makeRepository, type TestRepository } from '../support/repositories.ts'

const MAIN = 'refs/heads/main'
const SECRET = 's3cret-word'
const USERS = {
  ada: { password: SECRET, mayPush: true },
  bob: { password: 'b0b', mayPush: false }
}

describe('a web server that', () => {
  let folder: string
  let origin: string
  let local: TestRepository
  let history: Oid[]
  const servers = new Servers()

  beforeEach(async () => {
    folder = makeTempFolder()
    origin = `${folder}/origin.git`
    history = makeOrigin(origin, 5)
    local = await makeRepository()
  })
  afterEach(async () => {
    await servers.close()
    await local.close()
    removeTempFolder(folder)
  })

  const serve = (options: GitHttpOptions = {}): Promise<GitHttpServer> =>
    servers.serve(folder, options)
  const open = (url: string, options: OpenRemoteOptions = {}) =>
    openRemote(makeRemoteHost(), local.repository.objects, url, options)
  const fetchFrom = async (url: string, options: OpenRemoteOptions = {}): Promise<void> => {
    const remote = await open(url, options)
    try {
      await fetchRefs(contextOf(local), remote, { map: (ref) => ref })
    } finally {
      await remote.close()
    }
  }
  const pushTo = async (
    url: string,
    value: Oid | null,
    options: OpenRemoteOptions = {}
  ): Promise<PushOutcome> => {
    const remote = await open(url, options)
    try {
      const expected = history.at(-1) as Oid
      return await pushRefs(contextOf(local), remote, [{ ref: MAIN, expected, value }])
    } finally {
      await remote.close()
    }
  }
  const commitHere = async (): Promise<Oid> => addCommits(local.path, MAIN, 1).at(-1) as Oid
  const expectNothing = (): void => {
    expect(listRefs(local.path)).to.deep.equal({})
    expect(readdirSync(`${local.path}/objects/pack`)).to.deep.equal([])
    expect(fsck(local.path)).to.equal('')
  }
  const ada = { credential: { username: 'ada', password: SECRET } }

  describe('wants credentials', () => {
    it('gets none, and says so', async () => {
      const { url } = await serve({ users: USERS })
      const error = await failureOf(fetchFrom(`${url}/origin.git`))
      expect(remoteErrors.is(error, 'REMOTE_UNAUTHORIZED') && error.data.credentials).to.equal(
        'none'
      )
      expectNothing()
      await fetchFrom(`${url}/origin.git`, ada)
      expect(listRefs(local.path)).to.deep.equal({ [MAIN]: history.at(-1) })
    })

    it('refuses wrong ones, which no error shows', async () => {
      const { url, host } = await serve({ users: USERS })
      const wrong = { credential: { username: 'ada', password: 'wr0ng-secret' } }
      for (const fail of [
        () => fetchFrom(`${url}/origin.git`, wrong),
        () => fetchFrom(`http://ada:wr0ng-secret@${host}/origin.git`)
      ]) {
        const error = await failureOf(fail())
        expect(remoteErrors.is(error, 'REMOTE_UNAUTHORIZED') && error.data.credentials).to.equal(
          'refused'
        )
        const shown = inspect(error, { depth: 20 }) + JSON.stringify(error)
        expect(shown).to.not.match(/wr0ng-secret|YWRhOn/)
      }
      expectNothing()
    })

    it('takes them from the address, a token and the environment', async () => {
      const { url, host, requests } = await serve({
        users: { ...USERS, token: { password: 't0ken', mayPush: true } }
      })
      await fetchFrom(`http://ada:${SECRET}@${host}/origin.git`)
      await fetchFrom(`${url}/origin.git`, { credential: { token: 't0ken' } })
      const env = { ...process.env, RUNTREE_TOKEN: 't0ken' }
      const remote = await openRemote(
        makeRemoteHost({ env }),
        local.repository.objects,
        `${url}/origin.git`
      )
      expect((await remote.list('push')).refs.get(MAIN)).to.equal(history.at(-1))
      await remote.close()
      expect(remote.url).to.equal(`${url}/origin.git`)
      expect(requests[0]?.authorization).to.equal(undefined)
    })

    it('refuses a credential that would end its field', async () => {
      const { url } = await serve({ users: USERS })
      const credential = { username: 'ada\nhost=evil', password: 'x' }
      const code = await codeOf(fetchFrom(`${url}/origin.git`, { credential }))
      expect(code).to.equal('REMOTE_CREDENTIAL')
    })

    it('lets somebody read only', async () => {
      const { url } = await serve({ users: USERS })
      const bob = { credential: { username: 'bob', password: 'b0b' } }
      await fetchFrom(`${url}/origin.git`, bob)
      const error = await failureOf(pushTo(`${url}/origin.git`, await commitHere(), bob))
      expect(remoteErrors.is(error, 'REMOTE_FORBIDDEN') && error.data).to.deep.include({
        action: 'write',
        detail: 'You may only read here'
      })
      const remote = await open(`${url}/origin.git`, bob)
      const info = await readRemoteInfo(remote, local.platform)
      expect([info.isReachable, info.mayRead, info.mayPush]).to.deep.equal([true, true, false])
      expect(info.pushFailure?.code).to.equal('REMOTE_FORBIDDEN')
      expect(listRefs(origin)).to.deep.equal({ [MAIN]: history.at(-1) })
    })
  })

  describe('is none of git', () => {
    const answer =
      (status: number, type: string, text: string) =>
      (_: IncomingMessage, response: ServerResponse): boolean => {
        response.writeHead(status, { 'content-type': type }).end(text)
        return true
      }

    it('answers with a page', async () => {
      const page = '<html><title>Welcome\u0007 here</title><body>…</body></html>'
      const { url } = await serve({ intercept: answer(200, 'text/html', page) })
      const error = await failureOf(fetchFrom(`${url}/origin.git`))
      expect(remoteErrors.is(error, 'REMOTE_NOT_GIT') && error.data.preview).to.equal(
        'Welcome here'
      )
      expectNothing()
    })

    it('answers with a status of its own', async () => {
      for (const [status, code] of [
        [403, 'REMOTE_FORBIDDEN'],
        [404, 'REMOTE_NOT_FOUND'],
        [429, 'REMOTE_HTTP'],
        [502, 'REMOTE_HTTP']
      ] as const) {
        const { url } = await serve({ intercept: answer(status, 'text/html', '<p>no</p>') })
        expect(await codeOf(fetchFrom(`${url}/origin.git`))).to.equal(code)
      }
    })

    it('answers with something else under git’s name', async () => {
      const type = 'application/x-git-upload-pack-advertisement'
      for (const [text, code] of [
        ['', 'REMOTE_PROTOCOL'],
        ['hello', 'REMOTE_PROTOCOL'],
        ['001e# service=git-upload-pack\n0000', 'REMOTE_PROTOCOL'],
        ['001e# service=git-upload-pack\n00000003', 'REMOTE_PROTOCOL'],
        ['001e# service=git-upload-pack\n00000011ERR no entry.', 'REMOTE_SAID']
      ] as const) {
        const { url } = await serve({ intercept: answer(200, type, text) })
        expect(await codeOf(fetchFrom(`${url}/origin.git`)), text).to.equal(code)
      }
    })
  })

  it('cuts off the list of refs is not believed', async () => {
    for (let ref = 0; ref < 5; ref++) addCommits(origin, `refs/heads/branch-${ref}`, 1)
    let keep = 0
    const { url } = await serve({
      rewrite: (_, body) => ({ body: keep === 0 ? body : body.subarray(0, keep) })
    })
    const whole = await (await fetch(`${url}/origin.git/info/refs?service=git-upload-pack`)).text()
    for (let at = 4; at < whole.length; ) {
      keep = at
      expect(await codeOf(fetchFrom(`${url}/origin.git`)), `${at}`).to.equal('REMOTE_PROTOCOL')
      at += Math.max(4, Number.parseInt(whole.slice(at, at + 4), 16) || 4)
    }
    expectNothing()
    keep = 0
    await fetchFrom(`${url}/origin.git`)
  })

  it('cuts or changes the objects is found out, and nothing of them stays', async () => {
    let change: (body: Buffer) => { body: Buffer; isBroken?: boolean } = (body) => ({ body })
    let size = 0
    const { url } = await serve({
      rewrite: (request, body) => {
        if (request.method !== 'POST') return { body }
        size = body.length
        return change(body)
      }
    })
    // Enough that it takes more than one packet.
    const noise = randomBytes(100_000)
    const blob = git(origin, ['hash-object', '-w', '--stdin'], { input: noise }).trim()
    git(origin, ['update-ref', 'refs/noise/x', blob])
    const starts = dataPackets
    const attempts: ((body: Buffer) => { body: Buffer; isBroken?: boolean })[] = []
    for (let part = 1; part < 12; part++) {
      attempts.push((body) => ({ body: body.subarray(0, (body.length * part) / 12) }))
      attempts.push((body) => ({
        body: body.subarray(0, (body.length * part) / 12),
        isBroken: true
      }))
      attempts.push((body) => {
        const copy = Buffer.from(body)
        // What the server says of its progress may be anything.
        const start = body.indexOf('PACK')
        const at = start + Math.floor(((body.length - 4 - start) * part) / 12)
        copy[at] = (copy[at] as number) ^ 0x41
        return { body: copy }
      })
    }
    // At the edge of a packet the stream looks whole; with and without the flush that ends it.
    for (const index of [-1, -2]) {
      attempts.push((body) => ({ body: body.subarray(0, starts(body).at(index)) }))
      attempts.push((body) => ({
        body: Buffer.concat([body.subarray(0, starts(body).at(index)), Buffer.from('0000')])
      }))
    }
    attempts.push((body) => ({
      body: Buffer.concat([body.subarray(0, starts(body)[0]), Buffer.from('000f\u0003fatal: no')])
    }))
    for (const [index, attempt] of attempts.entries()) {
      change = attempt
      const code = await codeOf(fetchFrom(`${url}/origin.git`))
      expect(code, `attempt ${index}`).to.match(
        /^REMOTE_(PROTOCOL|PACK_DAMAGED|PACK_INCOMPLETE|SAID|UNREACHABLE)$/
      )
      expect(listRefs(local.path)).to.deep.equal({})
      expect(readdirSync(`${local.path}/objects/pack`)).to.deep.equal([])
    }
    expect(size).to.be.above(70_000)
    change = (body) => ({ body })
    await fetchFrom(`${url}/origin.git`)
    expect(listRefs(local.path)).to.deep.equal(listRefs(origin))
    expect(fsck(local.path)).to.equal('')
  })

  it('breaks off before it answers a push is asked what became of it', async () => {
    let isLost = false
    const { url } = await serve({
      rewrite: (request, body) =>
        isLost && request.method === 'POST'
          ? { body: body.subarray(0, 3), isBroken: true }
          : { body }
    })
    await fetchFrom(`${url}/origin.git`)
    const head = await commitHere()
    isLost = true
    const outcome = await pushTo(`${url}/origin.git`, head)
    expect(outcome.refs.get(MAIN)).to.deep.equal({ status: 'ok' })
    expect(listRefs(origin)).to.deep.equal({ [MAIN]: head })
    expect(fsck(origin)).to.equal('')
  })

  it('breaks off before it answers, and before it does anything, has taken nothing', async () => {
    let isLost = false
    const { url } = await serve({
      intercept: (request, response) => {
        if (!isLost || request.method !== 'POST') return false
        response.destroy()
        return true
      }
    })
    await fetchFrom(`${url}/origin.git`)
    const head = await commitHere()
    isLost = true
    expect(await codeOf(pushTo(`${url}/origin.git`, head))).to.equal('REMOTE_UNREACHABLE')
    isLost = false
    const outcome = await pushTo(`${url}/origin.git`, head)
    expect(() => checkPushed({ url }, outcome)).to.not.throw()
    expect(listRefs(origin)).to.deep.equal({ [MAIN]: head })
  })

  it('is gone after a push leaves it open what became of it', async () => {
    let isGone = false
    const { url } = await serve({
      intercept: (_, response) => {
        if (isGone) response.writeHead(503).end()
        return isGone
      },
      rewrite: (request, body) => {
        if (request.method !== 'POST' || !/receive-pack/.test(request.url ?? '')) return { body }
        isGone = true
        return { body: Buffer.alloc(0), isBroken: true }
      }
    })
    await fetchFrom(`${url}/origin.git`)
    const code = await codeOf(pushTo(`${url}/origin.git`, await commitHere()))
    expect(code).to.equal('REMOTE_UNKNOWN_OUTCOME')
  })

  it('does not take what is pushed is an error for who wants one', async () => {
    const { url } = await serve()
    await fetchFrom(`${url}/origin.git`)
    const refs = (status: object) => ({
      refs: new Map([[MAIN, status as never]]),
      messages: [],
      sentBytes: 0,
      objects: 0
    })
    const codeFor = (status: object): unknown => {
      try {
        return checkPushed({ url }, refs(status))
      } catch (error) {
        return (error as { code?: unknown }).code
      }
    }
    expect(codeFor({ status: 'stale', found: undefined })).to.equal('REMOTE_STALE')
    expect(codeFor({ status: 'rejected', reason: 'no' })).to.equal('REMOTE_REJECTED')
    expect(codeFor({ status: 'ok' })).to.equal(undefined)
  })

  describe('does not answer', () => {
    it('at all', async () => {
      const { url } = await serve({ intercept: () => true })
      const error = await failureOf(fetchFrom(`${url}/origin.git`, { connectTimeoutMs: 150 }))
      expect(remoteErrors.is(error, 'REMOTE_TIMEOUT') && error.data).to.deep.include({
        phase: 'connect',
        timeoutMs: 150
      })
      expectNothing()
      const remote = await open(`${url}/origin.git`)
      const info = await readRemoteInfo(remote, local.platform, { timeoutMs: 150 })
      expect([info.isReachable, info.mayRead, info.mayPush]).to.deep.equal([false, false, false])
      expect(info.readFailure?.code).to.equal('REMOTE_TIMEOUT')
    })

    it('any more', async () => {
      const silent = (request: IncomingMessage, response: ServerResponse): boolean => {
        if (request.method !== 'POST') return false
        response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' })
        response.write('0008NAK\n')
        return true
      }
      const { url } = await serve({ intercept: silent })
      const error = await failureOf(fetchFrom(`${url}/origin.git`, { silenceTimeoutMs: 150 }))
      expect(remoteErrors.is(error, 'REMOTE_TIMEOUT') && error.data.phase).to.equal('silence')
      expectNothing()
    })

    it('until the caller has enough', async () => {
      const controller = new AbortController()
      const reason = new TypeError('enough')
      const { url } = await serve({
        intercept: () => {
          controller.abort(reason)
          return true
        }
      })
      const failure = await failureOf(fetchFrom(`${url}/origin.git`, { signal: controller.signal }))
      expect(failure).to.equal(reason)
    })

    it('because nobody listens', async () => {
      const { url } = await serve()
      await servers.close()
      const error = await failureOf(fetchFrom(`${url}/origin.git`))
      expect(remoteErrors.is(error, 'REMOTE_UNREACHABLE') && error.data.cause).to.equal('refused')
    })

    it('because its name is unknown', async () => {
      const error = await failureOf(fetchFrom('http://no-such-host.invalid/origin.git'))
      expect(remoteErrors.is(error, 'REMOTE_UNREACHABLE') && error.data.cause).to.equal('name')
    })

    it('because nothing may go over the network', async () => {
      const offline = { offline: true }
      expect(await codeOf(fetchFrom('http://a.invalid/b', offline))).to.equal('REMOTE_OFFLINE')
      expect(await codeOf(fetchFrom('a.invalid:b', offline))).to.equal('REMOTE_OFFLINE')
      await fetchFrom(origin, offline)
    })
  })

  it('bears a certificate of nobody’s is not trusted', async function () {
    needsProgram(this, 'openssl')
    const files = { key: `${folder}/key.pem`, cert: `${folder}/cert.pem` }
    const args = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=other'
    ]
    spawnSync('openssl', [...args, '-keyout', files.key, '-out', files.cert])
    const tls = { key: readFileSync(files.key), cert: readFileSync(files.cert) }
    const { url, requests } = await serve({ tls })
    expect(await codeOf(fetchFrom(`${url}/origin.git`, ada))).to.equal('REMOTE_CERTIFICATE')
    expect(requests).to.deep.equal([])
  })

  describe('sends on', () => {
    const sendOn =
      (to: (url: string) => string, status = 301) =>
      (request: IncomingMessage, response: ServerResponse): boolean => {
        if (!request.url?.startsWith('/old')) return false
        response.writeHead(status, { location: to(request.url.slice(4)) }).end()
        return true
      }

    it('to another path is followed, and all else goes there at once', async () => {
      const { url, requests } = await serve({
        users: USERS,
        intercept: sendOn((rest) => rest, 302)
      })
      await fetchFrom(`${url}/old/origin.git`, ada)
      const outcome = await pushTo(`${url}/old/origin.git`, await commitHere(), ada)
      expect(outcome.refs.get(MAIN)).to.deep.equal({ status: 'ok' })
      const posts = requests.filter(({ line }) => line.startsWith('POST')).map(({ line }) => line)
      expect(posts).to.deep.equal([
        'POST /origin.git/git-upload-pack',
        'POST /origin.git/git-receive-pack'
      ])
    })

    it('to another host gets no credentials there', async () => {
      const other = await serve()
      const first = await serve({
        intercept: (request, response) => {
          if (request.headers.authorization === undefined) {
            response.writeHead(401, { 'www-authenticate': 'Basic' }).end()
          } else {
            response.writeHead(307, { location: `${other.url}${request.url}` }).end()
          }
          return true
        }
      })
      await fetchFrom(`${first.url}/origin.git`, ada)
      expect(listRefs(local.path)).to.deep.equal({ [MAIN]: history.at(-1) })
      expect(first.requests.some(({ authorization }) => authorization !== undefined)).to.equal(true)
      expect(other.requests).to.have.length(2)
      for (const { authorization } of other.requests) expect(authorization).to.equal(undefined)
    })

    it('to another host that wants credentials is not given those of the first', async () => {
      const other = await serve({ users: USERS })
      const first = await serve({ intercept: sendOn((rest) => `${other.url}${rest}`) })
      const error = await failureOf(fetchFrom(`${first.url}/old/origin.git`, ada))
      expect(remoteErrors.is(error, 'REMOTE_UNAUTHORIZED') && error.data.credentials).to.equal(
        'none'
      )
      for (const { authorization } of other.requests) expect(authorization).to.equal(undefined)
    })

    it('to files, to nowhere or on and on is not followed', async () => {
      for (const to of [`file://${origin}`, 'ext::sh', 'http://', '/old/again']) {
        const { url } = await serve({ intercept: sendOn(() => to) })
        expect(await codeOf(fetchFrom(`${url}/old/origin.git`)), to).to.equal('REMOTE_REDIRECT')
      }
      expectNothing()
    })
  })
})

/** Returns where the packets of a stream begin that bear data. */
function dataPackets(body: Buffer): number[] {
  const starts: number[] = []
  for (let at = 0; at < body.length; ) {
    if (body[at + 4] === 1) starts.push(at)
    at += Math.max(4, Number.parseInt(body.toString('latin1', at, at + 4), 16) || 4)
  }
  return starts
}
