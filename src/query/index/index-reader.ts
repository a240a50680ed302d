import type { Json, JsonObject } from '../../base/json.ts'
import type { FieldPath } from '../language/filter.ts'
import { isMetric, isRunField, type RunSubject, runValue, valueAt } from '../language/lookup.ts'
import type { FieldReader } from '../language/prepare.ts'
import { CELL, type RunColumn } from './column.ts'
import type { RunIndex } from './run-index.ts'

/** Where the runs of an index belong. */
export interface IndexPlace {
  readonly project: string
  readonly experiment: string
}

/** How a field is read: from columns alone, or by putting parts of the record together again. */
export interface IndexReader {
  readonly read: FieldReader<number>
  /** The one column that is the field, if there is one. */
  readonly column?: RunColumn
  /** The columns of which the first that a row has is the field; all of one kind. */
  readonly firstOf?: readonly RunColumn[]
}

/** Fields that come from several, or from where a run lies. */
const COMPUTED: { readonly [name: string]: readonly string[] } = {
  id: [],
  address: [],
  project: [],
  experiment: [],
  tag: ['tags'],
  time: ['started', 'created'],
  duration: ['started', 'finished', 'status'],
  execution: ['execution'],
  dataset: ['datasets']
}

/**
 * Makes the reader of a field; it gives what `runValue` gives of the whole record, or with `raw` what is
 * stored.
 */
export function readerOf(
  index: RunIndex,
  place: IndexPlace,
  field: FieldPath,
  raw: boolean,
  nowMs: number
): IndexReader {
  const first = field[0] as string
  if (field.length === 1 && first === 'time') return timeReader(index)
  const direct = first === 'tag' ? ['tags'] : field
  const isOwn = isRunField(first) || first === 'metrics' || first === 'datasets' || first === 'tag'
  if (isOwn && !isMetric(field)) {
    const reader = directReader(index, direct)
    if (reader !== undefined && first !== 'datasets') return reader
  }
  if (isMetric(field) && !raw) {
    const reader = metricReader(index, field)
    if (reader !== undefined) return reader
  }
  if (!Object.hasOwn(COMPUTED, first) && !isOwn) {
    const reader = bareReader(index, place, field, nowMs)
    if (reader !== undefined) return reader
  }
  return wholeReader(index, place, field, raw, nowMs)
}

/** Lists the columns that a path may lead to or through, however its names are cut at their dots. */
function columnsAt(index: RunIndex, field: FieldPath): readonly RunColumn[] {
  const name = field.join('.')
  return [...index.columns].filter(
    (column) =>
      column.name === name ||
      column.name.startsWith(`${name}.`) ||
      (name.startsWith(`${column.name}.`) && column.hasLists())
  )
}

/** Reads a field that is one column, or none; `undefined` if it is not that simple. */
function directReader(index: RunIndex, field: FieldPath): IndexReader | undefined {
  const columns = columnsAt(index, field)
  if (columns.length === 0) return { read: () => undefined }
  const [column] = columns as [RunColumn]
  if (columns.length > 1 || column.name !== field.join('.')) return undefined
  return { read: (row) => column.get(row), column }
}

/** Reads the mean of a metric, else its last value; `undefined` if its columns are not just that. */
function metricReader(index: RunIndex, field: FieldPath): IndexReader | undefined {
  const columns = columnsAt(index, field)
  if (columns.length === 0) return { read: () => undefined }
  const name = field.join('.')
  const isMember = (column: RunColumn): boolean =>
    column.field.slice(0, -1).join('.') === name &&
    !(column.field[column.field.length - 1] as string).includes('.')
  if (columns.length === 1 && columns[0]?.name === name) {
    // A member such as `metrics.loss.min`.
    return directReader(index, field)
  }
  if (!columns.every(isMember)) return undefined
  const member = (wanted: string): RunColumn | undefined =>
    columns.find((column) => column.field[column.field.length - 1] === wanted)
  const [last, mean] = [member('last'), member('mean')]
  if (last === undefined || last.soleKind() !== CELL.number) return undefined
  const others = columns.filter((column) => column !== last)
  for (let row = 0; row < index.count; row++) {
    const hasLast = last.kindOf(row) === CELL.number
    if (!hasLast && others.some((column) => column.kindOf(row) !== CELL.absent)) return undefined
  }
  if (mean === undefined) return { read: (row) => last.get(row), column: last }
  return { read: (row) => mean.get(row) ?? last.get(row), firstOf: [mean, last] }
}

/** Reads a name alone: a parameter, else a metric; `undefined` if records have a field of that name. */
function bareReader(
  index: RunIndex,
  place: IndexPlace,
  field: FieldPath,
  nowMs: number
): IndexReader | undefined {
  for (const column of index.columns) if (column.field[0] === field[0]) return undefined
  const param = readerOf(index, place, ['params', ...field], false, nowMs)
  const metric = readerOf(index, place, ['metrics', ...field], false, nowMs)
  const hasParam = columnsAt(index, ['params', ...field]).length > 0
  if (!hasParam) return metric
  if (columnsAt(index, ['metrics', ...field]).length === 0 && hasNoNull(param)) return param
  return { read: (row) => param.read(row) ?? metric.read(row) }
}

function hasNoNull({ column }: IndexReader): boolean {
  return column !== undefined && !column.hasNull()
}

function timeReader(index: RunIndex): IndexReader {
  const find = (name: string): RunColumn | undefined =>
    [...index.columns].find((column) => column.field.length === 1 && column.name === name)
  const firstOf = [find('started'), find('created')].filter((column) => column !== undefined)
  return { read: (row) => firstPresent(firstOf, row), firstOf }
}

function firstPresent(columns: readonly RunColumn[], row: number): Json | undefined {
  for (const column of columns) {
    const value = column.get(row)
    if (value !== undefined && value !== null) return value
  }
  return undefined
}

/** Puts the parts of each record together that a field is about, and reads those. */
function wholeReader(
  index: RunIndex,
  { project, experiment }: IndexPlace,
  field: FieldPath,
  raw: boolean,
  nowMs: number
): IndexReader {
  const first = field[0] as string
  const computed = Object.hasOwn(COMPUTED, first) ? COMPUTED[first] : undefined
  const wanted = new Set(computed ?? [first, 'params', 'metrics', 'datasets'])
  const columns = [...index.columns].filter(({ field: [name] }) => wanted.has(name as string))
  const subject = (row: number): RunSubject => {
    const id = index.runAt(row)
    const address = `${project}/${experiment}/${id}`
    return { id, address, project, experiment, fields: assemble(columns, row) }
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
