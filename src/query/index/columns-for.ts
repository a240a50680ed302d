import type { FieldPath } from '../language/filter.ts'
import { isMetric, isRunField } from '../language/lookup.ts'
import type { RunColumn } from './column.ts'

/** Fields that come from others, or from where a run lies. */
const SOURCES: { readonly [name: string]: readonly string[] } = {
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

/** Lists the columns that a path may lead to or through, however its names are cut at their dots. */
export function columnsAt(columns: readonly RunColumn[], field: FieldPath): readonly RunColumn[] {
  const name = field.join('.')
  return columns.filter(
    (column) =>
      column.name === name ||
      column.name.startsWith(`${name}.`) ||
      (name.startsWith(`${column.name}.`) && column.hasInner())
  )
}

/**
 * Lists the columns whose cells the reader of a field may read in the first `count` rows; `raw` wants a
 * metric's whole summary. No names at all mean every column.
 */
export function columnsFor(
  columns: readonly RunColumn[],
  field: FieldPath,
  raw: boolean,
  count: number
): readonly RunColumn[] {
  if (field.length === 0) return columns
  const [first = ''] = field
  const sources = Object.hasOwn(SOURCES, first) ? SOURCES[first] : undefined
  if (sources !== undefined) return sources.flatMap((name) => columnsAt(columns, [name]))
  // What the project says of a dataset is joined with all that the run says of it.
  if (first === 'datasets') return columnsAt(columns, [first])
  if (isMetric(field)) return raw ? columnsAt(columns, field) : ofMetric(columns, field, count)
  if (isOwnField(first)) return columnsAt(columns, field)
  const found = [
    ...columns.filter((column) => column.field[0] === first),
    ...columnsAt(columns, field),
    ...columnsAt(columns, ['params', ...field]),
    ...ofMetric(columns, ['metrics', ...field], count)
  ]
  return [...new Set(found)]
}

/** Lists the columns of a metric; of one that has a last value in each row, that and the mean are enough. */
function ofMetric(
  columns: readonly RunColumn[],
  field: FieldPath,
  count: number
): readonly RunColumn[] {
  const found = columnsAt(columns, field)
  const last = memberOf(found, field, 'last')
  if (last === undefined || !last.isNumberOfAll(count)) return found
  const mean = memberOf(found, field, 'mean')
  return mean === undefined ? [last] : [last, mean]
}

/** Returns the column of a member, if all columns are members of one field. */
export function memberOf(
  columns: readonly RunColumn[],
  field: FieldPath,
  member: string
): RunColumn | undefined {
  const name = field.join('.')
  let found: RunColumn | undefined
  for (const column of columns) {
    const last = column.field[column.field.length - 1] as string
    if (last.includes('.') || column.field.slice(0, -1).join('.') !== name) return undefined
    if (last === member) found = column
  }
  return found
}

/** Tells whether a first name belongs to records, so that no parameter or metric is meant. */
export function isOwnField(first: string): boolean {
  return isRunField(first) || first === 'metrics' || first === 'environment'
}
