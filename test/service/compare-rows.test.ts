import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import type { JsonObject } from '../../src/base/json.ts'
import type { CompareRowsOptions, RowComparison } from '../../src/service/compare.ts'
import { createWorkspace } from '../../src/service/open-workspace.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import { git, makeTempFolder, removeTempFolder } from '../support/git.ts'
import { createTestTracking, type TestTracking } from '../support/tracking.ts'
import { failure } from '../support/workspaces.ts'

describe('compare rows', () => {
  let folder: string
  let tracking: TestTracking
  let workspace: Workspace
  before(async () => {
    folder = makeTempFolder()
    tracking = createTestTracking(join(folder, 'workspace'))
    workspace = createWorkspace(tracking.store, { project: 'lab' })
    await workspace.projects.create({ name: 'Lab' })
    await workspace.experiments.create({ name: 'E', metrics: { loss: { goal: 'minimize' } } })
  })
  after(async () => {
    await workspace.close()
    removeTempFolder(folder)
  })

  /** Makes a run with rows of a result. */
  const track = async (rows: readonly JsonObject[], key: string | null = 'id') => {
    const run = await tracking.startRun({ project: 'lab', experiment: 'e' })
    for (const row of rows) run.row('cases', row, key === null ? {} : { key })
    await run.finish()
    return run.address
  }

  const compare = (
    addresses: readonly string[],
    options: CompareRowsOptions = {}
  ): Promise<RowComparison> => workspace.runs.compareRows(addresses, 'cases', options)

  const changes = ({ comparisons }: RowComparison, index = 1): unknown =>
    comparisons[index]?.rows.map(({ change, key }) => [change, key])

  it('by whether the prediction is the truth, with both outcomes', async () => {
    const row = (id: number, prediction: string, more: JsonObject = {}): JsonObject => ({
      id,
      truth: 'a',
      prediction,
      ...more
    })
    const first = await track([row(1, 'a'), row(2, 'b'), row(3, 'b'), row(4, 'a'), row(5, 'a')])
    const second = await track([row(1, 'b'), row(2, 'a'), row(3, 'c'), row(4, 'a'), row(6, 'a')])
    const compared = await compare([first, second])
    expect(compared).to.include({ key: 'id', by: 'prediction = truth' })
    expect(compared.columns).to.deep.equal(['id', 'truth', 'prediction'])
    expect(compared.comparisons[1]?.counts).to.deep.equal({
      worsened: 1,
      improved: 1,
      changed: 1,
      missing: 1,
      new: 1,
      same: 1
    })
    expect(changes(compared)).to.deep.equal([
      ['worsened', 1],
      ['improved', 2],
      ['changed', 3],
      ['missing', 5],
      ['new', 6]
    ])
    expect(compared.comparisons[1]?.rows[0]).to.deep.include({
      before: row(1, 'a'),
      after: row(1, 'b')
    })
    expect(compared.comparisons[1]?.rows[3]).not.to.have.property('after')
    expect(changes(await compare([first, first], { all: true, limit: 2 }))).to.deep.equal([
      ['same', 1],
      ['same', 2]
    ])
    const noted = await track([row(4, 'a', { note: 'x' })])
    expect((await compare([first, noted])).comparisons[1]?.counts.changed).to.equal(1)
    const only = await compare([first, noted], { columns: ['prediction'] })
    expect(only.comparisons[1]?.counts).to.include({ changed: 0, same: 1 })
  })

  it('of several runs with the first, by a number or a truth value', async () => {
    const rows = (...losses: (number | null)[]): JsonObject[] =>
      losses.map((loss, id) => ({ id, loss, score: loss, ok: loss === null ? null : loss < 1 }))
    const runs = [
      await track(rows(1, 2, 0.5, null)),
      await track(rows(0.5, 3, 0.5, 1)),
      await track(rows(2, Number.NaN, 1, null))
    ]
    const byLoss = await compare(runs, { by: 'loss' })
    expect(byLoss.goal).to.equal('minimize')
    expect(changes(byLoss, 1)).to.deep.equal([
      ['worsened', 1],
      ['improved', 0],
      ['changed', 3]
    ])
    expect(changes(byLoss, 2)).to.deep.equal([
      ['worsened', 0],
      ['worsened', 2],
      ['changed', 1]
    ])
    expect(byLoss.comparisons[0]).to.equal(undefined)
    expect(await failure(compare(runs, { by: 'score' }))).to.include({ code: 'QUERY_GOAL' })
    const byScore = await compare(runs, { by: 'score', goal: 'maximize' })
    expect(byScore.comparisons[1]?.counts).to.include({ improved: 1, worsened: 1 })
    expect((await compare(runs, { by: 'ok' })).comparisons[1]?.counts).to.include({ improved: 1 })
    expect(await failure(compare(runs))).to.include({ code: 'QUERY_ROWS' })
  })

  it('tells keys of other types apart, and repeated and absent ones', async () => {
    const row = (id: JsonObject[string], correct: boolean): JsonObject => ({
      id: id ?? null,
      correct
    })
    const first = await track([
      row(1, true),
      row('1', true),
      row(2, true),
      row(2, false),
      row(null, true)
    ])
    const second = await track([row('1', false), row(2, true), row(1, true), row(1, false)])
    const compared = await compare([first, second], { all: true })
    expect(changes(compared)).to.deep.equal([
      ['worsened', '1'],
      ['same', 2],
      ['same', 1]
    ])
    expect(compared.sides[0]).to.deep.equal({
      rows: 5,
      withoutKey: 1,
      repeated: 1,
      repeatedKeys: [2],
      broken: 0
    })
    expect(compared.sides[1]).to.deep.include({ repeated: 1, repeatedKeys: [1] })
  })

  it('refuses what has no key, another key, or no such column, on either side', async () => {
    const keyed = await track([{ id: 1, n: 1, correct: true }])
    const unkeyed = await track([{ id: 1, correct: true }], null)
    const other = await track([{ n: 1, correct: true }], 'n')
    const mixed = await track([
      { id: 1, correct: true },
      { id: 2, correct: 'yes' }
    ])
    const none = await track([])
    for (const [addresses, options, text] of [
      [[keyed, unkeyed], {}, 'declares no key'],
      [[unkeyed, keyed], {}, 'declares no key'],
      [[keyed, other], {}, 'declares the key n, not id'],
      [[keyed, other], { key: 'id' }, 'has no column id'],
      [[other, keyed], { key: 'id' }, 'has no column id'],
      [[keyed, unkeyed], { key: 'id', by: 'n' }, 'has no column n'],
      [[keyed, unkeyed], { key: 'id', columns: ['n'] }, 'has no column n'],
      [[keyed, mixed], {}, 'neither a number nor a truth value']
    ] as const) {
      const error = await failure(compare(addresses, options))
      expect(error, text).to.include({ code: 'QUERY_ROWS' })
      expect(error.message).to.include(text)
    }
    expect(changes(await compare([keyed, unkeyed], { key: 'id', all: true }))).to.have.length(1)
    expect(await failure(compare([keyed, none]))).to.include({ code: 'STORE_NOT_FOUND' })
    expect(await failure(compare([keyed]))).to.be.instanceOf(TypeError)
  })

  it('of many parts, counts all and gives what is wanted, and can be stopped', async () => {
    const rows = (mark: number): JsonObject[] =>
      Array.from({ length: 12_000 }, (_, id) => ({
        id: `case ${id}`,
        correct: (id + mark) % 3 === 0,
        text: 'x'.repeat(200)
      }))
    const [first, second] = [await track(rows(0)), await track(rows(1))]
    const seen: number[] = []
    const compared = await compare([first, second], {
      limit: 5,
      onProgress: ({ rows: count }) => void seen.push(count)
    })
    expect(compared.comparisons[1]?.counts).to.include({
      improved: 4000,
      worsened: 4000,
      same: 4000
    })
    expect(compared.comparisons[1]?.rows).to.have.length(10)
    expect(seen.length).to.be.greaterThan(4)
    expect(seen.at(-1)).to.equal(24_000)
    const controller = new AbortController()
    const stopped = compare([first, second], {
      signal: controller.signal,
      onProgress: () => controller.abort(new TypeError('stop'))
    })
    expect(await failure(stopped)).to.include({ message: 'stop' })
  })

  it('counts lines that are no rows', async () => {
    const [first, second] = [
      await track([{ id: 1, correct: true }]),
      await track([{ id: 1, correct: false }])
    ]
    const clone = join(folder, 'clone')
    git(folder, ['clone', '-q', '-b', 'experiments/e', join(folder, 'workspace/lab.git'), clone])
    const run = second.split('/').at(-1) as string
    const result = `experiments/e/runs/${run[0]}/${run[1]}/${run}/results/cases`
    const [part = ''] = git(clone, ['ls-files', result])
      .split('\n')
      .filter((name) => /jsonl$/.test(name))
    await appendFile(join(clone, part), '{"id": 2\n[]\n\0\n{"id": 3, "correct": true}\ntorn')
    git(clone, ['commit', '-qam', 'damage'])
    git(clone, ['push', '-q'])
    const compared = await compare([first, second])
    expect(compared.sides[1]).to.include({ rows: 2, broken: 4 })
    expect(changes(compared)).to.deep.equal([
      ['worsened', 1],
      ['new', 3]
    ])
  })
})
