import { isCoded } from '../base/errors.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { type FindOptions, runFields } from '../service/query.ts'
import type { RunContents, SeriesPoint } from '../service/runs.ts'
import type { Workspace } from '../service/workspace.ts'
import { questionOf, type RunChoice } from './choose-runs.ts'
import type { Context } from './context.ts'
import { cliErrors, usageError } from './errors.ts'
import { findObject, isKind, revisionOf } from './find.ts'
import { createPause } from './pause.ts'
import { askSorted } from './run-query.ts'
import {
  KindWatch,
  type Row,
  type SourceColumn,
  selectColumns,
  type TableSource
} from './table-source.ts'

/** How many rows are given at a time. */
const BATCH = 1000

/** Which table of runs is meant. */
export interface RunTableChoice extends RunChoice {
  readonly in: string
  /** Names of columns. Default: all. */
  readonly columns: readonly string[]
}

const RUN_COLUMN: SourceColumn = { name: 'run', kind: 'text' }

/** Opens a table whose rows are runs. */
export async function openRunTable(
  context: Context,
  workspace: Workspace,
  choice: RunTableChoice
): Promise<TableSource> {
  const question = await questionBelow(context, workspace, choice)
  const [, ...wanted] = withRun(choice.columns)
  const columns = wanted.length === 0 ? [] : ['address', ...wanted]
  const table = await askSorted(context, { ...question, columns }, (asked) =>
    workspace.runs.table(asked)
  )
  const times = new Set(runFields().flatMap(({ name, type }) => (type === 'time' ? [name] : [])))
  return {
    columns: table.columns.map((field, index) => ({
      name: index === 0 ? RUN_COLUMN.name : field,
      isTime: times.has(field)
    })),
    read: () => inBatches([table.rows])
  }
}

const SERIES_COLUMNS: readonly SourceColumn[] = [
  RUN_COLUMN,
  { name: 'step', kind: 'number' },
  { name: 'time', kind: 'time' },
  { name: 'metric', kind: 'text' },
  { name: 'split', kind: 'text' },
  { name: 'value', kind: 'number' }
]

/** Opens a table whose rows are the points of the runs' series. */
export async function openSeriesTable(
  context: Context,
  workspace: Workspace,
  choice: RunTableChoice
): Promise<TableSource> {
  const runs = await addressesOf(context, workspace, choice)
  const read = readOptions(context, choice)
  const pause = createPause(context)
  async function* points(): AsyncGenerator<Iterable<Row>> {
    const contents = workspace.runs.contents(runs, { ...read, folders: ['series'] })
    for await (const { run, series } of contents) {
      await pause()
      yield pointRows(run.address, await series())
    }
  }
  return select({ columns: SERIES_COLUMNS, read: () => inBatches(points()) }, choice.columns)
}

function* pointRows(run: string, points: readonly SeriesPoint[]): Generator<Row> {
  for (const { step, time, metric, split, value } of points) {
    yield [run, step, new Date(time).toISOString(), metric, split, value]
  }
}

/**
 * Opens a table of all rows of the runs' results of one name; they are read once for the columns.
 *
 * @throws CLI_NOT_FOUND if no run has one.
 */
export async function openResultTable(
  context: Context,
  workspace: Workspace,
  choice: RunTableChoice & { readonly result: string }
): Promise<TableSource> {
  const { result } = choice
  const read = readOptions(context, choice)
  const pause = createPause(context)
  const places = new Map<string, number>()
  const watch = new KindWatch()
  const runs: string[] = []
  const readAll = (addresses: readonly string[]): AsyncIterable<RunContents> =>
    workspace.runs.contents(addresses, { ...read, folders: ['results'] })
  for await (const contents of readAll(await addressesOf(context, workspace, choice))) {
    await pause()
    const hasIt = await readColumns(contents.rows(result), (name, value) => {
      const place = places.get(name) ?? places.size
      places.set(name, place)
      watch.see(place, value)
    })
    if (hasIt) runs.push(contents.run.address)
  }
  if (runs.length === 0) {
    throw cliErrors.create('CLI_NOT_FOUND', { address: `${choice.in}/…/results/${result}` })
  }
  async function* rows(): AsyncGenerator<readonly Row[]> {
    for await (const contents of readAll(runs)) {
      await pause()
      let found: Row[] = []
      for await (const row of contents.rows(result)) {
        const values: (Json | undefined)[] = new Array(places.size).fill(undefined)
        for (const [name, value] of Object.entries(row)) {
          const place = places.get(name)
          if (place !== undefined) values[place] = value
        }
        found.push([contents.run.address, ...values])
        if (found.length < BATCH) continue
        yield found
        found = []
      }
      yield found
    }
  }
  const columns = [...places].map(([name, place]) => ({
    name: name === RUN_COLUMN.name || name === '' ? `row.${name}` : name,
    kind: watch.kindOf(place)
  }))
  return select(
    { columns: [RUN_COLUMN, ...columns], read: () => inBatches(rows()) },
    choice.columns
  )
}

/** Tells of the columns of rows, value by value; `false` if there is no such result. */
async function readColumns(
  rows: AsyncIterable<JsonObject>,
  see: (name: string, value: Json | undefined) => void
): Promise<boolean> {
  try {
    for await (const row of rows) {
      for (const [name, value] of Object.entries(row)) see(name, value)
    }
    return true
  } catch (error) {
    if (isCoded(error) && error.code === 'STORE_NOT_FOUND') return false
    throw error
  }
}

/** Makes the question for the runs below an address; of a run's address, for that run. */
async function questionBelow(
  context: Context,
  workspace: Workspace,
  choice: RunTableChoice
): Promise<FindOptions> {
  const object = await findObject(context, workspace, choice.in, choice.at)
  if (!isKind(object, 'run')) return questionOf(context, workspace, choice)
  return questionOf(context, workspace, {
    ...choice,
    in: `${object.project}/${object.key.experiment}`,
    at: choice.at ?? revisionOf(choice.in),
    filter: [`id = "${object.id}"`, ...(choice.filter ?? [])]
  })
}

/** Lists the addresses of the runs that are meant. */
async function addressesOf(
  context: Context,
  workspace: Workspace,
  choice: RunTableChoice
): Promise<readonly string[]> {
  const question = await questionBelow(context, workspace, choice)
  const { rows } = await askSorted(context, { ...question, columns: ['address'] }, (asked) =>
    workspace.runs.table(asked)
  )
  return Array.from(rows, ([address]) => String(address))
}

function readOptions(
  { signal }: Context,
  { at }: RunTableChoice
): { readonly signal: AbortSignal; readonly at?: string } {
  return { signal, ...(at === undefined ? {} : { at }) }
}

/** Returns a table with the columns that are wanted, the run's address first. @throws CLI_USAGE */
function select(source: TableSource, wanted: readonly string[]): TableSource {
  if (wanted.length === 0) return source
  const known = source.columns.map(({ name }) => name)
  const unknown = wanted.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw usageError(`There is no column ${unknown}; there are ${known.join(', ')}.`)
  }
  return selectColumns(source, withRun(wanted))
}

function withRun(columns: readonly string[]): readonly string[] {
  return [...new Set([RUN_COLUMN.name, ...columns])]
}

async function* inBatches(
  groups: Iterable<Iterable<Row>> | AsyncIterable<Iterable<Row>>
): AsyncGenerator<readonly Row[]> {
  let batch: Row[] = []
  for await (const group of groups) {
    for (const row of group) {
      batch.push(row)
      if (batch.length < BATCH) continue
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}
