import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect } from 'chai'

import type { Platform } from '../../src/base/platform.ts'
import type { Oid } from '../../src/git/objects.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'
import { createNodeRemoteHost } from '../../src/host/node/remote-host.ts'
import { remoteErrors } from '../../src/remote/errors.ts'
import { fetchRefs } from '../../src/remote/fetch.ts'
import { type OpenRemoteOptions, openRemote } from '../../src/remote/open-remote.ts'
import { type PushOutcome, pushRefs } from '../../src/remote/push.ts'
import { parseRetryAfter } from '../../src/remote/retry.ts'
import { CONNECT_TIMEOUT_MS, SILENCE_TIMEOUT_MS } from '../../src/remote/transport.ts'
import { openFaultyProxy } from '../support/faulty-proxy.ts'
import { fsck, git, gitEnvironment, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { type GitHttpOptions, type GitHttpServer, Servers } from '../support/http-server.ts'
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
import {
  type Member,
  makeEmptyOrigin,
  openMember,
  startProject,
  statuses
} from '../support/team.ts'

const MAIN = 'refs/heads/main'
/** So much is answered in another way, of requests that a test picks. */
type Answer = (request: IncomingMessage, response: ServerResponse) => boolean

describe('what fails for a moment', () => {
  let folder: string
  let origin: string
  let history: Oid[]
  let local: TestRepository
  const servers = new Servers()
  let pauses: number[]

  beforeEach(async () => {
    folder = makeTempFolder()
    origin = `${folder}/origin.git`
    history = makeOrigin(origin, 3)
    local = await makeRepository()
    pauses = []
  })
  afterEach(async () => {
    await servers.close()
    await local.close()
    removeTempFolder(folder)
  })

  const serve = (options: GitHttpOptions = {}): Promise<GitHttpServer> =>
    servers.serve(folder, options)
  /** A platform that notes pauses instead of making them; time-outs stay what they are. */
  const hasty = (): Platform => {
    const platform = createNodePlatform()
    const { timers } = platform
    const sleep: typeof timers.sleep = async (ms, signal) => {
      if (ms === CONNECT_TIMEOUT_MS || ms === SILENCE_TIMEOUT_MS) return timers.sleep(ms, signal)
      pauses.push(ms)
    }
    return { ...platform, timers: { ...timers, sleep } }
  }
  const context = () => ({ ...contextOf(local), platform: hasty() })
  const open = (url: string, options: OpenRemoteOptions = {}) => {
    const host = createNodeRemoteHost(createNodeFileSystem(), hasty(), { env: gitEnvironment() })
    return openRemote(host, local.repository.objects, url, options)
  }
  const fetchFrom = async (url: string, options: OpenRemoteOptions = {}): Promise<void> => {
    const remote = await open(url, options)
    try {
      await fetchRefs(context(), remote, { map: (ref) => ref })
    } finally {
      await remote.close()
    }
  }
  const pushTo = async (url: string, options: OpenRemoteOptions = {}): Promise<PushOutcome> => {
    const value = addCommits(local.path, MAIN, 1).at(-1) as Oid
    const remote = await open(url, options)
    try {
      const expected = history.at(-1) as Oid
      return await pushRefs(context(), remote, [{ ref: MAIN, expected, value }])
    } finally {
      await remote.close()
    }
  }
  /** Answers the first requests of a kind with a status, or by breaking off. */
  const failing = (
    times: number,
    status: number | 'reset',
    options: { readonly method?: string; readonly headers?: Record<string, string> } = {}
  ): { answer: Answer; left: number } => {
    const state = {
      left: times,
      answer: (request: IncomingMessage, response: ServerResponse): boolean => {
        if (state.left === 0 || request.method !== (options.method ?? 'GET')) return false
        state.left--
        if (status === 'reset') response.destroy()
        else
          response.writeHead(status, { 'content-type': 'text/html', ...options.headers }).end('no')
        return true
      }
    }
    return state
  }

  describe('is asked again', () => {
    for (const [title, status, method] of [
      ['a list of refs that breaks off', 'reset', 'GET'],
      ['a server that has no time for refs', 503, 'GET'],
      ['a pack that breaks off', 'reset', 'POST'],
      ['a proxy without its server', 502, 'POST']
    ] as const) {
      it(title, async () => {
        const { answer } = failing(2, status, { method })
        const { url } = await serve({ intercept: answer })
        await fetchFrom(`${url}/origin.git`)
        expect(listRefs(local.path)).to.deep.equal({ [MAIN]: history.at(-1) })
        expect(pauses).to.have.length(2)
        expect(pauses[0]).to.be.within(125, 250)
        expect(pauses[1]).to.be.within(250, 500)
      })
    }

    it('after as long as the server says, in seconds or by a date', async () => {
      for (const [header, least, most] of [
        ['7', 7000, 7000],
        [new Date(Date.now() + 9000).toUTCString(), 1000, 9000]
      ] as const) {
        pauses = []
        const { answer } = failing(1, 429, { headers: { 'retry-after': header } })
        const { url } = await serve({ intercept: answer })
        await fetchFrom(`${url}/origin.git`)
        expect(pauses).to.have.length(1)
        expect(pauses[0]).to.be.within(least, most)
      }
    })

    it('but not where the server asks for more patience than anybody has', async () => {
      const { answer } = failing(9, 429, { headers: { 'retry-after': '120' } })
      const { url, requests } = await serve({ intercept: answer })
      const error = await failureOf(fetchFrom(`${url}/origin.git`))
      expect(remoteErrors.is(error, 'REMOTE_HTTP') && error.data).to.deep.include({
        status: 429,
        retryAfterMs: 120_000
      })
      expect((error as Error).message).to.include('try again in 120 s')
      expect(requests).to.have.length(1)
    })

    it('as often as it is told to, and no more', async () => {
      for (const [retries, asked] of [
        [undefined, 3],
        [0, 1],
        [4, 5]
      ] as const) {
        const { answer } = failing(99, 503)
        const { url, requests } = await serve({ intercept: answer })
        const options = retries === undefined ? {} : { retries }
        expect(await codeOf(fetchFrom(`${url}/origin.git`, options))).to.equal('REMOTE_HTTP')
        expect(requests).to.have.length(asked)
      }
    })

    it('but not what will be the same in a moment', async () => {
      for (const status of [400, 401, 403, 404, 500, 501]) {
        const { answer } = failing(1, status)
        const { url, requests } = await serve({ intercept: answer })
        expect(await codeOf(fetchFrom(`${url}/origin.git`)), `${status}`).to.match(/^REMOTE_/)
        expect(requests, `${status}`).to.have.length(1)
      }
    })

    it('reads Retry-After, and nothing else', () => {
      const now = Date.UTC(2026, 10, 29, 12, 0, 0)
      const cases: readonly [string | undefined, number | undefined][] = [
        ['0', 0],
        [' 5 ', 5000],
        ['Sun, 29 Nov 2026 12:00:30 GMT', 30_000],
        ['Sun, 29 Nov 2026 11:00:00 GMT', 0],
        ['soon', undefined],
        ['-1', undefined],
        ['1.5', undefined],
        ['Never, 99 Foo', undefined],
        ['99999999999', undefined],
        [undefined, undefined]
      ]
      for (const [header, ms] of cases) expect(parseRetryAfter(header, now), header).to.equal(ms)
    })
  })

  describe('in a push is sent again only after the refs were read', () => {
    it('when nothing of it was taken', async () => {
      for (const status of ['reset', 502] as const) {
        history = git(origin, ['rev-list', '--reverse', MAIN]).trim().split('\n')
        const { answer } = failing(1, status, { method: 'POST' })
        let isPushing = false
        const { url, requests } = await serve({
          intercept: (request, response) => isPushing && answer(request, response)
        })
        await fetchFrom(`${url}/origin.git`)
        requests.splice(0)
        isPushing = true
        const outcome = await pushTo(`${url}/origin.git`)
        expect(outcome.refs.get(MAIN)).to.deep.equal({ status: 'ok' })
        expect(requests.map(({ line }) => line.replace('/origin.git/', ''))).to.deep.equal([
          'GET info/refs?service=git-receive-pack',
          'POST git-receive-pack',
          'GET info/refs?service=git-upload-pack',
          'GET info/refs?service=git-receive-pack',
          'POST git-receive-pack'
        ])
        expect(listRefs(origin)).to.deep.equal(listRefs(local.path))
        expect(fsck(origin)).to.equal('')
      }
    })

    it('and not when the server will not take it either way', async () => {
      for (const status of [401, 403, 404, 413, 500]) {
        history = git(origin, ['rev-list', '--reverse', MAIN]).trim().split('\n')
        const state = failing(0, status, { method: 'POST' })
        const { url, requests } = await serve({ intercept: state.answer })
        await fetchFrom(`${url}/origin.git`)
        const before = listRefs(origin)
        state.left = 1
        const posts = (): number => requests.filter(({ line }) => /POST.*receive/.test(line)).length
        const error = await failureOf(pushTo(`${url}/origin.git`))
        expect((error as { code?: string }).code, `${status}`).to.match(
          /^REMOTE_(HTTP|UNAUTHORIZED|FORBIDDEN|NOT_FOUND)$/
        )
        expect(posts()).to.equal(1)
        expect(listRefs(origin)).to.deep.equal(before)
        git(local.path, ['update-ref', MAIN, history.at(-1) as string])
        expect((await pushTo(`${url}/origin.git`)).refs.get(MAIN)).to.deep.equal({ status: 'ok' })
      }
    })

    it('and a page in place of an answer is no answer', async () => {
      let isPage = false
      const { url } = await serve({
        intercept: (request, response) => {
          if (!isPage || request.method !== 'POST') return false
          response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Sign in</title>')
          return true
        }
      })
      isPage = true
      expect(await codeOf(fetchFrom(`${url}/origin.git`))).to.equal('REMOTE_NOT_GIT')
      expect(listRefs(local.path)).to.deep.equal({})
      isPage = false
      await fetchFrom(`${url}/origin.git`)
      isPage = true
      expect(await codeOf(pushTo(`${url}/origin.git`))).to.equal('REMOTE_NOT_GIT')
      expect(listRefs(origin)).to.deep.equal({ [MAIN]: history.at(-1) })
    })
  })

  it('is not taken for slow: what comes late comes', async () => {
    const { host } = await serve()
    const proxy = servers.keep(await openFaultyProxy(host))
    proxy.delayMs = 30
    await fetchFrom(`${proxy.url}/origin.git`)
    expect(listRefs(local.path)).to.deep.equal({ [MAIN]: history.at(-1) })
  })

  describe('when the answer of a push is lost', () => {
    let member: Member
    let isLost: boolean
    /** What somebody does there between the push and its answer. */
    let meanwhile: (repository: string) => void

    beforeEach(async () => {
      isLost = false
      makeEmptyOrigin(`${folder}/project.git`)
      const { url } = await serve({
        rewrite: (request, body) => {
          if (!isLost || !/POST.*receive-pack/.test(`${request.method} ${request.url}`))
            return { body }
          isLost = false
          meanwhile(`${folder}/project.git`)
          return { body: Buffer.alloc(0), isBroken: true }
        }
      })
      member = openMember(makeRemoteHost())
      await startProject(member.workspace)
      await member.workspace.remotes.add('origin', `${url}/project.git`)
      await member.workspace.push()
    })
    afterEach(() => member.close())

    const TRAIN = 'refs/heads/experiments/train'
    const pushLosing = async (): Promise<string | undefined> => {
      await member.workspace.runs.create({ in: 'vision/train' })
      isLost = true
      const report = await member.workspace.push({ retries: 0 })
      expect(isLost).to.equal(false)
      return statuses(report)['experiments/train']
    }

    it('the ref, read again, says that it was taken', async () => {
      meanwhile = () => undefined
      expect(await pushLosing()).to.equal('updated')
      expect(listRefs(`${folder}/project.git`)[TRAIN]).to.equal(listRefs(member.repository)[TRAIN])
    })

    it('it was taken, too, if somebody went on from there', async () => {
      meanwhile = (repository) => {
        const tree = git(repository, ['rev-parse', `${TRAIN}^{tree}`]).trim()
        const args = ['commit-tree', '-p', TRAIN, '-m', 'theirs', tree]
        git(repository, ['update-ref', TRAIN, git(repository, args).trim()])
      }
      expect(await pushLosing()).to.equal('updated')
      const there = listRefs(`${folder}/project.git`)[TRAIN]
      expect(listRefs(member.repository)[TRAIN]).to.equal(there)
      expect(git(member.repository, ['log', '-1', '--format=%s', TRAIN]).trim()).to.equal('theirs')
    })

    it('it was not taken if somebody moved the ref away, and is merged and sent again', async () => {
      meanwhile = (repository) => {
        const before = `${TRAIN}~`
        const tree = git(repository, ['rev-parse', `${before}^{tree}`]).trim()
        const args = ['commit-tree', '-p', before, '-m', 'theirs', tree]
        git(repository, ['update-ref', TRAIN, git(repository, args).trim()])
      }
      expect(await pushLosing()).to.equal('merged')
      const there = listRefs(`${folder}/project.git`)[TRAIN] as string
      expect(listRefs(member.repository)[TRAIN]).to.equal(there)
      const names = git(`${folder}/project.git`, ['ls-tree', '-r', '--name-only', there])
      expect(names).to.match(/run\.yaml/)
    })
  })
})
