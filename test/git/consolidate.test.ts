import { spawn } from 'node:child_process'
import { cpSync, existsSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'

import { encodeUtf8 } from '../../src/base/bytes.ts'
import type { Platform } from '../../src/base/platform.ts'
import { chooseMerge, consolidate, MAX_PACKS } from '../../src/git/consolidate.ts'
import { createObject, type NewObject, type Oid } from '../../src/git/objects.ts'
import { initRepository, openRepository, type Repository } from '../../src/git/repository.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { createCrashingFileSystem } from '../support/crashing-file-system.ts'
import { createFixedPlatform } from '../support/fixed-platform.ts'
import { fsck, git, tryGit, withTempFolder } from '../support/git.ts'
import { makeHistory } from '../support/history.ts'
import { makeRepository, type TestRepository } from '../support/repositories.ts'

const packsOf = (path: string): string[] =>
  readdirSync(`${path}/objects/pack`).filter((name) => name.endsWith('.pack'))

/** Commits so often that there is something to merge; each commit is a pack. */
async function commitOften(
  repository: Repository,
  platform: Platform,
  count: number,
  round = 0
): Promise<void> {
  const plan = Array.from({ length: count }, (_, k) => ({
    parents: k === 0 ? [] : [k - 1],
    epochSeconds: 1_700_000_000 + k,
    files: { [`folder/file-${k % 7}`]: `content ${k} of ${round}`, constant: 'constant' }
  }))
  const oids = await makeHistory(repository, platform, plan)
  await repository.refs.update([{ ref: `refs/heads/round-${round}`, value: oids.at(-1) as Oid }])
}

const allObjects = (path: string): Oid[] =>
  git(path, ['cat-file', '--batch-all-objects', '--batch-check=%(objectname)', '--unordered'])
    .trim()
    .split('\n')
    .sort()

describe('what is merged', () => {
  const choose = (sizes: readonly number[]) => chooseMerge(sizes, (size) => size)

  it('is nothing where there are few packs', () => {
    expect(choose(Array.from({ length: MAX_PACKS }, () => 1))).to.deep.equal([])
  })

  it('is all of many small ones, but no pack twice as large as they are together', () => {
    const small = Array.from({ length: MAX_PACKS }, () => 3)
    expect(choose([1000, ...small])).to.deep.equal(small)
    expect(choose([100, ...small])).to.have.lengthOf(MAX_PACKS + 1)
  })

  it('copies an object but a logarithmic number of times, and leaves few packs', () => {
    let packs: number[] = []
    let copied = 0
    let most = 0
    for (let put = 0; put < 20_000; put++) {
      packs.push(1)
      const chosen = choose(packs)
      if (chosen.length === 0) continue
      const total = chosen.reduce((sum, size) => sum + size, 0)
      const left = [...packs].sort((a, b) => a - b).slice(chosen.length)
      packs = [...left, total]
      copied += total
      most = Math.max(most, packs.length)
    }
    expect(most).to.be.at.most(20)
    expect(copied / 20_000).to.be.below(2 * Math.log2(20_000 / MAX_PACKS))
  })
})

describe('consolidation', () => {
  let made: TestRepository
  beforeEach(async () => {
    made = await makeRepository()
  })
  afterEach(() => made.close())

  it('merges packs into few that git accepts, with every object', async () => {
    const { repository, platform, path } = made
    await commitOften(repository, platform, 130)
    const before = allObjects(path)
    const done = await consolidate(repository)
    expect(done).to.deep.include({ packsBefore: 130, damages: [] })
    expect(packsOf(path)).to.have.lengthOf(done?.packsAfter as number)
    expect(packsOf(path).length).to.be.at.most(MAX_PACKS)
    expect(allObjects(path)).to.deep.equal(before)
    expect(fsck(path)).to.equal('')
    for (const pack of packsOf(path)) {
      git(`${path}/objects/pack`, ['verify-pack', '-v', pack])
      git(`${path}/objects/pack`, ['index-pack', '--strict', '-o', `${path}-${pack}.idx`, pack])
    }
    git(path, ['clone', '--quiet', '--bare', path, `${path}.clone`])
    const reopened = await made.reopen()
    for (const oid of before) {
      expect(await repository.objects.has(oid)).to.equal(true)
      expect((await reopened.objects.read(oid))?.oid).to.equal(oid)
    }
  })

  it('keeps deltas, and objects that several packs have only once', async () => {
    const { repository, platform, path } = made
    const large = Array.from({ length: 400 }, (_, line) => `line ${line} ${line ** 3}`)
    const blobs: NewObject[] = []
    for (let k = 0; k < 30; k++) {
      large[k * 10] = `changed ${k}`
      blobs.push(createObject(platform.hash, 'blob', encodeUtf8(large.join('\n'))))
    }
    await (await repository.objects.write(blobs)).release()
    const names = blobs.map(({ oid }) => `${oid}\n`).join('')
    for (const depth of [50, 1]) {
      const args = ['pack-objects', '--quiet', `--depth=${depth}`, '--no-reuse-delta']
      git(path, [...args, 'objects/pack/pack'], { input: names })
    }
    const whole = [...repository.storage.folders.own.packs.all][0]?.path
    for (const ending of ['.idx', '.pack']) await made.fs.remove(whole + ending)
    await commitOften(repository, platform, MAX_PACKS)
    const before = allObjects(path)
    expect(before).to.have.length.below(
      Number(/in-pack: (\d+)/.exec(git(path, ['count-objects', '-v']))?.[1])
    )
    await consolidate(await made.reopen())
    expect(git(path, ['count-objects', '-v'])).to.contain(`in-pack: ${before.length}\n`)
    expect(allObjects(path)).to.deep.equal(before)
    const [merged = ''] = packsOf(path)
    expect(packsOf(path)).to.have.lengthOf(1)
    const listed = git(`${path}/objects/pack`, ['verify-pack', '-v', merged])
    expect(listed).to.match(/chain length = \d/)
    for (const { oid, bytes } of blobs) {
      expect((await (await made.reopen()).objects.read(oid))?.bytes).to.deep.equal(bytes)
    }
    expect(fsck(path)).to.equal('')
  })

  it('leaves alone what somebody keeps, a write holds, or a remote promised', async () => {
    const { repository, platform, path } = made
    await commitOften(repository, platform, MAX_PACKS + 5)
    const [kept, promised] = packsOf(path).map((name) => name.slice(0, -5)) as [string, string]
    writeFileSync(`${path}/objects/pack/${kept}.keep`, 'by a person\n')
    writeFileSync(`${path}/objects/pack/${promised}.promisor`, '')
    const held = await repository.objects.write([
      createObject(platform.hash, 'blob', encodeUtf8('a')),
      createObject(platform.hash, 'blob', encodeUtf8('b'))
    ])
    await consolidate(repository)
    const left = packsOf(path)
    expect(left).to.include.members([`${kept}.pack`, `${promised}.pack`])
    expect(left).to.have.lengthOf(4)
    const keeps = readdirSync(`${path}/objects/pack`).filter((name) => name.endsWith('.keep'))
    expect(keeps).to.have.lengthOf(2)
    await held.release()
    expect(fsck(path)).to.equal('')
  })

  it('merges what a remote promised with nothing else, and says so of the new pack', async () => {
    const { repository, platform, path } = made
    await commitOften(repository, platform, 20)
    for (const name of packsOf(path)) {
      writeFileSync(`${path}/objects/pack/${name.slice(0, -5)}.promisor`, '')
    }
    await commitOften(repository, platform, 3, 1)
    const before = allObjects(path)
    await consolidate(repository)
    expect(packsOf(path)).to.have.length.below(12)
    const files = readdirSync(`${path}/objects/pack`)
    const promised = files
      .filter((name) => name.endsWith('.promisor'))
      .map((name) => name.slice(0, -9))
    expect(promised).to.have.lengthOf(packsOf(path).length - 3)
    expect(packsOf(path)).to.include.members(promised.map((name) => `${name}.pack`))
    expect(allObjects(path)).to.deep.equal(before)
    expect(fsck(path)).to.equal('')
  })

  it('takes away the mark of a write whose process died', async () => {
    const { fs, path } = made
    const dying = await openRepository(fs, path, createFixedPlatform({ self: { pid: 66 } }))
    const alive = createFixedPlatform({ self: { pid: 1 }, seed: 9, deadPids: new Set([66]) })
    const blob = (text: string) => createObject(alive.hash, 'blob', encodeUtf8(text))
    await dying.objects.write([blob('a'), blob('b')])
    const repository = await openRepository(fs, path, alive)
    await consolidate(repository)
    const files = readdirSync(`${path}/objects/pack`)
    expect(files.filter((name) => name.endsWith('.keep'))).to.deep.equal([])
    expect(await repository.objects.has(blob('a').oid)).to.equal(true)
  })

  it('packs many loose objects, but not young ones', async () => {
    const { repository, platform, path } = made
    const loose: NewObject[] = []
    for (let k = 0; k < 3000; k++) {
      const object = createObject(platform.hash, 'blob', encodeUtf8(`loose ${k}`))
      loose.push(object)
      await repository.objects.write([object])
    }
    expect(await consolidate(repository)).to.include({ packedLoose: 0 })
    for (const { oid } of loose.slice(0, 2990)) {
      utimesSync(`${path}/objects/${oid.slice(0, 2)}/${oid.slice(2)}`, 1_600_000_000, 1_600_000_000)
    }
    expect(await consolidate(repository)).to.include({ packedLoose: 2990 })
    expect(git(path, ['count-objects', '-v'])).to.contain('count: 10\n')
    for (const { oid, bytes } of loose) {
      expect((await repository.objects.read(oid))?.bytes).to.deep.equal(bytes)
    }
    expect(fsck(path)).to.equal('')
  })

  it('is done by one process at a time, and not beside git gc', async () => {
    const { repository, platform, path } = made
    await commitOften(repository, platform, MAX_PACKS + 1)
    const other = await made.reopen()
    const both = await Promise.all([consolidate(repository), consolidate(other)])
    expect(both.filter((done) => done !== undefined)).to.have.lengthOf(1)
    writeFileSync(`${path}/gc.pid`, '1 host')
    expect(await consolidate(repository)).to.equal(undefined)
  })

  it('leaves a damaged pack as it is and merges the others', async () => {
    const { repository, platform, path } = made
    await commitOften(repository, platform, MAX_PACKS + 5)
    const [damaged = ''] = packsOf(path)
    const file = `${path}/objects/pack/${damaged}`
    const bytes = (await made.fs.read(file)) as Uint8Array
    bytes[20] = (bytes[20] as number) ^ 1
    await made.fs.remove(file)
    writeFileSync(file, bytes)
    const done = await consolidate(repository)
    expect(done?.damages).to.have.lengthOf(1)
    expect(done?.damages[0]).to.include({ code: 'GIT_PACK_DAMAGED' })
    expect(existsSync(file)).to.equal(true)
    expect(packsOf(path)).to.have.lengthOf(2)
  })

  it('removes the index over several packs, which would name packs that are gone', async () => {
    const { repository, platform, path } = made
    await commitOften(repository, platform, MAX_PACKS + 5)
    git(path, ['multi-pack-index', 'write'])
    git(path, ['update-server-info'])
    await consolidate(repository)
    expect(existsSync(`${path}/objects/pack/multi-pack-index`)).to.equal(false)
    expect(String(await made.fs.read(`${path}/objects/info/packs`))).to.not.equal('')
    expect(fsck(path)).to.equal('')
    expect(tryGit(path, ['log', '--oneline', 'round-0']).stderr).to.equal('')
  })

  it('ends early when it is told to, and leaves nothing behind', async () => {
    const { repository, platform, path } = made
    await commitOften(repository, platform, 600)
    const abort = new AbortController()
    abort.abort(new TypeError('enough'))
    const error = await consolidate(repository, { signal: abort.signal }).catch((each) => each)
    expect(error).to.include({ message: 'enough' })
    expect(readdirSync(`${path}/objects/pack`).filter((name) => name.startsWith('tmp_'))).to.be
      .empty
    expect(packsOf(path)).to.have.lengthOf(600)
    expect(fsck(path)).to.equal('')
  })

  it('is not noticed by processes that read meanwhile', async () => {
    const { repository, platform, path } = made
    await commitOften(repository, platform, 60)
    const oids = allObjects(path)
    const script = new URL('../support/read-objects.ts', import.meta.url).pathname
    const readers = Array.from({ length: 4 }, () => {
      const child = spawn(process.execPath, ['--import', 'tsx', script, path], {
        stdio: ['pipe', 'pipe', 'inherit']
      })
      child.stdin.write(`${oids.join(' ')}\n`)
      return child
    })
    const outputs = readers.map(async (child) => {
      let output = ''
      for await (const chunk of child.stdout) output += chunk
      return output
    })
    await Promise.all(
      readers.map((child) => new Promise((done) => child.stdout.once('data', done)))
    )
    for (let round = 1; round < 9; round++) {
      await commitOften(repository, platform, MAX_PACKS, round)
      await consolidate(repository)
    }
    for (const child of readers) child.stdin.end()
    for (const output of await Promise.all(outputs)) {
      expect(output)
        .to.match(/^ready\n/)
        .and.to.match(/missing 0\n$/)
    }
    expect(fsck(path)).to.equal('')
  })
})

describe('a crash while packs are merged', () => {
  it('loses nothing at any change, and the next process goes on', async () => {
    // The first changes make the new pack and remove the first of the old ones; what follows is the
    // same for each of those, so that every fifth of them is enough to meet each kind of change.
    const nextPoint = (at: number): number => (at < 20 ? at + 1 : at + 5)
    const alive = { self: { pid: 1 }, seed: 6, deadPids: new Set([66]) }
    const fs = createNodeFileSystem()
    let at = 1
    await withTempFolder(async (folder) => {
      const template = `${folder}/template.git`
      await initRepository(fs, template)
      const survivor = createFixedPlatform(alive)
      const prepared = await openRepository(fs, template, survivor)
      await commitOften(prepared, survivor, MAX_PACKS + 1)
      const oids = allObjects(template)
      for (let outcome = ''; outcome !== 'done'; at = nextPoint(at)) {
        const path = `${folder}/${at}.git`
        cpSync(template, path, { recursive: true })
        const crashing = createCrashingFileSystem(fs, at)
        const platform = createFixedPlatform({ self: { pid: 66 }, seed: 5 })
        const opened = await openRepository(crashing, path, platform)
        outcome = await consolidate(opened).then(
          () => 'done',
          (error) => error.code
        )
        expect(['done', 'ECRASH']).to.include(outcome)
        const next = await openRepository(fs, path, createFixedPlatform(alive))
        await expectAll(next, oids)
        if (at % 10 === 0) expect(fsck(path)).to.equal('')
        expect(await consolidate(next)).to.not.equal(undefined)
        await expectAll(next, oids)
        const files = readdirSync(`${path}/objects/pack`)
        expect(files.filter((name) => name.startsWith('tmp_'))).to.deep.equal([])
        if (at % 10 === 0) expect(fsck(path)).to.equal('')
        rmSync(path, { recursive: true })
      }
    })
    expect(at).to.be.above(100)
  })
})

async function expectAll(repository: Repository, oids: readonly Oid[]): Promise<void> {
  for (const oid of oids) expect((await repository.objects.read(oid))?.oid).to.equal(oid)
}
