import { cpSync, existsSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'

import { encodeUtf8 } from '../../src/base/bytes.ts'
import type { Platform } from '../../src/base/platform.ts'
import { collectGarbage } from '../../src/git/collect-garbage.ts'
import { createObject, type NewObject, type Oid } from '../../src/git/objects.ts'
import { initRepository, openRepository, type Repository } from '../../src/git/repository.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { createCrashingFileSystem } from '../support/crashing-file-system.ts'
import { createFixedPlatform } from '../support/fixed-platform.ts'
import { fsck, git, tryGit, withTempFolder } from '../support/git.ts'
import { makeHistory } from '../support/history.ts'
import { makeRepository, type TestRepository } from '../support/repositories.ts'

const DAY = 86_400

const packsOf = (path: string): string[] =>
  readdirSync(`${path}/objects/pack`).filter((name) => name.endsWith('.pack'))

const allObjects = (path: string): Oid[] =>
  git(path, ['cat-file', '--batch-all-objects', '--batch-check=%(objectname)']).trim().split('\n')

/** Makes commits on a branch, each of which changes a long file and a folder with many entries. */
async function commitOn(
  repository: Repository,
  platform: Platform,
  branch: string,
  count = 30
): Promise<readonly Oid[]> {
  const lines = Array.from({ length: 200 }, (_, line) => `${branch} ${line} ${line ** 3}`)
  const plan = Array.from({ length: count }, (_, k) => {
    lines[k * 5] = `changed in ${k}`
    return {
      parents: k === 0 ? [] : [k - 1],
      epochSeconds: 1_700_000_000 + k,
      files: { 'long.txt': lines.join('\n'), [`many/${branch}-${k}`]: `${branch} ${k}` }
    }
  })
  const oids = await makeHistory(repository, platform, plan)
  await repository.refs.update([{ ref: `refs/heads/${branch}`, value: oids.at(-1) as Oid }])
  return oids
}

/** Lets everything in the repository look as if it had been written days ago. */
function age(path: string, days: number): void {
  const time = Date.now() / 1000 - days * DAY
  for (const name of readdirSync(`${path}/objects`, { recursive: true, encoding: 'utf8' })) {
    utimesSync(`${path}/objects/${name}`, time, time)
  }
}

const drop = (repository: Repository, branch: string) =>
  repository.refs.update([{ ref: `refs/heads/${branch}`, value: null }])

describe('collecting garbage', () => {
  let made: TestRepository
  beforeEach(async () => {
    made = await makeRepository()
  })
  afterEach(() => made.close())

  const blobOf = (text: string): NewObject =>
    createObject(made.platform.hash, 'blob', encodeUtf8(text))

  it('leaves one pack with deltas that git accepts, smaller than its own', async () => {
    const { repository, platform, path } = made
    await commitOn(repository, platform, 'main')
    await repository.objects.write([blobOf('loose')])
    git(path, ['tag', '-a', '-m', 'first', 'v1', 'main'])
    git(path, ['update-ref', 'refs/blob', blobOf('loose').oid])
    const before = allObjects(path)
    cpSync(path, `${path}.copy`, { recursive: true })
    const phases = new Set<string>()
    const onProgress = ({ phase }: { readonly phase: string }) => phases.add(phase)
    const report = await collectGarbage(repository, { onProgress })
    expect(report).to.include({ packsBefore: 30, packsAfter: 1, looseAfter: 0, removedObjects: 0 })
    expect(report.looseBefore).to.be.above(0)
    expect([...phases]).to.deep.equal(['finding objects', 'packing', 'checking'])
    expect(allObjects(path)).to.deep.equal(before)
    const [pack = ''] = packsOf(path)
    const listed = git(`${path}/objects/pack`, ['verify-pack', '-v', pack])
    const chains = [...listed.matchAll(/chain length = (\d+)/g)].map(([, length]) => Number(length))
    expect(Math.max(...chains)).to.be.within(10, 50)
    git(`${path}/objects/pack`, ['index-pack', '--strict', '-o', `${path}-again.idx`, pack])
    git(path, ['clone', '--quiet', path, `${path}.clone`])
    git(`${path}.copy`, ['repack', '-adfq'])
    const theirs = Number(
      /size-pack: (\d+)/.exec(git(`${path}.copy`, ['count-objects', '-v']))?.[1]
    )
    expect(report.bytesAfter).to.be.below(theirs * 1024 * 1.3)
    for (const each of [repository, await made.reopen()]) {
      for (const oid of before) expect((await each.objects.read(oid))?.oid).to.equal(oid)
    }
    expect(fsck(path)).to.equal('')
  })

  it('can be done again, and of an empty repository', async () => {
    const { repository, platform, path } = made
    expect(await collectGarbage(repository)).to.include({ packsAfter: 0, removedObjects: 0 })
    await commitOn(repository, platform, 'main')
    const first = await collectGarbage(repository)
    const second = await collectGarbage(repository)
    expect(second).to.include({ packsBefore: 1, packsAfter: 1, bytesBefore: first.bytesAfter })
    expect(fsck(path)).to.equal('')
  })

  it('drops what nothing reaches when it is old', async () => {
    const { repository, platform, path } = made
    await commitOn(repository, platform, 'main')
    const [gone] = await commitOn(repository, platform, 'gone')
    git(path, ['commit-graph', 'write', '--reachable'])
    await drop(repository, 'gone')
    age(path, 15)
    const count = allObjects(path).length
    const report = await collectGarbage(repository)
    expect(report.removedObjects).to.be.above(60)
    expect(allObjects(path)).to.have.lengthOf(count - report.removedObjects)
    expect(await repository.objects.has(gone as Oid)).to.equal(false)
    expect(git(path, ['fsck', '--unreachable'])).to.equal('')
    expect(tryGit(path, ['log', '--oneline', 'main']).stderr).to.equal('')
  })

  it('removes what git keeps beside packs that are gone', async () => {
    const { repository, platform, path } = made
    await commitOn(repository, platform, 'main')
    git(path, ['repack', '-adq', '--write-bitmap-index'])
    await commitOn(repository, platform, 'other')
    git(path, ['multi-pack-index', 'write'])
    const beside = (): string[] =>
      readdirSync(`${path}/objects/pack`).filter((name) => /bitmap$|^multi/.test(name))
    expect(beside()).to.have.lengthOf(2)
    await collectGarbage(repository)
    expect(beside()).to.deep.equal([])
    expect(fsck(path)).to.equal('')
    const count = git(path, ['rev-list', '--use-bitmap-index', '--count', 'main', 'other'])
    expect(Number(count)).to.equal(60)
  })

  it('keeps what is young with its time, for git too, and drops it when it is old', async () => {
    const { repository, platform, path } = made
    await commitOn(repository, platform, 'main')
    const gone = await commitOn(repository, platform, 'gone')
    await drop(repository, 'gone')
    age(path, 10)
    const report = await collectGarbage(repository)
    expect(report).to.include({ packsAfter: 2, removedObjects: 0 })
    const files = readdirSync(`${path}/objects/pack`)
    expect(files.filter((name) => name.endsWith('.mtimes'))).to.have.lengthOf(1)
    expect(fsck(path)).to.equal('')
    for (const oid of gone) expect(await repository.objects.has(oid)).to.equal(true)
    expect(await collectGarbage(repository)).to.include({ packsAfter: 2, removedObjects: 0 })
    cpSync(path, `${path}.copy`, { recursive: true })
    git(`${path}.copy`, ['gc', '--quiet', '--cruft', '--prune=9.days.ago'])
    expect(tryGit(`${path}.copy`, ['cat-file', '-e', gone[0] as Oid]).status).to.equal(1)
    const nineDays = await collectGarbage(repository, { graceMs: 9 * DAY * 1000 })
    expect(nineDays.packsAfter).to.equal(1)
    expect(nineDays.removedObjects).to.be.above(60)
    expect(git(path, ['fsck', '--unreachable'])).to.equal('')
  })

  it('keeps old objects to which young ones, or a write under way, lead', async () => {
    const { repository, platform, path } = made
    await commitOn(repository, platform, 'main')
    const gone = await commitOn(repository, platform, 'gone')
    await drop(repository, 'gone')
    const old = blobOf('only a tree leads here')
    await repository.objects.write([old])
    age(path, 30)
    const entry = encodeUtf8('100644 file\0')
    const tree = new Uint8Array(entry.length + 20)
    tree.set(entry)
    tree.set(Buffer.from(old.oid, 'hex'), entry.length)
    const held = await repository.objects.write([
      createObject(platform.hash, 'tree', tree),
      blobOf('another')
    ])
    const tip = createObject(
      platform.hash,
      'tag',
      encodeUtf8(`object ${gone.at(-1)}\ntype commit\ntag t\ntagger A <a@b> 1 +0000\n\nt\n`)
    )
    await repository.objects.write([tip])
    expect(await collectGarbage(repository)).to.include({ removedObjects: 0 })
    await held.release()
    for (const oid of [old.oid, ...gone]) expect(await repository.objects.has(oid)).to.equal(true)
    expect(fsck(path)).to.equal('')
  })

  it('writes anew what lies among cruft, since no touch renews it there', async () => {
    const { repository, path } = made
    const blobs = [blobOf('a'), blobOf('b')]
    await (await repository.objects.write(blobs)).release()
    age(path, 10)
    await collectGarbage(repository)
    for (const each of [repository, await made.reopen()]) {
      await (await each.objects.write([blobOf('a')])).release()
    }
    const report = await collectGarbage(repository, { graceMs: 5 * DAY * 1000 })
    expect(report).to.include({ removedObjects: 1 })
    expect(await repository.objects.has(blobOf('a').oid)).to.equal(true)
    expect(await repository.objects.has(blobOf('b').oid)).to.equal(false)
  })

  it('keeps what reflogs, detached heads and the caller name', async () => {
    const { repository, platform, path } = made
    await commitOn(repository, platform, 'main', 3)
    const [first] = await commitOn(repository, platform, 'logged', 3)
    const named = await commitOn(repository, platform, 'named', 3)
    const detached = await commitOn(repository, platform, 'detached', 3)
    writeFileSync(`${path}/HEAD`, `${detached.at(-1)}\n`)
    git(path, ['config', 'core.logAllRefUpdates', 'true'])
    git(path, ['update-ref', 'refs/heads/main', first as Oid])
    for (const branch of ['logged', 'named', 'detached']) await drop(repository, branch)
    age(path, 30)
    const main = git(path, ['rev-parse', 'main@{1}']).trim()
    await collectGarbage(repository, { extraRoots: [named[1] as Oid] })
    expect(await repository.objects.has(main)).to.equal(true)
    expect(await repository.objects.has(named[1] as Oid)).to.equal(true)
    expect(await repository.objects.has(named[2] as Oid)).to.equal(false)
    expect(await repository.objects.has(detached[2] as Oid)).to.equal(true)
    expect(fsck(path)).to.equal('')
  })

  it('drops nothing while git work trees belong to the repository', async () => {
    const { repository, platform, path } = made
    await commitOn(repository, platform, 'main', 3)
    const gone = await commitOn(repository, platform, 'gone', 3)
    git(path, ['worktree', 'add', '--quiet', `${path}.tree`, 'main'])
    await drop(repository, 'gone')
    age(path, 30)
    expect(await collectGarbage(repository)).to.include({ removedObjects: 0, packsAfter: 2 })
    expect(await repository.objects.has(gone[0] as Oid)).to.equal(true)
  })

  it('works in a shallow clone, and leaves a partial one as it is', async () => {
    const { repository, platform, path } = made
    await commitOn(repository, platform, 'main')
    git(path, ['config', 'uploadpack.allowFilter', 'true'])
    const clone = async (name: string, option: string) => {
      git(path, ['clone', '--quiet', '--bare', option, `file://${path}`, `${path}.${name}`])
      return openRepository(made.fs, `${path}.${name}`, platform)
    }
    const shallow = await clone('shallow', '--depth=3')
    expect(await collectGarbage(shallow)).to.include({ packsAfter: 1, removedObjects: 0 })
    expect(fsck(`${path}.shallow`)).to.equal('')
    git(path, ['config', 'core.bare', 'true'])
    const partial = await openRepository(made.fs, path, platform)
    writeFileSync(`${path}/objects/pack/${(packsOf(path)[0] as string).slice(0, -5)}.promisor`, '')
    expect(await collectGarbage(partial)).to.include({ packsBefore: 30, packsAfter: 30 })
  })

  it('changes nothing if an object is missing or damaged, or a ref can not be read', async () => {
    const { repository, platform, path } = made
    const oids = await commitOn(repository, platform, 'main')
    const before = packsOf(path).sort()
    const refused = async (code: string) => {
      const error = await collectGarbage(await made.reopen()).catch((each) => each)
      expect(error).to.include({ code })
      expect(packsOf(path).sort()).to.include.members(before)
      const left = readdirSync(`${path}/objects/pack`).filter((name) => name.startsWith('tmp_'))
      expect(left).to.deep.equal([])
    }
    writeFileSync(`${path}/refs/heads/cut`, '')
    await refused('GIT_REF_DAMAGED')
    rmSync(`${path}/refs/heads/cut`)
    const blob = git(path, ['rev-parse', `${oids[4]}:long.txt`]).trim()
    const pack = [...repository.storage.folders.own.packs.all].find(
      ({ index }) => index.find(blob) >= 0
    )
    const place = pack?.index.offsetAt(pack.index.find(blob)) as number
    const file = `${pack?.path}.pack`
    const bytes = (await made.fs.read(file)) as Uint8Array
    rmSync(file)
    writeFileSync(
      file,
      bytes.map((byte, at) => (at === place + 30 ? byte ^ 1 : byte))
    )
    await refused('GIT_OBJECT_DAMAGED')
    writeFileSync(file, bytes)
    expect(await collectGarbage(await made.reopen())).to.include({ packsAfter: 1 })
    rmSync(`${path}/objects/pack`, { recursive: true })
    await made.fs.makeFolder(`${path}/objects/pack`)
    before.length = 0
    await refused('GIT_OBJECT_MISSING')
  })

  it('leaves a pack that somebody touches meanwhile', async () => {
    const { fs, platform, path } = made
    const blobs = [blobOf('a'), blobOf('b')]
    await (await made.repository.objects.write(blobs)).release()
    await commitOn(made.repository, platform, 'main', 3)
    age(path, 30)
    const other = await made.reopen()
    await other.objects.has(blobOf('a').oid)
    const slow = await openRepository(
      {
        ...fs,
        async rename(from, to) {
          // Another process writes the object again when the new packs are there already.
          if (to.includes('aside')) await other.objects.write([blobOf('a')])
          return fs.rename(from, to)
        }
      },
      path,
      platform
    )
    await collectGarbage(slow)
    expect(await (await made.reopen()).objects.has(blobOf('a').oid)).to.equal(true)
    expect(fsck(path)).to.equal('')
  })

  it('removes what crashed programs left behind long ago', async () => {
    const { repository, platform, path } = made
    await commitOn(repository, platform, 'main', 3)
    const left = ['tmp_pack_x', 'tmp_idx_y', 'pack-11.idx', 'pack-22.pack', 'pack-33.rev']
    for (const name of left) writeFileSync(`${path}/objects/pack/${name}`, 'left')
    age(path, 2)
    writeFileSync(`${path}/objects/pack/tmp_pack_young`, 'in use')
    await collectGarbage(repository)
    for (const name of left)
      expect(existsSync(`${path}/objects/pack/${name}`), name).to.equal(false)
    expect(existsSync(`${path}/objects/pack/tmp_pack_young`)).to.equal(true)
  })
})

describe('a crash while garbage is collected', () => {
  it('loses nothing that is reached or young, and the next one goes on', async () => {
    const alive = { self: { pid: 1 }, seed: 6, deadPids: new Set([66]), startMs: Date.now() }
    const fs = createNodeFileSystem()
    let crashes = 0
    await withTempFolder(async (folder) => {
      const template = `${folder}/template.git`
      await initRepository(fs, template)
      const survivor = createFixedPlatform(alive)
      const prepared = await openRepository(fs, template, survivor)
      const gone = await commitOn(prepared, survivor, 'gone', 4)
      await drop(prepared, 'gone')
      age(template, 30)
      await commitOn(prepared, survivor, 'main', 4)
      const young = await commitOn(prepared, survivor, 'young', 4)
      await drop(prepared, 'young')
      const reached = git(template, ['rev-list', '--objects', '--all'])
      const oids = [
        ...reached
          .trim()
          .split('\n')
          .map((line) => line.slice(0, 40)),
        ...young
      ]
      for (let outcome = ''; outcome !== 'done'; crashes++) {
        const path = `${folder}/${crashes}.git`
        cpSync(template, path, { recursive: true, preserveTimestamps: true })
        const crashing = createCrashingFileSystem(fs, crashes + 1)
        const platform = createFixedPlatform({ self: { pid: 66 }, seed: 5 })
        const opened = await openRepository(crashing, path, platform)
        outcome = await collectGarbage(opened).then(
          () => 'done',
          (error) => error.code
        )
        expect(['done', 'ECRASH']).to.include(outcome)
        const next = await openRepository(fs, path, createFixedPlatform(alive))
        for (const oid of oids) expect(await next.objects.read(oid)).to.include({ oid })
        if (crashes % 10 === 0) expect(fsck(path)).to.equal('')
        await collectGarbage(next)
        for (const oid of oids) expect(await next.objects.read(oid)).to.include({ oid })
        for (const oid of gone) expect(await next.objects.has(oid)).to.equal(false)
        expect(fsck(path)).to.equal('')
        rmSync(path, { recursive: true })
      }
    })
    expect(crashes).to.be.above(40)
  })
})
