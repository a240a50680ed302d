import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { constants, deflateSync } from 'node:zlib'
import { expect } from 'chai'
import fc from 'fast-check'

import { inflateSmall } from '../../src/git/inflate-small.ts'
import { LineSkip } from '../../src/git/line-skip.ts'
import type { Oid } from '../../src/git/objects.ts'
import { formatPackIndex } from '../../src/git/pack-index.ts'
import { commitsTouching } from '../../src/git/path-history.ts'
import type { Repository } from '../../src/git/repository.ts'
import {
  binaryName,
  COMMIT,
  formatCrafted,
  formatEntry,
  REF,
  TREE
} from '../support/crafted-packs.ts'
import { git } from '../support/git.ts'
import { makeHistory, type PlannedCommit } from '../support/history.ts'
import { makeRepository, type TestRepository } from '../support/repositories.ts'

const PATHS = ['a', 'f', 'f/x', 'f/g', 'f/g/y', 'none', 'a/none'] as const

/** Random histories with lines, merges and several roots, and clocks that are right. */
const histories = fc
  .array(
    fc.record({
      back: fc.oneof(
        { weight: 4, arbitrary: fc.constant<number[]>([1]) },
        { weight: 1, arbitrary: fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { maxLength: 3 }) }
      ),
      path: fc.constantFrom('a', 'b', 'f/x', 'f/g/y', 'f', undefined),
      content: fc.constantFrom('1', '2', null)
    }),
    { minLength: 5, maxLength: 30 }
  )
  .map((steps) =>
    steps.map(({ back, path, content }, index): PlannedCommit => {
      const parents = back
        .map((distance: number) => index - distance)
        .filter((parent) => parent >= 0)
      const files = path === undefined ? {} : { [path]: content }
      return { parents, epochSeconds: 1_700_000_000 + index * 10, files }
    })
  )

const line = (length: number): PlannedCommit[] =>
  Array.from({ length }, (_, n) => ({
    parents: n === 0 ? [] : [n - 1],
    epochSeconds: 1_700_000_000 + n,
    files: { [`runs/${n % 7}/${n}`]: `${n}` }
  }))

describe('a skip over a line of commits', () => {
  let subject: TestRepository
  beforeEach(async () => {
    subject = await makeRepository()
  })
  afterEach(() => subject.close())

  const build = (plan: readonly PlannedCommit[]): Promise<readonly Oid[]> =>
    makeHistory(subject.repository, subject.platform, plan)
  const touching = async (
    repository: Repository,
    head: Oid,
    path: string,
    patience = 0
  ): Promise<readonly Oid[]> => {
    const found: Oid[] = []
    const skip = new LineSkip(repository.storage, path)
    for await (const { oid } of commitsTouching(repository.objects, head, path, {
      skip,
      patience
    })) {
      found.push(oid)
    }
    return found
  }
  const skipFrom = (repository: Repository, head: Oid, path: string): Promise<Oid> =>
    repository.objects
      .has(head)
      .then(() => new LineSkip(repository.storage, path).skip(head, () => false))

  it('leaves the commits that git log lists, in packs as they come and as git packs them', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (plan) => {
        const head = (await build(plan)).at(-1) as Oid
        for (const isPacked of [false, true]) {
          if (isPacked) {
            await subject.repository.refs.update([{ ref: 'refs/heads/main', value: head }])
            git(subject.path, ['repack', '-adfq', '--depth=50', '--window=20'])
          }
          const repository = isPacked ? await subject.reopen() : subject.repository
          for (const path of PATHS) {
            const logged = git(subject.path, ['log', '--format=%H', head, '--', path])
            expect(await touching(repository, head, path), path).to.deep.equal(
              logged.split('\n').filter(Boolean)
            )
          }
        }
      }),
      { seed: 21, numRuns: 8 }
    )
  })

  it('passes over all that a line has, up to where the path changed', async () => {
    const oids = await build(line(200))
    const head = oids.at(-1) as Oid
    await subject.repository.refs.update([{ ref: 'refs/heads/main', value: head }])
    git(subject.path, ['repack', '-adfq'])
    const repository = await subject.reopen()
    expect(await skipFrom(repository, head, 'runs/3/10')).to.equal(oids[10])
    expect(await skipFrom(repository, head, 'runs/3')).to.equal(oids[199])
    expect(await skipFrom(repository, oids[198] as Oid, 'runs/3')).to.equal(oids[192])
    expect(await skipFrom(repository, head, 'none')).to.equal(oids[0])
    // There never was anything in a file.
    expect(await skipFrom(repository, head, 'runs/3/10/none')).to.equal(oids[0])
    expect(await touching(repository, head, 'runs/3', 7)).to.have.lengthOf(29)
  })

  it('passes over nothing in a pack whose bytes changed', async () => {
    const oids = await build(line(40))
    const head = oids.at(-1) as Oid
    await subject.repository.refs.update([{ ref: 'refs/heads/main', value: head }])
    git(subject.path, ['repack', '-adfq'])
    const folder = `${subject.path}/objects/pack`
    for (const ending of ['.pack', '.idx']) {
      const [name = ''] = readdirSync(folder).filter((file) => file.endsWith(ending))
      const bytes = readFileSync(`${folder}/${name}`)
      const at = bytes.length - 50
      bytes[at] = (bytes[at] as number) ^ 1
      writeFileSync(`${folder}/${name}.new`, bytes)
      const { fs } = subject
      await fs.rename(`${folder}/${name}.new`, `${folder}/${name}`)
      expect(await skipFrom(await subject.reopen(), head, 'runs/3/10'), ending).to.equal(head)
      bytes[at] = (bytes[at] as number) ^ 1
      writeFileSync(`${folder}/${name}.new`, bytes)
      await fs.rename(`${folder}/${name}.new`, `${folder}/${name}`)
      expect(await skipFrom(await subject.reopen(), head, 'runs/3/10'), ending).to.equal(oids[10])
    }
  })

  /** Puts a pack in place whose index says of its entries what names they have. */
  const place = (entries: readonly Buffer[], oids: readonly Oid[]): void => {
    const pack = formatCrafted(entries)
    let offset = 12
    const places = entries.map((entry, n) => {
      const at = { oid: oids[n] as Oid, offset, crc: 0 }
      offset += entry.length
      return at
    })
    const index = formatPackIndex(places, pack.subarray(-20), subject.platform.hash)
    writeFileSync(`${subject.path}/objects/pack/pack-1.pack`, pack)
    writeFileSync(`${subject.path}/objects/pack/pack-1.idx`, index)
  }
  const name = (digit: string): Oid => digit.repeat(40)
  const commit = (tree: Oid, parent: Oid): Buffer =>
    formatEntry({
      kind: COMMIT,
      content: Buffer.from(
        `tree ${tree}\nparent ${parent}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nx`
      )
    })

  it('ends at deltas that build on each other, and at what is damaged under a right checksum', async () => {
    const delta = Uint8Array.of(3, 3, 0x90, 3)
    const names = ['1', '2', '3', '4'].map(name)
    const [head, parent, tree, other] = names as [Oid, Oid, Oid, Oid]
    const circle = [
      commit(tree, parent),
      commit(other, head),
      formatEntry({ kind: REF, base: Buffer.from(other, 'hex'), content: delta }),
      formatEntry({ kind: REF, base: Buffer.from(tree, 'hex'), content: delta })
    ]
    place(circle, names)
    expect(await skipFrom(await subject.reopen(), head, 'a/b')).to.equal(head)
    const entry = Buffer.concat([Buffer.from('100644 a\0'), binaryName('blob', Buffer.from('x'))])
    const sound = [
      commit(tree, parent),
      commit(other, parent),
      formatEntry({ kind: TREE, content: entry }),
      formatEntry({
        kind: TREE,
        content: Buffer.concat([entry, Buffer.from('100644 b\0'), entry.subarray(9)])
      })
    ]
    place(sound, names)
    expect(await skipFrom(await subject.reopen(), head, 'b')).to.equal(head)
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 3 }),
        fc.nat(),
        fc.nat({ max: 254 }),
        async (number, at, change) => {
          const entries = sound.map((bytes) => Buffer.from(bytes))
          const wrong = entries[number] as Buffer
          wrong[at % wrong.length] = ((wrong[at % wrong.length] as number) + change + 1) & 255
          place(entries, names)
          // The second commit is its own parent: nothing ends but what notices that.
          let steps = 0
          const repository = await subject.reopen()
          await repository.objects.has(head)
          const stop = await new LineSkip(repository.storage, 'a').skip(head, () => ++steps > 9)
          expect([head, parent]).to.include(stop)
        }
      ),
      { seed: 22, numRuns: 200 }
    )
  })

  it('inflates what is little as zlib does, and leaves the rest', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.array(fc.constantFrom(0, 1, 2), { maxLength: 700 }).map((list) => Uint8Array.from(list))
    )
    fc.assert(
      fc.property(bytes, fc.integer({ min: 0, max: 9 }), (content, level) => {
        const stream = deflateSync(content, { level, strategy: constants.Z_FIXED })
        const { length } = content
        const target = new Uint8Array(length + 2)
        const padded = Buffer.concat([Buffer.from('abc'), stream, Buffer.from('defghi')])
        expect(inflateSmall(padded, 3, target, 1, length + 1)).to.equal(true)
        expect([...target]).to.deep.equal([0, ...content, 0])
        expect(inflateSmall(padded, 3, target, 0, length + 2)).to.equal(false)
        if (length > 0) expect(inflateSmall(padded, 3, target, 1, length)).to.equal(false)
        expect(inflateSmall(stream.subarray(0, -5), 0, target, 1, length + 1)).to.equal(false)
      }),
      { seed: 23, numRuns: 400 }
    )
    const digits = Array.from({ length: 20 }, (_, n) =>
      binaryName('blob', Buffer.from(`${n}`)).toString('hex')
    )
    const rich = deflateSync(Buffer.from(digits.join('')))
    expect(inflateSmall(rich, 0, new Uint8Array(800), 0, 800)).to.equal(false)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (stream) => {
        const target = new Uint8Array(50)
        inflateSmall(Uint8Array.of(0x78, 1, 3, ...stream), 0, target, 10, 40)
        expect([...target.subarray(0, 10), ...target.subarray(40)]).to.deep.equal(
          new Array(20).fill(0)
        )
      }),
      { seed: 24, numRuns: 2000 }
    )
  })
})
