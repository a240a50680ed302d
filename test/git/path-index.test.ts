import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

import { expect } from 'chai'
import fc from 'fast-check'

import { encodeUtf8 } from '../../src/base/bytes.ts'
import { hashChangedPaths, hashFiles, hashPath } from '../../src/git/changed-paths.ts'
import { createObject, type Oid } from '../../src/git/objects.ts'
import { commitsTouching } from '../../src/git/path-history.ts'
import { PathIndex } from '../../src/git/path-index.ts'
import { PathHistory } from '../../src/git/path-index-file.ts'
import { FILE_MODE, type TreeTarget } from '../../src/git/tree.ts'
import { editTree } from '../../src/git/tree-edit.ts'
import { makeHistory, type PlannedCommit } from '../support/history.ts'
import { makeRepository, type TestRepository } from '../support/repositories.ts'

/** Random histories with merges, several roots, and clocks that are wrong. */
const histories = fc
  .array(
    fc.record({
      back: fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { maxLength: 3 }),
      seconds: fc.integer({ min: -60, max: 60 }),
      path: fc.constantFrom('a', 'a.b', 'f/x', 'f/g/y', 'fé', undefined),
      content: fc.constantFrom('1', '2', null)
    }),
    { minLength: 2, maxLength: 14 }
  )
  .map((steps) =>
    steps.map(({ back, seconds, path, content }, index): PlannedCommit => {
      const parents = back.map((distance) => index - distance).filter((parent) => parent >= 0)
      const files = path === undefined ? {} : { [path]: content }
      return { parents, epochSeconds: 1_700_000_000 + index * 10 + seconds, files }
    })
  )

/** A line of commits, each of which changes a file of its own. */
const longLine = (length: number): PlannedCommit[] =>
  Array.from({ length }, (_, n) => ({
    parents: n === 0 ? [] : [n - 1],
    epochSeconds: 1_700_000_000 + n,
    files: { [`runs/${n % 7}/${n}`]: `${n}` }
  }))

describe('path index', () => {
  let subject: TestRepository
  beforeEach(async () => {
    subject = await makeRepository()
  })
  afterEach(() => subject.close())

  const touching = async (head: Oid, path: string, index?: PathIndex): Promise<readonly Oid[]> => {
    const found: Oid[] = []
    for await (const { oid } of commitsTouching(subject.repository.objects, head, path, {
      index
    })) {
      found.push(oid)
    }
    return found
  }
  const build = (plan: readonly PlannedCommit[]): Promise<readonly Oid[]> =>
    makeHistory(subject.repository, subject.platform, plan)

  it('answers as a walk over all commits does, also when it was stored in between', async () => {
    await fc.assert(
      fc.asyncProperty(histories, fc.nat(), async (plan, cut) => {
        const oids = await build(plan)
        const { hash } = subject.platform
        const early = new PathIndex()
        const most = 1 + (cut % 5)
        await early.extend(subject.repository.objects, [oids[cut % oids.length] as Oid], { most })
        const index = PathIndex.parse(early.format(hash), hash) as PathIndex
        const head = oids.at(-1) as Oid
        // What is there of an index helps, be it little, more, or all.
        for (const further of [0, 1, 2, Number.POSITIVE_INFINITY]) {
          await index.extend(subject.repository.objects, [head], { most: further })
          for (const path of ['a', 'a.b', 'f', 'f/x', 'f/g', 'f/g/y', 'fé', 'none']) {
            const walked = await touching(head, path)
            expect(await touching(head, path, index), path).to.deep.equal(walked)
          }
        }
        expect(index.isWhole).to.equal(true)
      }),
      { seed: 11, numRuns: 60 }
    )
  })

  it('is kept in the cache, taken from there by others, and made anew when it is damaged', async () => {
    const oids = await build(longLine(64))
    const head = oids.at(-1) as Oid
    await new PathHistory(subject.repository).prepare()
    expect((await new PathHistory(subject.repository).of(head))?.count).to.equal(64)
    const folder = `${subject.path}/runtree/cache`
    expect(readdirSync(folder)).to.deep.equal(['changed-paths'])
    const bytes = readFileSync(`${folder}/changed-paths`)
    const { hash } = subject.platform
    expect(PathIndex.parse(bytes, hash)?.count).to.equal(64)
    for (const at of [0, 5, 40, bytes.length - 1]) {
      const wrong = new Uint8Array(bytes)
      wrong[at] = (wrong[at] as number) ^ 1
      expect(PathIndex.parse(wrong, hash)).to.equal(undefined)
      writeFileSync(`${folder}/changed-paths`, wrong)
      const index = await new PathHistory(subject.repository).of(head)
      expect(await touching(head, 'runs/3/3', index)).to.deep.equal([oids[3]])
      expect(readFileSync(`${folder}/changed-paths`).equals(bytes)).to.equal(true)
    }
    expect(PathIndex.parse(bytes.subarray(0, 30), hash)).to.equal(undefined)
  })

  it('counts a commit that changes very many paths as one that may change any', async () => {
    const files = Object.fromEntries(Array.from({ length: 700 }, (_, n) => [`m/${n}`, 'x']))
    const plan: PlannedCommit[] = [
      { parents: [], epochSeconds: 1, files: { a: '1' } },
      { parents: [0], epochSeconds: 2, files },
      { parents: [1], epochSeconds: 3, files: { a: '2' } }
    ]
    const oids = await build(plan)
    const index = new PathIndex()
    await index.extend(subject.repository.objects, [oids[2] as Oid])
    expect(await touching(oids[2] as Oid, 'm/650', index)).to.deep.equal([oids[1]])
    expect(await touching(oids[2] as Oid, 'a', index)).to.deep.equal([oids[2], oids[0]])
  })

  it('is made piece by piece, the newest commits first, also by many processes', async () => {
    const oids = await build(longLine(200))
    const head = oids.at(-1) as Oid
    const { objects } = subject.repository
    const { hash } = subject.platform
    let index = new PathIndex()
    for (const count of [70, 140, 200]) {
      await index.extend(objects, [head], { most: 70 })
      expect(index.count).to.equal(count)
      expect(index.find(oids[200 - count] as Oid)).to.be.at.least(0)
      expect(index.isWhole).to.equal(count === 200)
      for (const n of [0, 3, 99, 199]) {
        const found = await touching(head, `runs/${n % 7}/${n}`, index)
        expect(found).to.deep.equal([oids[n]])
      }
      index = PathIndex.parse(index.format(hash), hash) as PathIndex
    }
    expect(await touching(head, 'runs/3', index)).to.have.lengthOf(29)
  })

  it('keeps what was noted when it is ended, and the next one goes on', async () => {
    const oids = await build(longLine(300))
    await subject.repository.refs.update([{ ref: 'refs/heads/main', value: oids.at(-1) as Oid }])
    const counts: number[] = []
    for (let process = 0; process < 6; process++) {
      const repository = await subject.reopen()
      const abort = new AbortController()
      const { read } = repository.local
      let reads = 0
      // It is told to end when it has begun.
      Object.assign(repository.local, {
        read: (oid: Oid) => {
          if (++reads === 65) abort.abort()
          return read(oid)
        }
      })
      await new PathHistory(repository).prepare(abort.signal).catch(() => undefined)
      const bytes = readFileSync(`${subject.path}/runtree/cache/changed-paths`)
      counts.push(PathIndex.parse(bytes, subject.platform.hash)?.count ?? 0)
    }
    expect(counts).to.deep.equal([64, 128, 192, 256, 256, 256])
    const { objects } = subject.repository
    const index = await new PathHistory(subject.repository).of(oids.at(-1) as Oid)
    expect(index.count).to.equal(300)
    expect(await touching(oids.at(-1) as Oid, 'runs/3/3', index)).to.deep.equal([oids[3]])
    expect(await objects.has(oids[0] as Oid)).to.equal(true)
  })

  it('takes notice of commits as they are made, if it has what lies before them', async () => {
    const plan = longLine(6)
    const oids = await build(plan)
    const index = new PathIndex()
    const note = (n: number): void => {
      const files = Object.keys(plan[n]?.files ?? {})
      const [oid, parentOid] = [oids[n] as Oid, oids[n - 1] as Oid]
      index.note({ oid, parentOid, epochSeconds: 1_700_000_000 + n, files })
    }
    note(3)
    expect(index.count).to.equal(0)
    await index.extend(subject.repository.objects, [oids[3] as Oid])
    expect(index.count).to.equal(4)
    for (const n of [5, 4, 4, 5, 3]) note(n)
    expect(index.count).to.equal(6)
    for (const n of [0, 3, 4, 5]) {
      expect(await touching(oids[5] as Oid, `runs/${n % 7}/${n}`, index)).to.deep.equal([oids[n]])
    }
    expect(await touching(oids[5] as Oid, 'runs', index)).to.deep.equal([...oids].reverse())
    for (const n of [0, 4, 5]) {
      const position = index.find(oids[n] as Oid)
      expect(index.mayTouch(position, hashPath('runs/3/3'))).to.equal(false)
    }
  })

  it('knows from the files alone what a plain edit changed', async () => {
    const { objects } = subject.repository
    const { hash } = subject.platform
    const path = fc.constantFrom('a', 'a/b', 'a/b/c', 'f/x', 'f/y', 'f/g/y', 'é/z')
    const contents = fc.dictionary(path, fc.constantFrom('1', '2', null), { maxKeys: 4 })
    const isNested = (files: object): boolean =>
      Object.keys(files).some((one) => Object.keys(files).some((two) => two.startsWith(`${one}/`)))
    const edit = async (rootOid: Oid | undefined, files: Record<string, string | null>) => {
      const changes = new Map<string, TreeTarget | null>()
      for (const [name, text] of Object.entries(files)) {
        const blob = text === null ? null : createObject(hash, 'blob', encodeUtf8(text))
        changes.set(name, blob && { mode: FILE_MODE, oid: blob.oid })
      }
      const edited = await editTree(objects, rootOid, changes, hash)
      if (edited.created.length > 0) await (await objects.write(edited.created)).release()
      return edited
    }
    let plain = 0
    await fc.assert(
      fc.asyncProperty(contents, contents, async (first, second) => {
        fc.pre(!isNested(first) && !isNested(second))
        const before = (await edit(undefined, { ...first, always: 'x' })).rootOid
        const { rootOid: after, isPlain } = await edit(before, second)
        if (!isPlain) return
        plain++
        const [changed] = await hashChangedPaths(objects, [{ before, after }])
        expect(hashFiles(Object.keys(second))).to.include.members([...(changed ?? [])])
      }),
      { numRuns: 150 }
    )
    expect(plain).to.be.greaterThan(10)
  })

  it('is done without where the history is not whole', async () => {
    const oids = await build(longLine(3))
    const absent = '1234567890123456789012345678901234567890'
    const history = new PathHistory(subject.repository)
    expect((await history.of(absent)).count).to.equal(0)
    expect((await history.of(oids[2] as Oid)).count).to.equal(3)
  })
})
