import { isJsonObject } from '../base/json.ts'
import { NEWEST_FIRST, type OpenSets, openFor, type RunQuestion } from './find.ts'
import type { FieldPath } from './language/filter.ts'
import { formatField } from './language/format.ts'
import { type FieldReader, prepareFilter } from './language/prepare.ts'
import { readFieldText, readSort } from './language/sort-key.ts'
import type { RowPlace, RowSet, Values } from './row-set.ts'
import { matchRows, sortRows } from './search.ts'
import type { UnknownField } from './unknown-fields.ts'

/** Values of runs in columns. */
export interface ValueTable {
  readonly columns: readonly string[]
  /** Made while they are read; they can be read again. */
  readonly rows: Iterable<Values>
  readonly count: number
  /** How many runs pass the filter. */
  readonly total: number
  /** Fields of the question that no run has. */
  readonly unknown: readonly UnknownField[]
}

/** What a table shows of runs beside their parameters and metrics, if nobody says which columns. */
const OWN_FIELDS = [
  'address',
  'experiment',
  'id',
  'name',
  'status',
  'created',
  'started',
  'finished',
  'duration',
  'tags',
  'notes',
  'seed',
  'key',
  'parent',
  'execution',
  'exitCode',
  'signal',
  'error'
]

/** Reads fields of the runs that pass a filter. Without columns, every field that one of them has. */
export async function tableRuns(
  question: RunQuestion,
  nowMs: number,
  open: OpenSets
): Promise<ValueTable> {
  const prepared = await prepareFilter('run', question.filter)
  const sort = question.sort === undefined ? NEWEST_FIRST : readSort(question.sort)
  const asked = (question.columns ?? []).map(readFieldText)
  const others = [...sort.map(({ field }) => field), ...asked]
  const { sets, unknown } = await openFor(prepared, open, others, asked.length === 0)
  const matched = matchRows(sets, prepared, nowMs)
  const places = sortRows(matched, sort, {
    offset: question.offset ?? 0,
    limit: question.limit ?? Number.POSITIVE_INFINITY
  })
  const columns = asked.length > 0 ? asked : usedFields(sets, places)
  return {
    columns: columns.map(formatField),
    rows: { [Symbol.iterator]: () => readRows(places, columns) },
    count: places.length,
    total: matched.reduce((total, { rows }) => total + rows.length, 0),
    unknown
  }
}

function* readRows(
  places: readonly RowPlace[],
  columns: readonly FieldPath[]
): Generator<Values, void> {
  const known = new Map<RowSet, readonly FieldReader<number>[]>()
  for (const { set, row } of places) {
    const readers = known.get(set) ?? columns.map((field) => set.reader(field))
    known.set(set, readers)
    yield readers.map((read) => read(row))
  }
}

/** Lists the fields that some of the rows have; of maps their members. */
function usedFields(sets: readonly RowSet[], places: readonly RowPlace[]): readonly FieldPath[] {
  const names = new Set([...OWN_FIELDS, ...sets.flatMap((set) => [...set.names()])])
  return [...names].map(readFieldText).filter((field) => {
    const readers = new Map(sets.map((set) => [set, set.reader(field)]))
    const isUsed = ({ set, row }: RowPlace): boolean => {
      const value = readers.get(set)?.(row)
      return value !== undefined && !isJsonObject(value)
    }
    if (field[0] === 'address') return true
    return !sets.every((set) => set.hasOnlyMaps?.(field)) && places.some(isUsed)
  })
}
