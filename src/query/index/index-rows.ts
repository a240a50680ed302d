import { formatAddress } from '../../model/address.ts'
import type { KeyOf } from '../../model/kinds.ts'
import type { RunRecord } from '../../model/records.ts'
import type { ProjectStore } from '../../store/project-store.ts'
import type { View } from '../../store/view.ts'
import { compileCondition } from '../language/evaluate.ts'
import type { FieldPath } from '../language/filter.ts'
import { formatField } from '../language/format.ts'
import { isAboutMap } from '../language/prepare.ts'
import type { LoadedRun, RowSet } from '../row-set.ts'
import type { QueryScope } from '../scan.ts'
import { CELL } from './cells.ts'
import type { RunColumn } from './column.ts'
import { type IndexReader, readerOf } from './index-reader.ts'
import type { IndexRelated } from './index-related.ts'
import type { IndexSnapshot } from './index-snapshot.ts'
import { rankColumns } from './rank-columns.ts'

/** Makes the set of rows of an index; those of `elsewhere` are in another set, in a newer state. */
export function createIndexRows(
  { store, view }: Pick<QueryScope, 'store' | 'view'>,
  experiment: string,
  snapshot: IndexSnapshot,
  related: IndexRelated,
  elsewhere: ReadonlySet<number>,
  nowMs: number
): RowSet {
  const { index, count } = snapshot
  const place = { project: store.slug, experiment, related }
  const alive = snapshot.alive.slice()
  for (const row of elsewhere) alive[row] = 0
  const readers = new Map<string, IndexReader>()
  const open = (field: FieldPath, raw = false): IndexReader => {
    const name = `${raw}\0${field.join('\0')}`
    const reader = readers.get(name) ?? readerOf(snapshot, place, field, raw, nowMs)
    readers.set(name, reader)
    return reader
  }
  const keyOf = (row: number): KeyOf<'run'> => ({ kind: 'run', experiment, run: index.runAt(row) })
  return {
    count,
    isAlive: (row) => alive[row] === 1,
    reader: (field, raw) => open(field, raw).read,
    test: (condition, options) => {
      const { column } = open(condition.field, isAboutMap(condition))
      return column?.map(compileCondition(condition, options))
    },
    map: (field, body) => open(field).column?.map(body),
    ranks: (field) => {
      const { column, firstOf = column === undefined ? [] : [column] } = open(field)
      if (firstOf.length === 0) return undefined
      return index.ranks.get(field, count, () => rankColumns(firstOf, count))
    },
    hasOnlyMaps: (field) => {
      // The map of a metric stands for a number.
      if (field[0] !== 'params') return false
      const inside = `${field.join('.')}.`
      return snapshot.columnsOf(field, false).every(({ name }) => name.startsWith(inside))
    },
    inOrder: (rows) => index.inOrder(rows),
    addressOf: (row) => formatAddress(store.slug, keyOf(row)),
    names: () => namesOf(index.columns.filter((column) => isUsed(column, alive))),
    load: (rows) => Promise.all(rows.map((row) => loadRun(store, view, keyOf(row))))
  }
}

/** Tells whether some run that is there has a value in a column; one that was not read counts as used. */
function isUsed(column: RunColumn, alive: Uint8Array): boolean {
  if (!column.isLoaded) return true
  return alive.some((isAlive, row) => isAlive === 1 && column.kindOf(row) !== CELL.absent)
}

async function loadRun(
  store: ProjectStore,
  view: View,
  key: KeyOf<'run'>
): Promise<LoadedRun | undefined> {
  const record = await view.record<'run'>(key)
  if (record === undefined) return undefined
  return { store, key, record: record as RunRecord, commitOid: view.commitOid }
}

/** Lists the parameters, with the maps that they lie in, and the metrics. */
function namesOf(columns: readonly RunColumn[]): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { field } of columns) {
    const [first] = field
    if (first === 'metrics' && field.length > 1) names.add(formatField(field.slice(0, 2)))
    if (first !== 'params') continue
    for (let end = 2; end <= field.length; end++) names.add(formatField(field.slice(0, end)))
  }
  return names
}
