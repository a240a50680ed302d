import { groupRows, type RunGroup } from './aggregate.ts'
import { queryErrors } from './errors.ts'
import { checkField } from './language/fields.ts'
import type { FieldPath } from './language/filter.ts'
import type { FilterInput } from './language/filter-data.ts'
import { formatField } from './language/format.ts'
import { fieldsOf, mapFieldsOf, type PreparedFilter, prepareFilter } from './language/prepare.ts'
import { readFieldText, readSort, type SortKey } from './language/sort-key.ts'
import type { LoadedRun, RowPlace, RowSet, Values, WantedFields } from './row-set.ts'
import { matchRows, sortRows } from './search.ts'
import { findUnknown, type UnknownField } from './unknown-fields.ts'

/** A question about runs. */
export interface RunQuestion {
  readonly filter?: FilterInput | undefined
  /** Default: the latest start first. */
  readonly sort?: string | readonly string[] | undefined
  readonly limit?: number | undefined
  readonly offset?: number | undefined
  /** Fields whose values are wanted. Default: none. */
  readonly columns?: readonly string[] | undefined
}

/** A run that was found. */
export interface FoundRow {
  readonly run: LoadedRun
  readonly values: Values
}

/** What was found. */
export interface FoundRows {
  readonly rows: readonly FoundRow[]
  /** How many runs pass the filter. */
  readonly total: number
  readonly columns: readonly string[]
  /** Fields of the question that no run has. */
  readonly unknown: readonly UnknownField[]
}

/** Opens the runs in which a question is answered. */
export type OpenSets = (wanted: WantedFields) => Promise<readonly RowSet[]>

/** How runs are ordered if nobody says how. */
export const NEWEST_FIRST: readonly SortKey[] = [{ field: ['time'], isDescending: true }]

/** Answers which runs pass a filter. */
export async function findRuns(
  question: RunQuestion,
  nowMs: number,
  open: OpenSets
): Promise<FoundRows> {
  const prepared = await prepareFilter('run', question.filter)
  const sort = question.sort === undefined ? NEWEST_FIRST : readSort(question.sort)
  const columns = (question.columns ?? []).map(readFieldText)
  const { sets, unknown } = await openFor(prepared, open, [
    ...sort.map(({ field }) => field),
    ...columns
  ])
  const matched = matchRows(sets, prepared, nowMs)
  const places = sortRows(matched, sort, {
    offset: question.offset ?? 0,
    limit: question.limit ?? Number.POSITIVE_INFINITY
  })
  return {
    rows: await loadRows(places, columns),
    total: matched.reduce((total, { rows }) => total + rows.length, 0),
    columns: columns.map(formatField),
    unknown
  }
}

/** Answers how many runs pass a filter. */
export async function countRuns(
  filter: FilterInput | undefined,
  nowMs: number,
  open: OpenSets
): Promise<number> {
  const prepared = await prepareFilter('run', filter)
  const sets = await open({ fields: fieldsOf(prepared), maps: mapFieldsOf(prepared) })
  return matchRows(sets, prepared, nowMs).reduce((total, { rows }) => total + rows.length, 0)
}

/** A question about groups of runs. */
export interface GroupQuestion {
  readonly filter?: FilterInput | undefined
  readonly by: readonly string[]
  readonly aggregate?: readonly string[] | undefined
}

/** Groups of runs. */
export interface FoundGroups {
  readonly by: readonly string[]
  readonly fields: readonly string[]
  readonly groups: readonly RunGroup[]
  /** How many runs pass the filter. */
  readonly total: number
  readonly unknown: readonly UnknownField[]
}

/** Answers what the runs that pass a filter come to, by what they agree in. */
export async function groupRuns(
  question: GroupQuestion,
  nowMs: number,
  open: OpenSets
): Promise<FoundGroups> {
  const prepared = await prepareFilter('run', question.filter)
  const by = question.by.map(readFieldText)
  const fields = (question.aggregate ?? []).map((text) => ({
    name: formatField(readFieldText(text)),
    field: readFieldText(text)
  }))
  const others = [...by, ...fields.map(({ field }) => field)]
  const { sets, unknown } = await openFor(prepared, open, others)
  const matched = matchRows(sets, prepared, nowMs)
  return {
    by: by.map(formatField),
    fields: fields.map(({ name }) => name),
    groups: groupRows(matched, by, fields),
    total: matched.reduce((total, { rows }) => total + rows.length, 0),
    unknown
  }
}

/** Returns the field by which runs are better or worse, and which way. @throws QUERY_GOAL */
export function goalOf(
  metric: string | undefined,
  goal: 'minimize' | 'maximize' | undefined,
  declared: readonly { readonly [metric: string]: { readonly goal?: 'minimize' | 'maximize' } }[]
): { readonly sort: string; readonly field: string } {
  const goals = new Map<string, Set<string>>()
  for (const [name, { goal: known }] of declared.flatMap((metrics) => Object.entries(metrics))) {
    if (known !== undefined) goals.set(name, new Set([...(goals.get(name) ?? []), known]))
  }
  const [only, ...more] = goals.keys()
  const name = metric ?? (more.length === 0 ? only : undefined)
  if (name === undefined) throw queryErrors.create('QUERY_GOAL', { metric: 'metric' })
  const path = fieldOfMetric(name, goals)
  const [known, ...others] = goals.get(metricOf(path)) ?? []
  const wanted = goal ?? (others.length === 0 ? known : undefined)
  if (wanted === undefined) throw queryErrors.create('QUERY_GOAL', { metric: name })
  const field = formatField(path)
  return { field, sort: wanted === 'maximize' ? `-${field}` : field }
}

/** Returns the path of a metric that was named with or without `metrics.`, or with a member behind. */
function fieldOfMetric(name: string, goals: ReadonlyMap<string, unknown>): FieldPath {
  if (goals.has(name)) return ['metrics', name]
  const path = readFieldText(name)
  return path[0] === 'metrics' || path[0] === 'params' ? path : ['metrics', ...path]
}

function metricOf(path: FieldPath): string {
  const [, ...names] = path
  const isMember = ['last', 'min', 'max', 'mean'].includes(names[names.length - 1] as string)
  return (isMember && names.length > 1 ? names.slice(0, -1) : names).join('.')
}

/** Opens the runs for a filter and other fields, or all of them. @throws QUERY_FIELD */
export async function openFor(
  prepared: PreparedFilter,
  open: OpenSets,
  others: readonly FieldPath[],
  all = false
): Promise<{ readonly sets: readonly RowSet[]; readonly unknown: readonly UnknownField[] }> {
  for (const field of others) checkField('run', field)
  const fields = [...fieldsOf(prepared), ...others]
  const sets = await open({ fields, maps: mapFieldsOf(prepared), all })
  return { sets, unknown: findUnknown(sets, prepared, others) }
}

/** Reads whole runs, those of each set together, and the values of columns. */
async function loadRows(
  places: readonly RowPlace[],
  columns: readonly FieldPath[]
): Promise<readonly FoundRow[]> {
  const bySet = new Map<RowSet, number[]>()
  for (const { set, row } of places) {
    const rows = bySet.get(set)
    if (rows === undefined) bySet.set(set, [row])
    else rows.push(row)
  }
  const loaded = new Map<RowSet, ReadonlyMap<number, FoundRow>>()
  for (const [set, rows] of bySet) {
    const readers = columns.map((field) => set.reader(field))
    const runs = await set.load(rows)
    const found = new Map<number, FoundRow>()
    for (const [index, row] of rows.entries()) {
      const run = runs[index]
      if (run !== undefined) found.set(row, { run, values: readers.map((read) => read(row)) })
    }
    loaded.set(set, found)
  }
  return places.flatMap(({ set, row }) => loaded.get(set)?.get(row) ?? [])
}
