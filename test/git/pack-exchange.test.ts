import { readdirSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'

import { formatHex } from '../../src/base/bytes.ts'
import type { Platform } from '../../src/base/platform.ts'
import { areConnected, checkConnected } from '../../src/git/connectivity.ts'
import { gitErrors } from '../../src/git/errors.ts'
import { type ReachedObject, walkNewObjects } from '../../src/git/object-walk.ts'
import type { Oid } from '../../src/git/objects.ts'
import { type BuildPackOptions, buildPack } from '../../src/git/pack-build.ts'
import { type ReceivedPack, type ReceiveOptions, receivePack } from '../../src/git/pack-receive.ts'
import type { Repository } from '../../src/git/repository.ts'
import { fsck, git, gitBytes, tryGit } from '../support/git.ts'
import {
  makeMemoryRepository,
  makeRepository,
  type TestRepository
} from '../support/repositories.ts'

/** Makes a history in which a folder of many files changes a little with each commit. */
function makeHistory(path: string, commits: number): Oid[] {
  const lines: string[] = []
  const big = 'x'.repeat(3000)
  for (let index = 0; index < commits; index++) {
    lines.push('commit refs/heads/main', 'committer Ada <ada@example.org> 1700000000 +0000')
    lines.push('data 2', 'c')
    for (const [name, text] of [
      [`runs/${index % 7}/${index}/run.yaml`, `number: ${index}\nstatus: done\n${big}\n`],
      ['experiment.yaml', `last: ${index}\n${big}\n`]
    ]) {
      lines.push(`M 100644 inline ${name}`, `data ${(text as string).length}`, text as string)
    }
    lines.push('')
  }
  git(path, ['fast-import', '--quiet'], { input: lines.join('\n') })
  return git(path, ['rev-list', '--reverse', 'main']).trim().split('\n')
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function build(
  repository: Repository,
  platform: Platform,
  plan: readonly ReachedObject[],
  options: BuildPackOptions
): Promise<Buffer> {
  return Buffer.concat(await collect(buildPack(repository.objects, plan, platform, options)))
}

function receive(
  target: TestRepository,
  bytes: Uint8Array,
  size = 1000,
  options: ReceiveOptions = {}
): Promise<ReceivedPack> {
  const { fs, platform, path, repository } = target
  const context = { fs, platform, path: `${path}/objects`, objects: repository.objects }
  return receivePack(context, cut(bytes, size), options)
}

describe('packs between repositories', () => {
  let source: TestRepository
  let target: TestRepository
  let history: Oid[]

  before(async () => {
    source = await makeRepository()
    history = makeHistory(source.path, 60)
  })
  after(() => source.close())
  beforeEach(async () => {
    target = await makeRepository()
  })
  afterEach(() => target.close())

  const head = (): Oid => history.at(-1) as Oid
  const plan = (known: readonly Oid[] = []): Promise<ReachedObject[]> =>
    collect(walkNewObjects(source.repository.objects, [head()], known))
  const packs = (): string[] => readdirSync(`${target.path}/objects/pack`)

  it('walks the objects that git rev-list lists', async () => {
    for (const [known, args] of [
      [[], []],
      [[history[40]], [`^${history[40]}`]]
    ] as const) {
      const listed = git(source.path, ['rev-list', '--objects', head(), ...args])
      const expected = listed
        .trim()
        .split('\n')
        .map((line) => line.slice(0, 40))
        .sort()
      const walked = (await plan(known as readonly Oid[])).map((item) => item.oid)
      expect([...walked].sort()).to.deep.equal(expected)
    }
  })

  it('walks tags, trees and blobs that are asked for', async () => {
    git(source.path, ['tag', '-a', '-m', 'x', 'annotated', head()])
    const tag = git(source.path, ['rev-parse', 'annotated']).trim()
    const tree = git(source.path, ['rev-parse', `${history[3]}^{tree}`]).trim()
    const blob = git(source.path, ['rev-parse', `${head()}:experiment.yaml`]).trim()
    const walk = async (wanted: Oid[], known: Oid[]): Promise<string[]> =>
      (await collect(walkNewObjects(source.repository.objects, wanted, known))).map(
        (item) => item.type
      )
    expect(await walk([tag], [head()])).to.deep.equal(['tag'])
    expect(await walk([tag], [tag])).to.deep.equal([])
    expect(await walk([blob], [])).to.deep.equal(['blob'])
    expect((await walk([tree], [])).filter((type) => type === 'blob')).to.have.length(5)
  })

  it('builds packs with deltas that git takes, whole and thin', async () => {
    const all = await plan()
    const plain = await build(source.repository, source.platform, all, {})
    const small = await build(source.repository, source.platform, all, { offsets: true })
    expect(small.length).to.be.below(plain.length)
    for (const pack of [plain, small]) {
      const other = await makeRepository()
      git(other.path, ['index-pack', '--stdin', '--strict'], { input: pack })
      git(other.path, ['update-ref', 'refs/heads/main', head()])
      expect(fsck(other.path)).to.equal('')
      await other.close()
    }
    const known = history[50] as Oid
    git(target.path, ['fetch', '--quiet', source.path, `${known}:refs/heads/main`])
    const added = await plan([known])
    const thin = await build(source.repository, source.platform, added, {
      offsets: true,
      thin: true
    })
    const full = await build(source.repository, source.platform, added, { offsets: true })
    expect(thin.length).to.be.below(full.length)
    git(target.path, ['index-pack', '--stdin', '--fix-thin', '--strict'], { input: thin })
    git(target.path, ['update-ref', 'refs/heads/main', head()])
    expect(fsck(target.path)).to.equal('')
  })

  it('receives what git packs, in pieces of any size, and git agrees with the index', async () => {
    const bytes = gitBytes(
      source.path,
      ['pack-objects', '--stdout', '--revs', '--delta-base-offset'],
      {
        input: `${head()}\n`
      }
    )
    for (const size of [7, 1370, 65536, bytes.length]) {
      const other = await makeRepository()
      const pack = await receive(other, bytes, size)
      expect(pack.count).to.equal((await plan()).length)
      await checkConnected(other.repository.objects, pack, [head()], [])
      expect(await other.repository.objects.has(head())).to.equal(false)
      const held = await pack.accept()
      expect(await other.repository.objects.has(head())).to.equal(true)
      await held.release()
      const [name] = readdirSync(`${other.path}/objects/pack`).filter((n) => n.endsWith('.idx'))
      git(other.path, ['verify-pack', `${other.path}/objects/pack/${name}`])
      await other.repository.refs.update([{ ref: 'refs/heads/main', value: head() }])
      expect(fsck(other.path)).to.equal('')
      await other.close()
    }
  })

  it('receives a pack of which little is kept in memory, by offset and by name', async () => {
    for (const how of [['--delta-base-offset'], []]) {
      const bytes = gitBytes(source.path, ['pack-objects', '--stdout', '--revs', ...how], {
        input: `${head()}\n`
      })
      for (const keptBytes of [0, 20_000]) {
        const other = await makeRepository()
        const pack = await receive(other, bytes, 1000, { keptBytes })
        expect(pack.outside()).to.deep.equal([])
        await (await pack.accept()).release()
        const [name] = readdirSync(`${other.path}/objects/pack`).filter((n) => n.endsWith('.idx'))
        git(other.path, ['verify-pack', `${other.path}/objects/pack/${name}`])
        await other.repository.refs.update([{ ref: 'refs/heads/main', value: head() }])
        expect(fsck(other.path)).to.equal('')
        await other.close()
      }
    }
  })

  it('lists what the objects of a pack name that lies outside of it', async () => {
    const known = history[50] as Oid
    const bytes = gitBytes(source.path, ['pack-objects', '--stdout', '--revs'], {
      input: `${head()}\n^${known}\n`
    })
    const pack = await receive(target, bytes)
    const outside = pack.outside()
    expect(outside).to.deep.include({ oid: known, type: 'commit' })
    const inside = new Set((await plan([known])).map(({ oid }) => oid))
    for (const { oid, type } of outside) {
      expect(inside.has(oid)).to.equal(false)
      expect(git(source.path, ['cat-file', '-t', oid]).trim()).to.equal(type)
    }
    await pack.discard()
  })

  it('completes a thin pack of git with the bases that it leaves out', async () => {
    const known = history[50] as Oid
    git(target.path, ['fetch', '--quiet', source.path, `${known}:refs/heads/main`])
    const thin = gitBytes(source.path, ['pack-objects', '--stdout', '--revs', '--thin'], {
      input: `${head()}\n^${known}\n`
    })
    const pack = await receive(target, thin)
    expect(pack.count).to.be.above(thin.readUInt32BE(8))
    await checkConnected(target.repository.objects, pack, [head()], [known])
    await (await pack.accept()).release()
    await target.repository.refs.update([{ ref: 'refs/heads/main', value: head() }])
    expect(fsck(target.path)).to.equal('')
  })

  it('receives its own packs in memory', async () => {
    const memory = await makeMemoryRepository()
    const bytes = await build(source.repository, source.platform, await plan(), { offsets: true })
    const pack = await receive(memory, bytes)
    await checkConnected(memory.repository.objects, pack, [head()], [])
    await (await pack.accept()).release()
    expect(await areConnected(memory.repository.objects, [head()], [])).to.equal(true)
  })

  it('refuses a pack that is cut or changed anywhere, and leaves nothing of it', async () => {
    const bytes = await build(source.repository, source.platform, (await plan()).slice(0, 12), {})
    const step = Math.max(1, Math.floor(bytes.length / 60))
    for (let at = 0; at < bytes.length; at += step) {
      const changed = Uint8Array.from(bytes)
      changed[at] = (changed[at] as number) ^ 0x10
      for (const damaged of [bytes.subarray(0, at), changed]) {
        const error = await receive(target, damaged).then(
          () => undefined,
          (reason: unknown) => reason
        )
        expect(gitErrors.is(error, 'GIT_PACK_DAMAGED'), `byte ${at}: ${error}`).to.equal(true)
      }
    }
    const longer = await receive(target, Buffer.concat([bytes, Buffer.from('x')])).catch((e) => e)
    expect(gitErrors.is(longer, 'GIT_PACK_DAMAGED')).to.equal(true)
    expect(packs()).to.deep.equal([])
  })

  it('finds each object that a pack lacks', async () => {
    const all = await plan()
    for (const left of [0, 1, 2, 3, 4, 5, 6]) {
      const some = all.filter((_, index) => index !== left)
      const pack = await receive(target, await build(source.repository, source.platform, some, {}))
      const error = await checkConnected(target.repository.objects, pack, [head()], []).catch(
        (reason: unknown) => reason
      )
      expect(gitErrors.is(error, 'GIT_OBJECT_MISSING'), `${all[left]?.type}`).to.equal(true)
      await pack.discard()
    }
    expect(packs()).to.deep.equal([])
  })

  it('refuses a delta whose base is nowhere', async () => {
    const known = history[50] as Oid
    const thin = gitBytes(source.path, ['pack-objects', '--stdout', '--revs', '--thin'], {
      input: `${head()}\n^${known}\n`
    })
    const error = await receive(target, thin).catch((reason: unknown) => reason)
    expect(gitErrors.is(error, 'GIT_PACK_DAMAGED')).to.equal(true)
    writeFileSync(`${target.path}/thin.pack`, thin)
    expect(tryGit(target.path, ['index-pack', 'thin.pack']).status).to.not.equal(0)
    expect(packs()).to.deep.equal([])
  })

  it('keeps the names of packs apart that have the same objects', async () => {
    const bytes = await build(source.repository, source.platform, await plan(), {})
    const first = await (await receive(target, bytes)).accept()
    const second = await (await receive(target, bytes)).accept()
    expect(packs().filter((name) => name.endsWith('.keep'))).to.have.length(2)
    await first.release()
    await second.release()
    expect(packs().filter((name) => name.endsWith('.pack'))).to.have.length(2)
    expect(formatHex(bytes.subarray(-20))).to.have.length(40)
  })
})
