import { expect } from 'chai'
import fc from 'fast-check'
import type { JsonObject } from '../../src/base/json.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'
import { findRuns, groupRuns, type OpenSets, type RunQuestion } from '../../src/query/find.ts'
import { formatIndex, parseIndex } from '../../src/query/index/index-file.ts'
import { createIndexRows } from '../../src/query/index/index-rows.ts'
import { refreshIndex } from '../../src/query/index/refresh.ts'
import { isIndexed, RunIndex } from '../../src/query/index/run-index.ts'
import { neededFor } from '../../src/query/related.ts'
import { type QueryScope, scanRuns } from '../../src/query/scan.ts'
import { tableRuns } from '../../src/query/table.ts'
import type { ProjectStore } from '../../src/store/project-store.ts'
import type { View } from '../../src/store/view.ts'
import {
  filesBelow,
  openInFolder,
  type TestWorkspace,
  WORKSPACE_HOSTS
} from '../support/workspaces.ts'
import { filterOf, NAMES, runFieldsOf } from './arbitraries.ts'

const { hash } = createNodePlatform()
const NOW_MS = Date.UTC(2026, 10, 24)
const REF = 'refs/heads/experiments/train'

const sortOf = fc.array(
  fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.constantFrom(
        ...['time', 'status', 'name', 'duration', 'tags', 'created', 'params', 'seed', 'id'],
        ...NAMES.map((name) => `params.${JSON.stringify(name)}`),
        ...NAMES.map((name) => `metrics.${JSON.stringify(name)}`),
        ...NAMES.map((name) => JSON.stringify(name))
      )
    )
    .map((parts) => parts.join('')),
  { maxLength: 2 }
)

const question: fc.Arbitrary<RunQuestion> = fc.record({
  filter: filterOf as fc.Arbitrary<never>,
  sort: sortOf,
  limit: fc.nat(30),
  offset: fc.nat(3),
  columns: fc.constantFrom(['params.k', 'lr', 'metrics.acc'], ['metrics', 'params.opt', 'duration'])
})

describe('the index of runs', () => {
  let opened: TestWorkspace
  let store: ProjectStore
  before(async () => {
    opened = (WORKSPACE_HOSTS[0] as (typeof WORKSPACE_HOSTS)[number]).open()
    await opened.workspace.projects.create({ name: 'Vision' })
    await opened.workspace.experiments.create({ name: 'Train' })
    store = await opened.project()
  })
  after(() => opened.close())

  const scopeOf = (view: View): QueryScope => ({
    store,
    view,
    below: { kind: 'experiment', experiment: 'train' },
    isNow: false,
    onDamaged: ({ error }) => {
      throw error
    }
  })
  const scan =
    (view: View): OpenSets =>
    async (fields) => [await scanRuns(scopeOf(view), neededFor(fields), NOW_MS)]
  const indexed =
    (view: View, index: RunIndex): OpenSets =>
    async (fields) => {
      const isKnown = neededFor(fields).size === 0 && fields.every(isIndexed)
      if (!isKnown) return scan(view)(fields)
      return [createIndexRows(store, view, 'train', index, new Set(), NOW_MS)]
    }

  /** Puts, changes and deletes runs at random. */
  async function change(some: readonly JsonObject[], turn: number): Promise<void> {
    await opened.workspace.transaction(async (transaction) => {
      for (const [at, fields] of some.entries()) {
        const id = `${'abcd'[at % 4]}${'0123'[at % 3]}${`${turn}`.padStart(10, '0')}`
        await transaction.put('run', {
          ...fields,
          in: 'vision/train',
          id: `${id.slice(0, 11)}${at % 8}`
        })
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

  it('answers as a reading of every run does, through changes and through its file', async () => {
    const index = new RunIndex()
    let turn = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(runFieldsOf, { minLength: 1, maxLength: 8 }),
        fc.array(question, { minLength: 4, maxLength: 8 }),
        async (some, questions) => {
          await change(some, turn++ % 4)
          const view = (await store.view(REF)) as View
          await refreshIndex(index, view, 'train')
          const compacted = index.compacted()
          const stored = parseIndex(formatIndex(compacted, 'train', hash), 'train', hash)
          for (const asked of questions) {
            const expected = await answers(asked, scan(view))
            expect(await answers(asked, indexed(view, index))).to.deep.equal(expected)
            expect(await answers(asked, indexed(view, stored as RunIndex))).to.deep.equal(expected)
            const table = await tableOf(asked, scan(view))
            expect(await tableOf(asked, indexed(view, index))).to.deep.equal(table)
          }
          const groups = { by: ['opt', 'status'], aggregate: ['acc', 'params.k'] }
          const { unknown: _, ...grouped } = await groupRuns(groups, NOW_MS, indexed(view, index))
          const { unknown: __, ...expected } = await groupRuns(groups, NOW_MS, scan(view))
          expect(grouped).to.deep.equal(expected)
        }
      ),
      { seed: Number(process.env.RUNTREE_SEED ?? 7), numRuns: 40 }
    )
    expect(index.size).to.be.greaterThan(3)
  })

  it('reads only what changed', async () => {
    const index = new RunIndex()
    const first = (await store.view(REF)) as View
    await refreshIndex(index, first, 'train')
    expect((await refreshIndex(index, first, 'train')).changed).to.equal(0)
    await opened.workspace.runs.create({ in: 'vision/train', id: 'zzzzzzzzzzzz' })
    const next = (await store.view(REF)) as View
    expect((await refreshIndex(index, next, 'train')).changed).to.equal(1)
    await opened.workspace.delete('zzzzzzzzzzzz')
    const last = (await store.view(REF)) as View
    expect((await refreshIndex(index, last, 'train')).changed).to.equal(1)
    expect(index.rowOf('zzzzzzzzzzzz')).to.equal(undefined)
  })

  it('is no index any more when a byte of its file has changed', async () => {
    const index = new RunIndex()
    await refreshIndex(index, (await store.view(REF)) as View, 'train')
    const bytes = formatIndex(index.compacted(), 'train', hash)
    expect(parseIndex(bytes, 'other', hash)).to.equal(undefined)
    for (let at = 0; at < bytes.length; at += 97) {
      const damaged = new Uint8Array(bytes)
      damaged[at] = (damaged[at] as number) ^ 1
      const isHeader = at >= 4 && at < 8
      const parsed = parseIndex(damaged, 'train', hash)
      if (!isHeader) expect(parsed, `${at}`).to.equal(undefined)
    }
    for (const length of [0, 3, 27, 100, bytes.length - 1]) {
      expect(parseIndex(bytes.subarray(0, length), 'train', hash)).to.equal(undefined)
    }
  })
})

describe('the file of an index', () => {
  it('is written once there are many runs, used by the next process, and made anew in doubt', async () => {
    const opened = openInFolder()
    try {
      const { workspace } = opened
      await workspace.projects.create({ name: 'Vision' })
      await workspace.experiments.create({ name: 'Train' })
      await workspace.transaction(async (transaction) => {
        for (let k = 0; k < 600; k++) {
          await transaction.create('run', { in: 'vision/train', params: { k } })
        }
      })
      const count = (on: TestWorkspace): Promise<number> =>
        on.workspace.runs.count({ in: 'train', filter: 'params.k < 300' })
      expect(await count(opened)).to.equal(300)
      const folder = `${opened.store.folderOf('vision')}/runtree/cache/runs/train`
      const files = await filesBelow(opened.files, folder)
      expect(files).to.have.length(1)
      await opened.files.write(files[0] as string, new Uint8Array(100))
      expect(await count(opened.reopen())).to.equal(300)
      expect(await filesBelow(opened.files, folder)).to.have.length(1)
      const other = opened.reopen()
      expect(await count(other)).to.equal(300)
      await workspace.runs.create({ in: 'vision/train', params: { k: -1 } })
      expect(await count(other)).to.equal(301)
      expect(await count(opened)).to.equal(301)
    } finally {
      await opened.close()
    }
  })
})
