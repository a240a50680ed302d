import { expect } from 'chai'
import fc from 'fast-check'

import { isAncestor, mergeBases } from '../../src/git/ancestry.ts'
import { walkCommits } from '../../src/git/commit-walk.ts'
import type { Oid } from '../../src/git/objects.ts'
import { commitsTouching } from '../../src/git/path-history.ts'
import { git, tryGit } from '../support/git.ts'
import { makeHistory, type PlannedCommit } from '../support/history.ts'
import { makeRepository, type TestRepository } from '../support/repositories.ts'

/** Random histories of up to 14 commits, with merges, several roots, and clocks that are wrong. */
const histories = fc
  .array(
    fc.record({
      back: fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { maxLength: 3 }),
      seconds: fc.oneof(fc.constant(0), fc.integer({ min: -60, max: 60 })),
      path: fc.constantFrom('a', 'b', 'f/x', 'f/g/y', undefined),
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

/** The same with clocks that are right, so that git's order is the one of the times alone. */
const orderly = histories.map((plan) =>
  plan.map((commit, index) => ({ ...commit, epochSeconds: 1_700_000_000 + index * 10 }))
)

describe('ancestry', () => {
  let subject: TestRepository
  before(async () => {
    subject = await makeRepository()
  })
  after(() => subject.close())

  const build = (plan: readonly PlannedCommit[]): Promise<readonly Oid[]> =>
    makeHistory(subject.repository, subject.platform, plan)

  it('finds the merge bases that git finds, whatever the clocks say', async () => {
    await fc.assert(
      fc.asyncProperty(histories, fc.nat(), fc.nat(), async (plan, x, y) => {
        const oids = await build(plan)
        const [one, other] = [x, y].map((n) => oids[n % oids.length] as Oid) as [Oid, Oid]
        const found = await mergeBases(subject.repository.objects, one, other)
        const { stdout } = tryGit(subject.path, ['merge-base', '--all', one, other])
        expect([...found].sort()).to.deep.equal(stdout.split('\n').filter(Boolean).sort())
      }),
      { seed: 1, numRuns: 120 }
    )
  })

  it('knows the ancestors of every commit, whatever the clocks say', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (plan) => {
        const oids = await build(plan)
        const above = closure(plan)
        for (const [ancestor, oid] of oids.entries()) {
          for (const [index, descendant] of oids.entries()) {
            const expected =
              oid === descendant || [...(above[index] ?? [])].some((n) => oids[n] === oid)
            const found = await isAncestor(subject.repository.objects, oid, descendant)
            expect(found, `${ancestor} of ${index}`).to.equal(expected)
          }
        }
      }),
      { seed: 2, numRuns: 30 }
    )
  })

  it('walks the commits of git rev-list in its order', async () => {
    await fc.assert(
      fc.asyncProperty(orderly, fc.nat(), async (plan, x) => {
        const oids = await build(plan)
        const heads = [oids.at(-1) as Oid, oids[x % oids.length] as Oid]
        const found = await collect(walkCommits(subject.repository.objects, heads))
        expect(found).to.deep.equal(lines(['rev-list', ...heads]))
      }),
      { seed: 3, numRuns: 40 }
    )
  })

  it('leaves out what lies below a stop', async () => {
    await fc.assert(
      fc.asyncProperty(histories, fc.nat(), fc.nat(), async (plan, x, y) => {
        const oids = await build(plan)
        const heads = [oids.at(-1) as Oid]
        const stop = [oids[x % oids.length], oids[y % oids.length], 'f'.repeat(40)] as Oid[]
        const found = await collect(walkCommits(subject.repository.objects, heads, { stop }))
        const expected = lines(['rev-list', ...heads, `^${stop[0]}`, `^${stop[1]}`])
        expect(found.sort()).to.deep.equal(expected.sort())
      }),
      { seed: 4, numRuns: 60 }
    )
  })

  it('lists the commits that git log lists for a path', async () => {
    await fc.assert(
      fc.asyncProperty(
        orderly,
        fc.constantFrom('a', 'f', 'f/x', 'f/g', 'none'),
        async (plan, path) => {
          const oids = await build(plan)
          const head = oids.at(-1) as Oid
          const found = await collect(commitsTouching(subject.repository.objects, head, path))
          expect(found).to.deep.equal(lines(['log', '--format=%H', head, '--', path]))
        }
      ),
      { seed: 5, numRuns: 120 }
    )
  })

  it('finds several merge bases of a criss-cross, the newest first', async () => {
    const at = (parents: readonly number[], epochSeconds: number): PlannedCommit => ({
      parents,
      epochSeconds,
      files: { [`${epochSeconds}`]: 'x' }
    })
    const oids = await build([at([], 1), at([0], 2), at([0], 3), at([1, 2], 4), at([2, 1], 5)])
    const found = await mergeBases(subject.repository.objects, oids[3] as Oid, oids[4] as Oid)
    expect(found).to.deep.equal([oids[2], oids[1]])
  })

  it('finds no merge base of two histories without a common commit', async () => {
    const oids = await build([
      { parents: [], epochSeconds: 11, files: { a: 'one' } },
      { parents: [], epochSeconds: 12, files: { a: 'other' } }
    ])
    expect(
      await mergeBases(subject.repository.objects, oids[0] as Oid, oids[1] as Oid)
    ).to.deep.equal([])
    expect(await isAncestor(subject.repository.objects, oids[0] as Oid, oids[1] as Oid)).to.equal(
      false
    )
  })

  it('says which commit is missing', async () => {
    const outcome = isAncestor(subject.repository.objects, 'a'.repeat(40), 'b'.repeat(40))
    const error = await outcome.catch((thrown: unknown) => thrown)
    expect(error).to.include({ code: 'GIT_OBJECT_MISSING' })
  })

  const lines = (args: readonly string[]): string[] =>
    git(subject.path, args).split('\n').filter(Boolean)
})

function closure(plan: readonly PlannedCommit[]): readonly ReadonlySet<number>[] {
  const above: Set<number>[] = []
  for (const { parents } of plan) {
    above.push(new Set(parents.flatMap((parent) => [parent, ...(above[parent] ?? [])])))
  }
  return above
}

async function collect(commits: AsyncIterable<{ readonly oid: Oid }>): Promise<Oid[]> {
  const oids: Oid[] = []
  for await (const commit of commits) oids.push(commit.oid)
  return oids
}
