import { formatAddress } from '../../model/address.ts'
import type { KeyOf } from '../../model/kinds.ts'
import type { RunRecord } from '../../model/records.ts'
import type { ProjectStore } from '../../store/project-store.ts'
import type { View } from '../../store/view.ts'
import { compileCondition } from '../language/evaluate.ts'
import type { FieldPath } from '../language/filter.ts'
import { formatField } from '../language/format.ts'
import { isAboutMap } from '../language/prepare.ts'
import type { LoadedRun, OrderReader, RowSet } from '../row-set.ts'
import { CELL, type RunColumn } from './column.ts'
import { type IndexReader, readerOf } from './index-reader.ts'
import type { RunIndex } from './run-index.ts'

/** Makes the set of rows of an index; those of `elsewhere` are in another set, in a newer state. */
export function createIndexRows(
  store: ProjectStore,
  view: View,
  experiment: string,
  index: RunIndex,
  elsewhere: ReadonlySet<number>,
  nowMs: number
): RowSet {
  const place = { project: store.slug, experiment }
  const { count } = index
  const alive = index.aliveRows()
  for (const row of elsewhere) alive[row] = 0
  const readers = new Map<string, IndexReader>()
  const open = (field: FieldPath, raw = false): IndexReader => {
    const name = `${raw}\0${field.join('\0')}`
    const reader = readers.get(name) ?? readerOf(index, place, field, raw, nowMs)
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
      return column?.testRows(compileCondition(condition, options))
    },
    order: (field) => orderOf(open(field)),
    addressOf: (row) => formatAddress(store.slug, keyOf(row)),
    names: () => namesOf([...index.columns].filter((column) => isUsed(column, alive))),
    load: (rows) => Promise.all(rows.map((row) => loadRun(store, view, keyOf(row))))
  }
}

/** Tells whether some run that is there has a value in a column. */
function isUsed(column: RunColumn, alive: Uint8Array): boolean {
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

/** Returns the order of a field whose values are all numbers, or all times. */
function orderOf({ column, firstOf }: IndexReader): OrderReader | undefined {
  const columns = firstOf ?? (column === undefined ? [] : [column])
  const kinds = new Set(columns.map((each) => each.soleKind()))
  const [kind] = kinds
  if (kinds.size !== 1 || (kind !== CELL.number && kind !== CELL.time)) return undefined
  const [first, second] = columns as [RunColumn, RunColumn?]
  return {
    kind: kind === CELL.number ? 'number' : 'time',
    read: (row) => {
      const isThere = second === undefined || first.kindOf(row) !== CELL.absent
      return (isThere ? first : (second as RunColumn)).numberOf(row)
    }
  }
}

/** Lists the parameters, with the maps that they lie in, and the metrics. */
function namesOf(columns: Iterable<RunColumn>): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { field } of columns) {
    const [first] = field
    if (first === 'metrics' && field.length > 1) names.add(formatField(field.slice(0, 2)))
    if (first !== 'params') continue
    for (let end = 2; end <= field.length; end++) names.add(formatField(field.slice(0, end)))
  }
  return names
}
