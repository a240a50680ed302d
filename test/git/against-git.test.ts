import { createHash } from 'node:crypto'
import * as nodeFs from 'node:fs'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { expect } from 'chai'
import isomorphicGit from 'isomorphic-git'

import { encodeUtf8 } from '../../src/base/bytes.ts'
import type { ObjectStore } from '../../src/git/object-store.ts'
import { createObject, type NewObject, type Oid } from '../../src/git/objects.ts'
import { openRepository } from '../../src/git/repository.ts'
import { walkTree } from '../../src/git/tree-walk.ts'
import { fsck, git, gitBytes, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { makeHistory, type PlannedCommit } from '../support/history.ts'
import { makeRepository, type TestRepository } from '../support/repositories.ts'

/** A history with long files that change little, so that git makes chains of deltas of them. */
const LONG = Array.from({ length: 40 }, (_, index): PlannedCommit => {
  const line = (n: number): string =>
    `line ${n} ${createHash('sha1').update(`${n}`).digest('hex')}\n`
  const text = Array.from({ length: 200 }, (_, n) => line(n === index * 3 ? n + 1000 : n)).join('')
  return {
    parents: index === 0 ? [] : [index - 1],
    epochSeconds: 1_700_000_000 + index,
    files: { 'deep/long.txt': text + index, [`many/${index % 7}/${index}`]: `${index}\n` }
  }
})

/** What `git cat-file --batch` says of every object of a repository. */
function catAll(path: string): Map<Oid, { type: string; bytes: Uint8Array }> {
  const args = ['cat-file', '--batch', '--batch-all-objects', '--unordered']
  const output = gitBytes(path, args)
  const objects = new Map<Oid, { type: string; bytes: Uint8Array }>()
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(0x0a, at)
    const [oid = '', type = '', size] = output.toString('utf8', at, end).split(' ')
    const start = end + 1
    objects.set(oid, { type, bytes: new Uint8Array(output.subarray(start, start + Number(size))) })
    at = start + Number(size) + 1
  }
  return objects
}

async function expectSameObjects(store: ObjectStore, path: string): Promise<number> {
  const expected = catAll(path)
  const found = new Map<Oid, { type: string; bytes: Uint8Array }>()
  for await (const { oid, type, bytes } of store.readMany([...expected.keys()])) {
    found.set(oid, { type, bytes })
  }
  expect(found.size).to.equal(expected.size)
  for (const [oid, object] of expected) {
    expect(found.get(oid), oid).to.deep.equal(object)
    const { type, bytes } = (await store.read(oid)) ?? {}
    expect({ type, bytes }, oid).to.deep.equal(object)
  }
  return expected.size
}

describe('objects against the git program', () => {
  let subject: TestRepository
  beforeEach(async () => {
    subject = await makeRepository()
  })
  afterEach(() => subject.close())

  const build = async (): Promise<readonly Oid[]> => {
    const oids = await makeHistory(subject.repository, subject.platform, LONG)
    await subject.repository.refs.update([{ ref: 'refs/heads/main', value: oids.at(-1) as Oid }])
    return oids
  }
  const packs = (ending: string): string[] =>
    readdirSync(join(subject.path, 'objects/pack')).filter((name) => name.endsWith(ending))
  const blobs = (...texts: readonly string[]): NewObject[] =>
    texts.map((text) => createObject(subject.platform.hash, 'blob', encodeUtf8(text)))

  it('writes what git fsck --strict accepts and git clone copies', async () => {
    await build()
    expect(fsck(subject.path)).to.equal('')
    const clone = makeTempFolder()
    try {
      git(clone, ['clone', '-q', `file://${subject.path}`, 'copy'])
      const files = git(join(clone, 'copy'), ['ls-files']).trim().split('\n')
      const { objects, refs } = subject.repository
      const head = (await objects.read((await refs.read('HEAD')) as Oid)) as NewObject
      const tree = new TextDecoder().decode(head.bytes).slice(5, 45)
      const walked: string[] = []
      for await (const file of walkTree(objects, tree)) walked.push(file.path)
      expect(walked).to.deep.equal(files)
    } finally {
      removeTempFolder(clone)
    }
  })

  it('writes packs and indexes that git verify-pack and git index-pack agree with', async () => {
    await build()
    const folder = join(subject.path, 'objects/pack')
    expect(packs('.pack')).to.have.length(LONG.length)
    for (const name of packs('.pack').slice(0, 10)) {
      git(folder, ['verify-pack', name])
      git(folder, ['index-pack', '-o', 'again.idx', name])
      const own = readFileSync(join(folder, name.replace('.pack', '.idx')))
      expect(readFileSync(join(folder, 'again.idx')).equals(own)).to.equal(true)
      chmodSync(join(folder, 'again.idx'), 0o644)
      nodeFs.rmSync(join(folder, 'again.idx'))
    }
  })

  it('writes objects that nobody may write', async () => {
    await build()
    await subject.repository.objects.write(blobs('alone'))
    const modes = git(subject.path, ['count-objects']).startsWith('1 objects')
    expect(modes).to.equal(true)
    for (const name of [...packs('.pack'), ...packs('.idx')]) {
      const { mode } = nodeFs.statSync(join(subject.path, 'objects/pack', name))
      expect(mode & 0o777).to.equal(0o444)
    }
  })

  for (const [name, commands] of [
    ['loose objects', [['unpack-objects']]],
    ['deltas by offset', [['repack', '-adfq', '--depth=50', '--window=50']]],
    ['deltas by name', [['-c', 'repack.useDeltaBaseOffset=false', 'repack', '-adfq']]],
    ['gc', [['gc', '-q', '--prune=now']]],
    [
      'a multi-pack-index',
      [
        ['repack', '-adq'],
        ['multi-pack-index', 'write']
      ]
    ]
  ] as const) {
    it(`reads every object after git made ${name}`, async () => {
      await build()
      for (const command of commands) {
        if (command[0] === 'unpack-objects') unpack()
        else git(subject.path, command)
      }
      if (name.startsWith('deltas')) {
        const [pack = ''] = packs('.idx')
        const verified = git(join(subject.path, 'objects/pack'), ['verify-pack', '-v', pack])
        expect(verified).to.match(/chain length = [2-9]/)
      }
      expect(await expectSameObjects(subject.repository.objects, subject.path)).to.be.above(150)
      expect(await expectSameObjects((await subject.reopen()).objects, subject.path)).to.be.above(
        150
      )
    })
  }

  const unpack = (): void => {
    const folder = join(subject.path, 'objects/pack')
    const contents = packs('.pack').map((name) => readFileSync(join(folder, name)))
    for (const name of readdirSync(folder)) nodeFs.rmSync(join(folder, name))
    for (const input of contents) git(subject.path, ['unpack-objects', '-q'], { input })
  }

  it('goes on reading while git repacks everything under it', async () => {
    const oids = await build()
    const { objects } = subject.repository
    for (const oid of oids) await objects.read(oid)
    git(subject.path, ['repack', '-adfq'])
    for (const oid of oids) expect((await objects.read(oid))?.oid).to.equal(oid)
    unpack()
    for (const oid of oids) expect(await objects.has(oid)).to.equal(true)
    for (const oid of oids) expect((await objects.read(oid))?.oid).to.equal(oid)
  })

  it('keeps a new pack through git repack -ad and git gc until it is released', async () => {
    await build()
    const objects = blobs('one', 'two', 'three')
    const oids = objects.map((object) => object.oid)
    const held = await subject.repository.objects.write(objects)
    expect(
      readFileSync(join(subject.path, 'objects/pack', packs('.keep')[0] ?? ''), 'utf8')
    ).to.match(new RegExp(`^runtree .*"pid":${process.pid}`))
    git(subject.path, ['repack', '-adq'])
    git(subject.path, ['gc', '-q', '--prune=now'])
    const kept = await subject.reopen()
    for (const oid of oids) expect(await kept.objects.has(oid)).to.equal(true)
    await held.release()
    expect(packs('.keep')).to.deep.equal([])
    git(subject.path, ['repack', '-adq'])
    for (const oid of oids) expect(await kept.objects.has(oid)).to.equal(false)
    expect(await kept.objects.read(oids[0] as Oid)).to.equal(undefined)
  })

  it('writes anew an object whose pack git removed', async () => {
    const objects = blobs('one', 'two', 'three')
    await (await subject.repository.objects.write(objects)).release()
    git(subject.path, ['repack', '-adq'])
    await subject.repository.objects.write(objects)
    const reader = (await subject.reopen()).objects
    for (const object of objects) expect(await reader.read(object.oid)).to.deep.equal(object)
  })

  it('freshens an object that is there, packed or loose', async () => {
    const [packed, loose] = [blobs('one', 'two'), blobs('loose')]
    await (await subject.repository.objects.write(packed)).release()
    await subject.repository.objects.write(loose)
    const name = loose[0]?.oid ?? ''
    const paths = [
      join(subject.path, 'objects/pack', packs('.pack')[0] ?? ''),
      join(subject.path, 'objects', name.slice(0, 2), name.slice(2))
    ]
    for (const path of paths) nodeFs.utimesSync(path, new Date(0), new Date(0))
    await subject.repository.objects.write([...packed, ...loose])
    for (const path of paths) expect(nodeFs.statSync(path).mtimeMs).to.be.above(1_700_000_000_000)
    expect(packs('.pack')).to.have.length(1)
  })

  it('reads what an alternate has, and an alternate of it', async () => {
    const oids = await build()
    const folder = makeTempFolder()
    try {
      git(folder, ['clone', '-q', '--bare', '--shared', subject.path, 'first.git'])
      git(folder, ['clone', '-q', '--bare', '--shared', 'first.git', 'second.git'])
      writeFileSync(join(folder, 'second.git/objects/info/alternates'), '../../first.git/objects\n')
      const path = `${folder}/second.git`
      const borrower = await openRepository(subject.fs, path, subject.platform)
      expect(await borrower.objects.has(oids[3] as Oid)).to.equal(true)
      expect(await expectSameObjects(borrower.objects, subject.path)).to.be.above(150)
      await borrower.objects.write(blobs('own', 'more'))
      expect(fsck(path)).to.equal('')
      expect(await subject.repository.objects.has(blobs('own')[0]?.oid ?? '')).to.equal(false)
    } finally {
      removeTempFolder(folder)
    }
  })

  it('agrees with isomorphic-git, which reads what it writes', async () => {
    const oids = await build()
    const log = await isomorphicGit.log({ fs: nodeFs, gitdir: subject.path, ref: 'main' })
    expect(log.map((entry) => entry.oid)).to.deep.equal([...oids].reverse())
    const { objects } = subject.repository
    const found = await isomorphicGit.readBlob({
      fs: nodeFs,
      gitdir: subject.path,
      oid: oids[5] as Oid,
      filepath: 'deep/long.txt'
    })
    expect((await objects.read(found.oid))?.bytes).to.deep.equal(new Uint8Array(found.blob))
  })

  it('finds abbreviated names as git does', async () => {
    const oids = await build()
    for (const oid of oids.slice(0, 5)) {
      const expected = git(subject.path, ['rev-parse', `--disambiguate=${oid.slice(0, 4)}`])
      const found = await subject.repository.objects.findByPrefix(oid.slice(0, 4), 100)
      expect(found).to.deep.equal(expected.trim().split('\n').sort())
    }
  })

  describe('damage', () => {
    const expectDamage = async (oid: Oid): Promise<void> => {
      const error = await (await subject.reopen()).objects.read(oid).catch((thrown) => thrown)
      expect(error).to.include({ code: 'GIT_OBJECT_DAMAGED' })
      expect(error.data.oid).to.equal(oid)
    }

    it('is named for every byte of a loose object that is wrong', async () => {
      const [object] = blobs('a loose object') as [NewObject]
      await subject.repository.objects.write([object])
      const path = join(subject.path, 'objects', object.oid.slice(0, 2), object.oid.slice(2))
      const good = readFileSync(path)
      chmodSync(path, 0o644)
      for (let at = 0; at < good.length; at += 3) {
        const bad = Buffer.from(good)
        bad[at] = (bad[at] as number) ^ 0x55
        writeFileSync(path, bad)
        await expectDamage(object.oid)
      }
      for (const length of [0, 1, good.length - 5]) {
        writeFileSync(path, good.subarray(0, length))
        await expectDamage(object.oid)
      }
    })

    it('is named for a pack that is wrong or cut short, and hides no other object', async () => {
      const objects = blobs('first object '.repeat(20), 'second object '.repeat(20), 'third')
      await subject.repository.objects.write(objects)
      const path = join(subject.path, 'objects/pack', packs('.pack')[0] ?? '')
      const good = readFileSync(path)
      chmodSync(path, 0o644)
      const bad = Buffer.from(good)
      bad[16] = (bad[16] as number) ^ 0x55
      writeFileSync(path, bad)
      await expectDamage(objects[0]?.oid ?? '')
      const reader = (await subject.reopen()).objects
      expect(await reader.read(objects[1]?.oid ?? '')).to.deep.equal(objects[1])
      writeFileSync(path, good.subarray(0, 40))
      await expectDamage(objects[2]?.oid ?? '')
    })

    it('is passed over where another copy of the object is sound', async () => {
      const [object, other] = blobs('twice '.repeat(20), 'once') as [NewObject, NewObject]
      await subject.repository.objects.write([object, other])
      const [pack = ''] = packs('.pack')
      const path = join(subject.path, 'objects/pack', pack)
      const loose = join(subject.path, 'objects', object.oid.slice(0, 2), object.oid.slice(2))
      mkdirSync(dirname(loose), { recursive: true })
      const head = `blob ${object.bytes.length}\0`
      writeFileSync(loose, deflateSync(Buffer.concat([Buffer.from(head), object.bytes])))
      chmodSync(path, 0o644)
      writeFileSync(path, readFileSync(path).fill(0x55, 12))
      const { objects } = await subject.reopen()
      expect(await objects.read(object.oid)).to.deep.equal(object)
      const many = (await subject.reopen()).objects.readMany([object.oid])
      for await (const found of many) expect(found).to.deep.equal(object)
      await expectDamage(other.oid)
    })

    it('of an index hides its pack alone', async () => {
      const [objects, others] = [blobs('a', 'b'), blobs('c', 'd')]
      await subject.repository.objects.write(objects)
      const path = join(subject.path, 'objects/pack', packs('.idx')[0] ?? '')
      await subject.repository.objects.write(others)
      chmodSync(path, 0o644)
      writeFileSync(path, 'no index')
      const reader = (await subject.reopen()).objects
      expect(await reader.read(objects[0]?.oid ?? '')).to.equal(undefined)
      expect(await reader.read(others[0]?.oid ?? '')).to.deep.equal(others[0])
    })
  })
})
