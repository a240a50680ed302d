import { randomBytes } from 'node:crypto'
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'

import type { Oid } from '../../src/git/objects.ts'
import { fetchRefs } from '../../src/remote/fetch.ts'
import { openRemote, type RemoteHost } from '../../src/remote/open-remote.ts'
import { pushRefs } from '../../src/remote/push.ts'
import type { Remote } from '../../src/remote/remote.ts'
import { readRemoteInfo } from '../../src/remote/remote-info.ts'
import { fsck, git, makeTempFolder, removeTempFolder } from '../support/git.ts'
import {
  addCommits,
  codeOf,
  contextOf,
  listRefs,
  makeOrigin,
  writeHook
} from '../support/remotes.ts'
import { makeRepository, type TestRepository } from '../support/repositories.ts'

/** A way to reach a repository in a folder of this machine. */
export interface OpenTransport {
  readonly host: RemoteHost
  /** Returns the address under which a bare repository is reached. */
  addressOf(path: string): string
  close(): Promise<void>
}

/** What is special about a transport. */
export interface TransportTraits {
  /** Whether hooks of the repository run. */
  readonly hooks: boolean
  /** How a repository that names its objects by SHA-256 is refused. */
  readonly sha256Code: string
}

const MAIN = 'refs/heads/main'

/** Tests what every remote promises, with the git program as judge on both sides. */
export function testExchange(
  name: string,
  traits: TransportTraits,
  open: (folder: string) => Promise<OpenTransport>
): void {
  describe(`exchange: ${name}`, function () {
    this.timeout(60_000)
    let folder: string
    let transport: OpenTransport
    let origin: string
    let local: TestRepository
    let remote: Remote
    let history: Oid[]

    before(async () => {
      folder = makeTempFolder()
      transport = await open(folder)
    })
    after(async () => {
      await transport.close()
      removeTempFolder(folder)
    })
    let number = 0
    beforeEach(async () => {
      // A space and a quote have to reach the other side as they are.
      origin = `${folder}/o'rigin ${number++}.git`
      history = makeOrigin(origin)
      local = await makeRepository()
      remote = await openAt(origin)
    })
    afterEach(async () => {
      await remote.close()
      await local.close()
    })

    const openAt = (path: string): Promise<Remote> =>
      openRemote(transport.host, local.repository.objects, transport.addressOf(path))
    const track = (ref: string): string => ref.replace('refs/', 'refs/runtree/remotes/origin/')
    const fetchAll = () =>
      fetchRefs(contextOf(local), remote, { map: track, prune: 'refs/runtree/remotes/origin/' })
    const push = (...updates: { ref: string; expected: Oid | null; value: Oid | null }[]) =>
      pushRefs(contextOf(local), remote, updates)
    const checkBoth = (): void => {
      expect(fsck(local.path)).to.equal('')
      expect(fsck(origin)).to.equal('')
      const clone = makeTempFolder()
      git(clone, ['clone', '--quiet', '--bare', origin, 'clone.git'])
      expect(fsck(`${clone}/clone.git`)).to.equal('')
      removeTempFolder(clone)
    }
    /** Makes commits here on what a ref holds; returns the new head. */
    const commitHere = async (from: Oid, count = 1): Promise<Oid> => {
      git(local.path, ['update-ref', 'refs/heads/work', from])
      return addCommits(local.path, 'refs/heads/work', count).at(-1) as Oid
    }
    const packFiles = (path: string): string[] => readdirSync(`${path}/objects/pack`)

    it('lists refs of any name, and the default branch', async () => {
      git(origin, ['update-ref', 'refs/runtree/live/abc', history[0] as Oid])
      git(origin, ['tag', '-a', '-m', 'x', 'v1', history[1] as Oid])
      const { refs, head } = await remote.list('fetch')
      expect(Object.fromEntries(refs)).to.deep.equal(listRefs(origin))
      expect(head).to.equal('refs/heads/main')
    })

    it('fetches everything, then only what is new, in few bytes', async () => {
      git(origin, ['tag', '-a', '-m', 'x', 'v1', history[1] as Oid])
      history = addCommits(origin, MAIN, 200)
      git(origin, ['update-ref', 'refs/custom/x', history[5] as Oid])
      const first = await fetchAll()
      expect(first.updated).to.have.length(3)
      expect(listRefs(local.path)).to.deep.equal({
        'refs/runtree/remotes/origin/custom/x': history[5],
        'refs/runtree/remotes/origin/heads/main': history.at(-1),
        'refs/runtree/remotes/origin/tags/v1': listRefs(origin)['refs/tags/v1']
      })
      checkBoth()
      const none = await fetchAll()
      expect([none.updated, none.receivedBytes]).to.deep.equal([[], 0])
      const before = history.at(-1)
      history = addCommits(origin, MAIN, 1)
      const second = await fetchAll()
      expect(second.updated).to.deep.equal([
        { remoteRef: MAIN, ref: track(MAIN), before, after: history.at(-1) }
      ])
      expect(second.objects).to.be.below(12)
      expect(second.receivedBytes).to.be.below(2000).and.above(100)
      expect(packFiles(local.path).filter((file) => /keep|tmp/.test(file))).to.deep.equal([])
      checkBoth()
    })

    it('finds common history below commits that the remote has not', async () => {
      history = addCommits(origin, MAIN, 300)
      await fetchAll()
      await commitHere(history.at(-1) as Oid, 100)
      git(local.path, ['update-ref', '-d', track(MAIN)])
      history = addCommits(origin, MAIN, 1)
      const outcome = await fetchAll()
      expect(outcome.receivedBytes).to.be.below(20_000)
      expect(listRefs(local.path)[track(MAIN)]).to.equal(history.at(-1))
      checkBoth()
    })

    it('removes tracking refs of what is gone, when asked to', async () => {
      git(origin, ['update-ref', 'refs/heads/gone', history[0] as Oid])
      await fetchAll()
      git(origin, ['update-ref', '-d', 'refs/heads/gone'])
      const { updated } = await fetchAll()
      expect(updated).to.deep.equal([
        {
          remoteRef: undefined,
          ref: track('refs/heads/gone'),
          before: history[0],
          after: undefined
        }
      ])
      expect(Object.keys(listRefs(local.path))).to.deep.equal([track(MAIN)])
    })

    it('pushes new refs, fast-forwards, rewinds and deletions', async () => {
      await fetchAll()
      const base = history.at(-1) as Oid
      const head = await commitHere(base, 3)
      const made = await push(
        { ref: 'refs/heads/new', expected: null, value: head },
        { ref: 'refs/runtree/live/w', expected: null, value: base },
        { ref: MAIN, expected: base, value: head }
      )
      expect([...made.refs.values()]).to.deep.equal([
        { status: 'ok' },
        { status: 'ok' },
        { status: 'ok' }
      ])
      expect(made.objects).to.be.below(25)
      expect(listRefs(origin)).to.deep.equal({
        'refs/heads/main': head,
        'refs/heads/new': head,
        'refs/runtree/live/w': base
      })
      checkBoth()
      const again = await push({ ref: MAIN, expected: base, value: head })
      expect([again.refs.get(MAIN), again.sentBytes]).to.deep.equal([{ status: 'ok' }, 0])
      const rewound = await push(
        { ref: MAIN, expected: head, value: history[0] as Oid },
        { ref: 'refs/heads/new', expected: head, value: null },
        { ref: 'refs/heads/never', expected: null, value: null }
      )
      expect([...rewound.refs.values()].map(({ status }) => status)).to.deep.equal([
        'ok',
        'ok',
        'ok'
      ])
      expect(listRefs(origin)).to.deep.equal({
        'refs/heads/main': history[0],
        'refs/runtree/live/w': base
      })
      checkBoth()
    })

    it('pushes one commit onto a long history in few bytes', async () => {
      history = addCommits(origin, MAIN, 300)
      await fetchAll()
      const head = await commitHere(history.at(-1) as Oid)
      const outcome = await push({ ref: MAIN, expected: history.at(-1) as Oid, value: head })
      expect(outcome.objects).to.be.below(12)
      expect(outcome.sentBytes).to.be.below(2000)
      checkBoth()
    })

    it('pushes more than is collected at a time', async () => {
      await fetchAll()
      const random = randomBytes(3 << 20)
      const blob = git(local.path, ['hash-object', '-w', '--stdin'], { input: random }).trim()
      const tree = git(local.path, ['mktree'], { input: `100644 blob ${blob}\tbig\n` }).trim()
      const head = git(local.path, ['commit-tree', '-m', 'big', tree]).trim()
      const outcome = await push({ ref: 'refs/heads/big', expected: null, value: head })
      expect(outcome.refs.get('refs/heads/big')).to.deep.equal({ status: 'ok' })
      git(local.path, ['update-ref', 'refs/heads/big', head])
      checkBoth()
    })

    it('leaves a ref alone that holds something else than expected, and those with it', async () => {
      await fetchAll()
      const head = await commitHere(history.at(-1) as Oid)
      const both = [
        { ref: MAIN, expected: history[0] as Oid, value: head },
        { ref: 'refs/heads/new', expected: null, value: head }
      ]
      const outcome = await push(...both)
      expect(outcome.refs.get(MAIN)).to.deep.equal({ status: 'stale', found: history.at(-1) })
      expect(outcome.refs.get('refs/heads/new')?.status).to.equal('rejected')
      expect(listRefs(origin)).to.deep.equal({ [MAIN]: history.at(-1) })
      const alone = await pushRefs(contextOf(local), remote, both, { atomic: false })
      expect(alone.refs.get('refs/heads/new')).to.deep.equal({ status: 'ok' })
      expect(alone.refs.get(MAIN)?.status).to.equal('stale')
    })

    it('loses a race to a push between listing and sending, and says so', async () => {
      await fetchAll()
      const base = history.at(-1) as Oid
      const head = await commitHere(base)
      const racing: Remote = {
        url: remote.url,
        kind: remote.kind,
        list: (service) => remote.list(service),
        fetchPack: (request) => remote.fetchPack(request),
        canLeaveOut: () => remote.canLeaveOut(),
        push: (request) => {
          history = addCommits(origin, MAIN, 1)
          return remote.push(request)
        },
        close: () => remote.close()
      }
      const updates = [{ ref: MAIN, expected: base, value: head }]
      const outcome = await pushRefs(contextOf(local), racing, updates)
      expect(outcome.refs.get(MAIN)).to.deep.equal({ status: 'stale', found: history.at(-1) })
      expect(listRefs(origin)[MAIN]).to.equal(history.at(-1))
      checkBoth()
    })

    it('loses nothing when four writers push to one branch', async () => {
      await fetchAll()
      const start = history.at(-1) as Oid
      const writers = await Promise.all(
        Array.from({ length: 4 }, async () => ({
          local: await makeRepository(),
          remote: await openAt(origin)
        }))
      )
      const heads: Oid[] = []
      await Promise.all(
        writers.map(async (writer, index) => {
          const context = contextOf(writer.local)
          for (let done = false; !done; ) {
            await fetchRefs(context, writer.remote, { map: track })
            const base = (await writer.local.repository.refs.read(track(MAIN))) as Oid
            const tree = git(writer.local.path, ['rev-parse', `${base}^{tree}`]).trim()
            const args = ['commit-tree', '-p', base, '-m', `writer ${index}`, tree]
            const head = git(writer.local.path, args).trim()
            const updates = [{ ref: MAIN, expected: base, value: head }]
            const outcome = await pushRefs(context, writer.remote, updates)
            done = outcome.refs.get(MAIN)?.status === 'ok'
            if (done) heads.push(head)
          }
        })
      )
      for (const writer of writers) {
        await writer.remote.close()
        await writer.local.close()
      }
      const added = git(origin, ['rev-list', `${start}..main`])
        .trim()
        .split('\n')
      expect(added.sort()).to.deep.equal(heads.sort())
    })

    it('refuses what the repository does not want, and the next attempt works', async () => {
      await fetchAll()
      const base = history.at(-1) as Oid
      const head = await commitHere(base)
      if (traits.hooks) {
        writeHook(origin, 'pre-receive', ['echo "No pushes on Fridays." >&2', 'exit 1'])
      } else {
        git(origin, ['config', 'receive.denyDeletes', 'true'])
      }
      const update = traits.hooks
        ? { ref: MAIN, expected: base, value: head }
        : { ref: MAIN, expected: base, value: null }
      const outcome = await push(update)
      expect(outcome.refs.get(MAIN)?.status).to.equal('rejected')
      expect(JSON.stringify([...outcome.refs.values()])).to.match(/hook declined|prohibited/)
      if (traits.hooks) expect(outcome.messages).to.include('No pushes on Fridays.')
      expect(listRefs(origin)).to.deep.equal({ [MAIN]: base })
      if (traits.hooks) writeHook(origin, 'pre-receive', ['exit 0'])
      const next = await push({ ref: MAIN, expected: base, value: head })
      expect(next.refs.get(MAIN)).to.deep.equal({ status: 'ok' })
      checkBoth()
    })

    it('refuses a rewind where the repository asks for fast-forwards', async () => {
      git(origin, ['config', 'receive.denyNonFastForwards', 'true'])
      await fetchAll()
      const update = { ref: MAIN, expected: history.at(-1) as Oid, value: history[0] as Oid }
      expect((await push(update)).refs.get(MAIN)?.status).to.equal('rejected')
      expect(listRefs(origin)[MAIN]).to.equal(history.at(-1))
    })

    it('pushes into an empty repository and fetches from one', async () => {
      const empty = `${folder}/empty-${number}.git`
      git(folder, ['init', '--quiet', '--bare', '--initial-branch=main', empty])
      await fetchAll()
      await remote.close()
      remote = await openAt(empty)
      expect((await fetchAll()).updated.map(({ after }) => after)).to.deep.equal([undefined])
      const head = await commitHere(history.at(-1) as Oid)
      const { refs } = await push({ ref: MAIN, expected: null, value: head })
      expect(refs.get(MAIN)).to.deep.equal({ status: 'ok' })
      expect(fsck(empty)).to.equal('')
      expect(listRefs(empty)).to.deep.equal({ [MAIN]: head })
    })

    it('tells what the remote is', async () => {
      const info = await readRemoteInfo(remote, local.platform)
      expect(info.readFailure).to.equal(undefined)
      expect(info.pushFailure).to.equal(undefined)
      expect([info.isReachable, info.mayRead, info.mayPush]).to.deep.equal([true, true, true])
      expect(info.defaultBranch).to.equal('main')
      expect(info.capabilities).to.include.members(['atomic', 'report-status', 'delete-refs'])
      expect([...info.refs.keys()]).to.deep.equal([MAIN])
    })

    it('refuses a repository that is not there', async () => {
      await remote.close()
      remote = await openAt(`${folder}/nowhere.git`)
      expect(await codeOf(fetchAll())).to.equal('REMOTE_NOT_FOUND')
      const update = { ref: MAIN, expected: null, value: history[0] as Oid }
      expect(await codeOf(push(update))).to.equal('REMOTE_NOT_FOUND')
      const info = await readRemoteInfo(remote, local.platform)
      // A server says that there is nothing; a folder that is absent says nothing.
      expect(info.isReachable).to.equal(info.kind !== 'folder')
      expect([info.mayRead, info.mayPush]).to.deep.equal([false, false])
    })

    it('refuses a repository that names its objects by SHA-256', async () => {
      const other = `${folder}/sha256-${number}.git`
      makeOrigin(other, 1, ['--object-format=sha256'])
      await remote.close()
      remote = await openAt(other)
      expect(await codeOf(fetchAll())).to.equal(traits.sha256Code)
      expect(await codeOf(push({ ref: MAIN, expected: null, value: history[0] as Oid }))).to.equal(
        traits.sha256Code
      )
    })

    it('leaves nothing of objects that the remote has damaged, and no ref', async () => {
      git(origin, ['repack', '-adq'])
      for (const file of packFiles(origin).filter((entry) => entry.endsWith('.pack'))) {
        damageFile(`${origin}/objects/pack/${file}`)
      }
      const code = await codeOf(fetchAll())
      expect(code).to.be.oneOf(['REMOTE_SAID', 'REMOTE_PACK_DAMAGED', 'REMOTE_PROTOCOL'])
      expect(listRefs(local.path)).to.deep.equal({})
      expect(packFiles(local.path)).to.deep.equal([])
    })

    it('stops when it is told to', async () => {
      const controller = new AbortController()
      const options = { signal: controller.signal }
      const address = transport.addressOf(origin)
      const stopped = await openRemote(transport.host, local.repository.objects, address, options)
      const reason = new TypeError('enough')
      const fetching = fetchRefs(contextOf(local), stopped, {
        map: (ref) => {
          controller.abort(reason)
          return track(ref)
        },
        signal: controller.signal
      })
      expect(await fetching.catch((error: unknown) => error)).to.equal(reason)
      await stopped.close()
      expect(listRefs(local.path)).to.deep.equal({})
    })
  })
}

function damageFile(path: string): void {
  const bytes = readFileSync(path)
  bytes.fill(0x5a, bytes.length >> 1, (bytes.length >> 1) + 40)
  chmodSync(path, 0o644)
  writeFileSync(path, bytes)
}
