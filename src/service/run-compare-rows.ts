import { joinColumns } from '../format/rows.ts'
import type { ExperimentRecord, RunRecord } from '../model/records.ts'
import { goalOf } from '../query/compare.ts'
import {
  type ComparedRows,
  compareWithBase,
  type RowRules,
  type RowSide,
  readBase
} from '../query/compare-rows.ts'
import { criterionOf, keyColumnOf, type ResultHeader } from '../query/row-judge.ts'
import { storeErrors } from '../store/errors.ts'
import { viewOfRun } from '../store/live-view.ts'
import { type OpenedResult, openResult } from '../store/run-files.ts'
import type { CompareRowsOptions, RowComparison } from './compare.ts'
import { addressOf, type ServiceContext } from './context.ts'
import { describeRun } from './run-compare.ts'

/** A result of one of the runs. */
interface Side {
  readonly run: RowComparison['runs'][number]
  readonly header: ResultHeader
  readonly opened: OpenedResult
  readonly metrics: NonNullable<ExperimentRecord['metrics']>
}

/** Compares the rows of a result of several runs. */
export async function compareResultRows(
  context: ServiceContext,
  addresses: readonly string[],
  result: string,
  options: CompareRowsOptions
): Promise<RowComparison> {
  if (addresses.length < 2) throw new TypeError('a comparison needs two runs or more')
  const sides: Side[] = []
  for (const address of addresses) {
    options.signal?.throwIfAborted()
    sides.push(await openSide(context, address, result, options.at))
  }
  const headers = sides.map(({ header }) => header)
  const question = { ...options, result }
  const key = keyColumnOf(question, headers)
  const { by, goal, judge } = criterionOf(question, headers, (column) => goalOf(sides, column))
  const rules = {
    key,
    judge,
    all: options.all === true,
    limit: options.limit ?? Number.POSITIVE_INFINITY
  }
  const { found, comparisons } = await readSides(sides, rules, options)
  const columns = headers.reduce<ResultHeader['columns']>(
    (all, header) => joinColumns(all, header.columns),
    []
  )
  return {
    runs: sides.map(({ run }) => run),
    result,
    key,
    by,
    goal,
    columns: columns.map(({ name }) => name),
    sides: found,
    comparisons
  }
}

async function readSides(
  sides: readonly Side[],
  rules: Omit<RowRules, 'onRows'>,
  { signal, onProgress }: CompareRowsOptions
): Promise<{ found: RowSide[]; comparisons: (ComparedRows | undefined)[] }> {
  let before = 0
  let rows = 0
  const onRows = (read: number): void => {
    signal?.throwIfAborted()
    rows = before + read
    onProgress?.({ rows })
  }
  const [first, ...others] = sides as readonly [Side, ...Side[]]
  const base = await readBase(rowsOf(first), { ...rules, onRows })
  const found = [base.side]
  const comparisons: (ComparedRows | undefined)[] = [undefined]
  for (const other of others) {
    before = rows
    const { side, ...compared } = await compareWithBase(base, rowsOf(other), { ...rules, onRows })
    found.push(side)
    comparisons.push(compared)
  }
  return { found, comparisons }
}

function rowsOf({ header, opened }: Side): Parameters<typeof readBase>[0] {
  return { columns: header.columns, parts: () => opened.parts() }
}

async function openSide(
  context: ServiceContext,
  address: string,
  result: string,
  atOption: string | undefined
): Promise<Side> {
  const { store, key, at } = await context.book.require(address, ['run'], atOption)
  const view = await viewOfRun(store, key, at)
  const fields = await view?.record<'run'>(key)
  if (view === undefined || fields === undefined) {
    throw storeErrors.create('STORE_NOT_FOUND', { address, kind: 'run' })
  }
  const { experiment, run } = key
  const place = addressOf(store, { kind: 'result', experiment, run, name: result })
  const opened = await openResult(view, key, result)
  if (opened === undefined) {
    throw storeErrors.create('STORE_NOT_FOUND', { address: place, kind: 'result' })
  }
  const declared = await view
    .record<'experiment'>({ kind: 'experiment', experiment })
    .catch(() => undefined)
  return {
    run: describeRun({ store, key, at }, fields as RunRecord, view.commitOid),
    header: { address: place, key: opened.record.key, columns: opened.record.columns ?? [] },
    opened,
    metrics: declared?.metrics ?? {}
  }
}
