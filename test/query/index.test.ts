import { expect } from 'chai'
import fc from 'fast-check'
import type { JsonObject } from '../../src/base/json.ts'
import { findRuns, groupRuns, type OpenSets, type RunQuestion } from '../../src/query/find.ts'
import { createIndexCaches, type IndexCaches } from '../../src/query/index/index-cache.ts'
import { openRows } from '../../src/query/open-rows.ts'
import { neededFor } from '../../src/query/related.ts'
import { type QueryScope, scanRuns } from '../../src/query/scan.ts'
import { tableRuns } from '../../src/query/table.ts'
import type { ProjectStore } from '../../src/store/project-store.ts'
import type { View } from '../../src/store/view.ts'
import { filesBelow, type TestWorkspace, WORKSPACE_HOSTS } from '../support/workspaces.ts'
import { EXECUTIONS, environmentOf, filterOf, NAMES, RELATED, runFieldsOf } from './arbitraries.ts'

const NOW_MS = Date.UTC(2026, 10, 24)
const REF = 'refs/heads/experiments/train'

/** Files are written after each change, and all of them anew after few. */
const EAGER = { minSavedRuns: 1, minUnsavedRuns: 1, minWornRows: 8 }

const sortOf = fc.array(
  fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.constantFrom(
        ...['time', 'status', 'name', 'duration', 'tags', 'created', 'params', 'seed', 'id'],
        ...NAMES.map((name) => `params.${JSON.stringify(name)}`),
        ...NAMES.map((name) => `metrics.${JSON.stringify(name)}`),
        ...NAMES.map((name) => JSON.stringify(name)),
        ...RELATED.map((path) => path.map((name) => JSON.stringify(name)).join('.'))
      )
    )
    .map((parts) => parts.join('')),
  { maxLength: 2 }
)

interface Changed {
  readonly fields: JsonObject
  readonly environment: JsonObject | null
}

const question: fc.Arbitrary<RunQuestion> = fc.record({
  filter: filterOf as fc.Arbitrary<never>,
  sort: sortOf,
  limit: fc.nat(30),
  offset: fc.nat(3),
  columns: fc.constantFrom(
    ['params.k', 'lr', 'metrics.acc'],
    ['metrics', 'params.opt', 'duration'],
    ['environment', 'environment.packages', 'execution.tree', 'datasets', 'dataset.license']
  )
})

describe('the index of runs', () => {
  let opened: TestWorkspace
  let store: ProjectStore
  before(async () => {
    opened = (WORKSPACE_HOSTS[0] as (typeof WORKSPACE_HOSTS)[number]).open()
    await opened.workspace.projects.create({ name: 'Vision' })
    await opened.workspace.experiments.create({ name: 'Train', tags: ['x'] })
    await opened.workspace.datasets.create({ in: 'vision', name: 'iris', license: 'adam' })
    for (const id of EXECUTIONS) {
      const tree = (id[0] as string).repeat(40)
      await opened.workspace.executions.create({ tree, in: 'vision/train' })
    }
    store = await opened.project()
  })
  after(() => opened.close())

  const scopeOf = (view: View, isNow = false): QueryScope => ({
    store,
    view,
    below: { kind: 'experiment', experiment: 'train' },
    isNow,
    onDamaged: ({ error }) => {
      throw error
    }
  })
  const scan =
    (view: View): OpenSets =>
    async ({ fields }) => [await scanRuns(scopeOf(view), neededFor(fields), NOW_MS)]
  const indexed =
    (view: View, caches: IndexCaches): OpenSets =>
    (wanted) =>
      openRows(scopeOf(view, true), wanted, NOW_MS, () => caches)

  /** Puts, changes and deletes runs and their environments at random. */
  async function change(some: readonly Changed[], turn: number): Promise<void> {
    await opened.workspace.transaction(async (transaction) => {
      for (const [at, { fields, environment }] of some.entries()) {
        const id = `${'abcd'[at % 4]}${'0123'[at % 3]}${`${turn}`.padStart(10, '0')}`
        const run = `${id.slice(0, 11)}${at % 8}`
        await transaction.put('run', { ...fields, in: 'vision/train', id: run })
        if (environment === null) continue
        await transaction.put('environment', { ...environment, in: `vision/train/${run}` })
      }
    })
    for await (const { address, id } of opened.workspace.runs.list({ in: 'train' })) {
      if ((id.charCodeAt(11) + turn) % 7 === 0) await opened.workspace.delete(address)
    }
  }

  const answers = async (asked: RunQuestion, open: OpenSets): Promise<unknown> => {
    const found = await findRuns(asked, NOW_MS, open)
    return {
      ...found,
      unknown: found.unknown.map(({ field }) => field),
      rows: found.rows.map(({ run, values }) => [run.key.run, run.record, values])
    }
  }

  /** Reads a table of every field; the order of its columns is that in which they came up. */
  const tableOf = async (
    { columns: _, ...asked }: RunQuestion,
    open: OpenSets
  ): Promise<unknown> => {
    const { columns, rows, ...table } = await tableRuns(asked, NOW_MS, open)
    const read = (): unknown =>
      Array.from(rows, (row) => Object.fromEntries(row.map((value, at) => [columns[at], value])))
    const first = read()
    expect(read()).to.deep.equal(first)
    return { ...table, unknown: table.unknown.map(({ field }) => field), rows: first }
  }

  it('answers as a reading of every run does, through changes and through its files', async () => {
    const inMemory = createIndexCaches(store, 'train', { minSavedRuns: Number.POSITIVE_INFINITY })
    const withFiles = createIndexCaches(store, 'train', EAGER)
    let turn = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ fields: runFieldsOf, environment: fc.option(environmentOf) }), {
          minLength: 1,
          maxLength: 8
        }),
        fc.array(question, { minLength: 4, maxLength: 8 }),
        async (some, questions) => {
          await change(some, turn++ % 4)
          const view = (await store.view(REF)) as View
          const newProcess = createIndexCaches(store, 'train', EAGER)
          for (const asked of questions) {
            const expected = await answers(asked, scan(view))
            const table = await tableOf(asked, scan(view))
            for (const caches of [inMemory, withFiles, newProcess]) {
              expect(await answers(asked, indexed(view, caches))).to.deep.equal(expected)
              expect(await tableOf(asked, indexed(view, caches))).to.deep.equal(table)
            }
          }
          const groups = { by: ['opt', 'status'], aggregate: ['acc', 'params.k'] }
          const { unknown: _, ...expected } = await groupRuns(groups, NOW_MS, scan(view))
          for (const caches of [inMemory, newProcess]) {
            const { unknown: __, ...found } = await groupRuns(groups, NOW_MS, indexed(view, caches))
            expect(found).to.deep.equal(expected)
          }
        }
      ),
      { seed: Number(process.env.RUNTREE_SEED ?? 7), numRuns: 25 }
    )
    for (const kind of ['runs', 'environments']) {
      const folder = `${store.folder}/runtree/cache/${kind}/train`
      expect(await filesBelow(opened.files, folder), kind).to.have.length.within(1, 2)
    }
  })
})
