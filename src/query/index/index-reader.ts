import type { Json, JsonObject } from '../../base/json.ts'
import type { FieldPath } from '../language/filter.ts'
import { isMetric, type RunSubject, runValue, valueAt } from '../language/lookup.ts'
import type { FieldReader } from '../language/prepare.ts'
import { CELL } from './cells.ts'
import type { RunColumn } from './column.ts'
import { columnsAt, isOwnField, memberOf } from './columns-for.ts'
import type { IndexRelated } from './index-related.ts'
import type { IndexSnapshot } from './index-snapshot.ts'

/** Where the runs of an index belong, and what they lead to. */
export interface IndexPlace {
  readonly project: string
  readonly experiment: string
  readonly related: IndexRelated
}

/** How a field is read: from columns alone, or by putting parts of the record together again. */
export interface IndexReader {
  readonly read: FieldReader<number>
  /** The one column that is the field, if there is one. */
  readonly column?: RunColumn
  /** The columns of which the first that a row has is the field; all of one kind. */
  readonly firstOf?: readonly RunColumn[]
}

const NOTHING: IndexReader = { read: () => undefined }

/**
 * Makes the reader of a field; it gives what `runValue` gives of the whole record, or with `raw` what is
 * stored.
 */
export function readerOf(
  snapshot: IndexSnapshot,
  place: IndexPlace,
  field: FieldPath,
  raw: boolean,
  nowMs: number
): IndexReader {
  const columns = snapshot.columnsOf(field, raw)
  const isWhole = raw && isMetric(field)
  const quick = isWhole ? undefined : quickReader(snapshot, place, columns, field, nowMs)
  return quick ?? wholeReader(snapshot, place, columns, field, raw, nowMs)
}

/** Reads a field from columns alone; `undefined` if it is not that simple. */
function quickReader(
  { index, count }: IndexSnapshot,
  place: IndexPlace,
  columns: readonly RunColumn[],
  field: FieldPath,
  nowMs: number
): IndexReader | undefined {
  const [first = ''] = field
  const { related } = place
  const whereabouts = field.length === 1 ? placeReader(index, place, first) : undefined
  if (whereabouts !== undefined) return whereabouts
  if (first === 'environment') return environmentReader(related, field)
  if (field.length > 1 && (first === 'experiment' || first === 'execution')) {
    return relatedReader(related, columns, field)
  }
  if (field.length === 1 && first === 'time') return timeReader(columns)
  if (field.length === 1 && first === 'duration') return durationReader(columns, nowMs)
  if (field.length === 1 && first === 'tag') return directReader(columns, ['tags'])
  if (field.length === 1 && first === 'execution') return directReader(columns, field)
  if (isMetric(field)) return metricReader(columns, field, count)
  if (isOwnField(first)) return directReader(columns, field)
  return isComputed(first) ? undefined : bareReader(columns, field, count)
}

function isComputed(first: string): boolean {
  return (
    ['id', 'address', 'project', 'experiment', 'execution'].includes(first) ||
    ['tag', 'time', 'duration', 'dataset', 'datasets'].includes(first)
  )
}

/** Reads a field that is one column or lies in its values, or none; `undefined` if it is not that simple. */
function directReader(columns: readonly RunColumn[], field: FieldPath): IndexReader | undefined {
  const [column, ...others] = columns
  if (column === undefined) return NOTHING
  if (others.length > 0) return undefined
  if (column.name === field.join('.')) return { read: (row) => column.get(row), column }
  const { length } = column.field
  const isInside = length < field.length && column.field.every((name, at) => name === field[at])
  return isInside ? { read: column.map((value) => valueAt(value, field, length)) } : undefined
}

/** Reads the mean of a metric, else its last value; `undefined` if its columns are not just that. */
function metricReader(
  columns: readonly RunColumn[],
  field: FieldPath,
  count: number
): IndexReader | undefined {
  const [only] = columns
  if (only === undefined || (columns.length === 1 && only.name === field.join('.'))) {
    // A member such as `metrics.loss.min`.
    return directReader(columns, field)
  }
  const last = memberOf(columns, field, 'last')
  if (last === undefined || last.soleKind() !== CELL.number) return undefined
  const others = columns.filter((column) => column !== last)
  for (let row = 0; row < count && others.length > 0; row++) {
    const hasLast = last.kindOf(row) === CELL.number
    if (!hasLast && others.some((column) => column.kindOf(row) !== CELL.absent)) return undefined
  }
  const mean = memberOf(columns, field, 'mean')
  if (mean === undefined) return { read: (row) => last.get(row), column: last }
  return { read: (row) => mean.get(row) ?? last.get(row), firstOf: [mean, last] }
}

/** Reads a name alone: a parameter, else a metric; `undefined` if records have a field of that name. */
function bareReader(
  columns: readonly RunColumn[],
  field: FieldPath,
  count: number
): IndexReader | undefined {
  if (columns.some((column) => column.field[0] === field[0])) return undefined
  const [paramField, metricField] = [
    ['params', ...field],
    ['metrics', ...field]
  ]
  const params = columnsAt(columns, paramField)
  const metrics = columnsAt(columns, metricField)
  if (params.length + metrics.length < columns.length) return undefined
  const param = directReader(params, paramField)
  const metric = metricReader(metrics, metricField, count)
  if (params.length === 0) return metric
  if (metrics.length === 0 && param?.column?.hasNull() === false) return param
  if (param === undefined || metric === undefined) return undefined
  return { read: (row) => param.read(row) ?? metric.read(row) }
}

function timeReader(columns: readonly RunColumn[]): IndexReader {
  const firstOf = ['started', 'created'].flatMap((wanted) =>
    columns.filter((column) => column.field.length === 1 && column.name === wanted)
  )
  return { read: (row) => firstPresent(firstOf, row), firstOf }
}

function firstPresent(columns: readonly RunColumn[], row: number): Json | undefined {
  for (const column of columns) {
    const value = column.get(row)
    if (value !== undefined && value !== null) return value
  }
  return undefined
}

/** Reads seconds from start to end, as `durationOf` does; `undefined` where these are not all moments. */
function durationReader(columns: readonly RunColumn[], nowMs: number): IndexReader | undefined {
  const [started, finished, status] = ['started', 'finished', 'status'].map((wanted) =>
    columns.find((column) => column.field.length === 1 && column.name === wanted)
  )
  if (started === undefined) return NOTHING
  const isTimes = (column: RunColumn | undefined): boolean =>
    column === undefined || column.soleKind() === CELL.time
  if (!isTimes(started) || !isTimes(finished)) return undefined
  const isRunning = status?.map((value) => value === 'running')
  return {
    read: (row) => {
      const start = started.numberOf(row)
      if (Number.isNaN(start)) return undefined
      const end = finished?.numberOf(row) ?? Number.NaN
      if (!Number.isNaN(end)) return (end - start) / 1000
      return isRunning?.(row) === true ? (nowMs - start) / 1000 : undefined
    }
  }
}

/** Reads a field of the record of the experiment, or of the execution that a run names. */
function relatedReader(
  { experiment, executions }: IndexRelated,
  columns: readonly RunColumn[],
  field: FieldPath
): IndexReader | undefined {
  if (field[0] === 'experiment') {
    const value = valueAt(experiment, field, 1)
    return { read: () => value }
  }
  const [column, ...others] = columns
  if (column === undefined) return NOTHING
  if (others.length > 0) return undefined
  return {
    read: column.map((id) =>
      typeof id === 'string' ? valueAt(executions?.get(id), field, 1) : undefined
    )
  }
}

/** Reads a field of the environment of a run, which lies in an index of its own. */
function environmentReader({ environment }: IndexRelated, field: FieldPath): IndexReader {
  if (environment === undefined) return NOTHING
  const { rows, snapshot } = environment
  const columns = snapshot.columnsOf(field, false)
  const { read } = directReader(columns, field) ?? {
    read: (row: number) => valueAt(assemble(columns, row).environment, field, 1)
  }
  return {
    read: (row) => {
      const at = rows[row] as number
      return at < 0 ? undefined : read(at)
    }
  }
}

/** Reads where a run lies; `undefined` if a field is not about that. */
function placeReader(
  index: IndexSnapshot['index'],
  place: IndexPlace,
  name: string
): IndexReader | undefined {
  switch (name) {
    case 'id':
      return { read: (row) => index.runAt(row) }
    case 'address':
      return { read: (row) => addressAt(index, place, row) }
    case 'project':
    case 'experiment':
      return { read: () => place[name] }
    default:
      return undefined
  }
}

function addressAt(
  index: IndexSnapshot['index'],
  { project, experiment }: IndexPlace,
  row: number
): string {
  return `${project}/${experiment}/${index.runAt(row)}`
}

/** Puts the parts of each record together that a field is about, and reads those. */
function wholeReader(
  { index }: IndexSnapshot,
  place: IndexPlace,
  columns: readonly RunColumn[],
  field: FieldPath,
  raw: boolean,
  nowMs: number
): IndexReader {
  const { project, experiment, related: known } = place
  const { datasets, executions, experiment: record } = known
  const subject = (row: number): RunSubject => {
    const id = index.runAt(row)
    const address = addressAt(index, place, row)
    const fields = assemble(columns, row)
    const { execution } = fields
    const related = {
      experiment: record,
      execution: typeof execution === 'string' ? executions?.get(execution) : undefined,
      ...(datasets === undefined ? {} : { datasets })
    }
    return { id, address, project, experiment, fields, related }
  }
  if (raw && isMetric(field)) return { read: (row) => valueAt(subject(row).fields, field) }
  return { read: (row) => runValue(subject(row), field, nowMs) }
}

type Writable = { [name: string]: Json | Writable | undefined }

function assemble(columns: readonly RunColumn[], row: number): JsonObject {
  const record: Writable = {}
  for (const column of columns) {
    const value = column.get(row)
    if (value === undefined) continue
    let at = record
    for (const name of column.field.slice(0, -1)) {
      if (!Object.hasOwn(at, name)) define(at, name, {})
      at = at[name] as Writable
    }
    define(at, column.field[column.field.length - 1] as string, value)
  }
  return record as JsonObject
}

/** Sets a member whatever its name, `__proto__` too. */
function define(target: Writable, name: string, value: Json | Writable): void {
  Object.defineProperty(target, name, {
    value,
    enumerable: true,
    writable: true,
    configurable: true
  })
}
