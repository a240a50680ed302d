import { expect } from 'chai'

import type { Oid } from '../../src/git/objects.ts'
import { Haves } from '../../src/remote/have-list.ts'
import { git } from '../support/git.ts'
import { addCommits } from '../support/remotes.ts'
import { makeRepository, type TestRepository } from '../support/repositories.ts'

describe('the commits that are named to find common history', () => {
  let local: TestRepository
  let history: Oid[]

  before(async () => {
    local = await makeRepository()
    history = addCommits(local.path, 'refs/heads/main', 100)
    git(local.path, ['update-ref', 'refs/heads/side', history[89] as Oid])
    addCommits(local.path, 'refs/heads/side', 10)
  })
  after(() => local.close())

  const all = async (haves: Haves, count = 64): Promise<Oid[][]> => {
    const batches: Oid[][] = []
    for (let names = await haves.next(count); names.length > 0; names = await haves.next(count)) {
      batches.push([...names])
    }
    return batches
  }
  /** How far below the head each of them lies. */
  const depths = (names: readonly Oid[]): number[] =>
    names.map((oid) => history.length - 1 - history.indexOf(oid))

  it('are the heads first, then ancestors at doubling gaps, down to the first', async () => {
    const haves = new Haves(local.repository.objects, [history.at(-1) as Oid])
    const [heads = [], ...rest] = await all(haves)
    expect(depths(heads)).to.deep.equal([0])
    expect(depths(rest.flat())).to.deep.equal([1, 3, 7, 15, 31, 63, 99])
  })

  it('end where the other side has one', async () => {
    const haves = new Haves(local.repository.objects, [history.at(-1) as Oid])
    expect(await haves.next(10)).to.have.length(1)
    expect(depths(await haves.next(3))).to.deep.equal([1, 3, 7])
    haves.acknowledge(history.at(-8) as Oid)
    expect(await haves.next(10)).to.deep.equal([])
  })

  it('name nothing twice, follow tags, and leave out what is not here', async () => {
    git(local.path, ['tag', '-f', '-a', '-m', 'x', 'v1', history[50] as Oid])
    const tag = git(local.path, ['rev-parse', 'v1']).trim()
    const side = git(local.path, ['rev-parse', 'side']).trim()
    const head = history.at(-1) as Oid
    const haves = new Haves(local.repository.objects, [head, tag, side, head, '0'.repeat(40)])
    const batches = await all(haves, 2)
    const names = batches.flat()
    expect(names.slice(0, 3)).to.deep.equal([head, history[50], side])
    expect(new Set(names).size).to.equal(names.length)
    expect(names).to.include(history[0])
    for (const batch of batches) expect(batch.length).to.be.most(2)
  })
})
