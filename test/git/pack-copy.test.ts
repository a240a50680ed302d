import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import fc from 'fast-check'

import type { Platform } from '../../src/base/platform.ts'
import { gitErrors } from '../../src/git/errors.ts'
import { type ReachedObject, walkNewObjects } from '../../src/git/object-walk.ts'
import { createObject, type Oid } from '../../src/git/objects.ts'
import { type BuildPackOptions, buildPack } from '../../src/git/pack-build.ts'
import type { Repository } from '../../src/git/repository.ts'
import { FILE_MODE, FOLDER_MODE, formatTree, parseTree } from '../../src/git/tree.ts'
import { parseDifference } from '../../src/git/tree-pair.ts'
import { fsck, git } from '../support/git.ts'
import { makeHistory, type PlannedCommit } from '../support/history.ts'
import { makeRepository, type TestRepository } from '../support/repositories.ts'

/** Commits that each add a run, and change a file now and then. */
const plan: readonly PlannedCommit[] = Array.from({ length: 90 }, (_, n) => ({
  parents: n === 0 ? [] : [n - 1],
  epochSeconds: 1_700_000_000 + n,
  files: {
    [`runs/${n % 3}/${n}/run.yaml`]: `number: ${n}\n${'status: done\n'.repeat(20)}`,
    ...(n % 9 === 0 ? { 'experiment.yaml': `last: ${n}\n${'x'.repeat(500)}\n` } : {})
  }
}))

describe('entries that are copied from packs', () => {
  let source: TestRepository
  let repository: Repository
  let history: readonly Oid[]
  /** What was deflated since it was set to 0. */
  let deflated = 0
  let counting: Platform

  beforeEach(async () => {
    source = await makeRepository()
    const { platform } = source
    counting = {
      ...platform,
      zlib: {
        ...platform.zlib,
        deflate(bytes) {
          deflated++
          return platform.zlib.deflate(bytes)
        }
      }
    }
    history = await makeHistory(source.repository, platform, plan)
    await source.repository.refs.update([{ ref: 'refs/heads/main', value: head() }])
    repository = source.repository
  })
  afterEach(() => source.close())

  const head = (): Oid => history.at(-1) as Oid
  const reach = async (known: readonly Oid[] = []): Promise<ReachedObject[]> => {
    const found: ReachedObject[] = []
    for await (const item of walkNewObjects(repository.objects, [head()], known)) found.push(item)
    return found
  }
  const build = async (
    reached: readonly ReachedObject[],
    options: BuildPackOptions
  ): Promise<Buffer> => {
    deflated = 0
    const chunks: Uint8Array[] = []
    for await (const chunk of buildPack(repository.objects, reached, counting, options)) {
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  }
  const check = async (pack: Buffer, known?: Oid): Promise<void> => {
    const target = await makeRepository()
    try {
      if (known !== undefined) {
        git(target.path, ['fetch', '--quiet', source.path, `${known}:refs/heads/main`])
      }
      git(target.path, ['index-pack', '--stdin', '--strict', '--fix-thin'], { input: pack })
      git(target.path, ['update-ref', 'refs/heads/main', head()])
      expect(fsck(target.path)).to.equal('')
    } finally {
      await target.close()
    }
  }

  it('are what git takes, from packs that git made, by offset and by name', async () => {
    for (const settings of [
      ['-adfq', '--depth=50'],
      ['-adfq', '--depth=4', '--window=3']
    ]) {
      git(source.path, ['repack', ...settings])
      repository = await source.reopen()
      const all = await reach()
      expect(all.length).to.be.at.least(256)
      for (const offsets of [true, false]) {
        await check(await build(all, { offsets, source: repository.storage }))
        expect(deflated).to.be.below(all.length / 20)
      }
    }
  })

  it('are not taken where what they build on is not sent', async () => {
    git(source.path, ['repack', '-adfq'])
    repository = await source.reopen()
    const known = history[10] as Oid
    const added = await reach([known])
    expect(added.length).to.be.at.least(256)
    for (const thin of [true, false]) {
      await check(await build(added, { offsets: true, thin, source: repository.storage }), known)
    }
    const every = new Set(added.map(({ oid }) => oid))
    const some = (await reach()).filter(({ oid }, n) => every.has(oid) && n % 2 === 0)
    const pack = await build([...some, ...some.slice(0, 0)], { source: repository.storage })
    const target = await makeRepository()
    git(target.path, ['index-pack', '--stdin'], { input: pack })
    await target.close()
  })

  it('leave trees in which little changed to be made deltas', async () => {
    const all = await reach()
    const options = { offsets: true }
    const plain = await build(all, options)
    const before = deflated
    const copied = await build(all, { ...options, source: repository.storage })
    expect(copied.length).to.be.below(plain.length * 1.1)
    expect(deflated).to.be.below(before * 0.7)
    await check(copied)
  })

  it('are the ones that their index knows: what is damaged is told', async () => {
    git(source.path, ['repack', '-adfq'])
    const folder = `${source.path}/objects/pack`
    const [name = ''] = readdirSync(folder).filter((file) => file.endsWith('.pack'))
    const bytes = readFileSync(`${folder}/${name}`)
    bytes[40] = (bytes[40] as number) ^ 4
    chmodSync(`${folder}/${name}`, 0o644)
    writeFileSync(`${folder}/${name}`, bytes)
    const reached = await reach()
    repository = await source.reopen()
    const error = await build(reached, { source: repository.storage }).then(
      () => undefined,
      (thrown: unknown) => thrown
    )
    expect(gitErrors.is(error, 'GIT_OBJECT_DAMAGED')).to.equal(true)
  })

  it('come of a walk that finds of two trees what differs', () => {
    const { hash } = source.platform
    const oids = ['1', '2', '3'].map((digit) => digit.repeat(40))
    const trees = fc
      .uniqueArray(
        fc.record({
          name: fc.oneof(
            fc.constantFrom('a', 'a.b', 'a0', 'b', 'run', 'x 100644 b', '100644 b', 'z'),
            fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }).map((text) => `n${text}`)
          ),
          mode: fc.constantFrom(FILE_MODE, FOLDER_MODE),
          oid: fc.constantFrom(...oids)
        }),
        { selector: ({ name }) => name, maxLength: 12 }
      )
      .map((entries) => entries.filter(({ name }) => !/[/\0]/.test(name)))
      .map((entries) => createObject(hash, 'tree', formatTree(entries as never)))
    const key = (entry: object): string => JSON.stringify(entry)
    fc.assert(
      fc.property(trees, trees, fc.nat(), (one, two, cut) => {
        // Often the other is the same but for an entry.
        const near = parseTree(one).filter((_, n) => n !== cut % 7)
        for (const other of [two, createObject(hash, 'tree', formatTree(near))]) {
          const { entries, others } = parseDifference(one, other)
          const olds = new Set(parseTree(other).map(key))
          const news = (list: readonly object[]): string[] =>
            list.map(key).filter((text) => !olds.has(text))
          expect(news(entries)).to.deep.equal(news(parseTree(one)))
          for (const { name } of entries) {
            const old = parseTree(other).find((entry) => entry.name === name)
            expect(others.find((entry) => entry.name === name)).to.deep.equal(old)
          }
        }
      }),
      { seed: 31, numRuns: 1500 }
    )
  })
})
