import { isJsonObject, type Json, type JsonObject } from '../base/json.ts'
import { formatAddress } from '../model/address.ts'
import type { RunRecord } from '../model/records.ts'
import type { FieldPath } from './language/filter.ts'
import { formatField } from './language/format.ts'
import { isMetric, type RunSubject, runValue, valueAt } from './language/lookup.ts'
import type { FieldReader } from './language/prepare.ts'
import { RankCache } from './rank-cache.ts'
import { rankRows } from './ranks.ts'
import type { LoadedRun, RowSet } from './row-set.ts'

/** Makes a set of runs that lie in memory, each as filters see it. */
export function createSubjectRows(
  subjects: readonly RunSubject[],
  runs: readonly LoadedRun[],
  nowMs: number
): RowSet {
  const rows = Uint32Array.from(runs.keys())
  const readers = new Map<string, FieldReader<number>>()
  const reader = (field: FieldPath, raw = false): FieldReader<number> => {
    const name = `${raw}\0${field.join('\0')}`
    const read = readers.get(name) ?? remember(readerOf(subjects, field, raw, nowMs), runs.length)
    readers.set(name, read)
    return read
  }
  const addressOf = (row: number): string => (subjects[row] as RunSubject).address
  const cache = new RankCache()
  let places: Uint32Array | undefined
  let names: ReadonlySet<string> | undefined
  return {
    count: runs.length,
    reader,
    ranks: (field) =>
      cache.get(field, runs.length, () => rankRows(rows, runs.length, reader(field))),
    inOrder: (some) => {
      places ??= rankRows(rows, runs.length, addressOf).places
      const known = places
      return some.sort((a, b) => (known[a] as number) - (known[b] as number))
    },
    addressOf,
    names: () => {
      names ??= namesOf(runs.map(({ record }) => record))
      return names
    },
    load: async (rows) => rows.map((row) => runs[row])
  }
}

const UNREAD = Symbol('unread')

/** Reads each row once: to find a value in a record takes much longer than to keep it. */
function remember(read: FieldReader<number>, count: number): FieldReader<number> {
  const kept = new Array<Json | undefined | typeof UNREAD>(count).fill(UNREAD)
  return (row) => {
    const known = kept[row]
    if (known !== UNREAD) return known
    const value = read(row)
    kept[row] = value
    return value
  }
}

/** Returns a run as filters see it, without what it leads to. */
export function subjectOf({
  store,
  key,
  record
}: Pick<LoadedRun, 'store' | 'key' | 'record'>): RunSubject {
  return {
    id: key.run,
    address: formatAddress(store.slug, key),
    project: store.slug,
    experiment: key.experiment,
    fields: record as unknown as JsonObject
  }
}

function readerOf(
  subjects: readonly RunSubject[],
  field: FieldPath,
  raw: boolean,
  nowMs: number
): (row: number) => Json | undefined {
  if (raw && isMetric(field)) return (row) => valueAt((subjects[row] as RunSubject).fields, field)
  return (row) => runValue(subjects[row] as RunSubject, field, nowMs)
}

/** Lists the parameters and metrics of runs. */
export function namesOf(records: Iterable<RunRecord>): ReadonlySet<string> {
  const names = new Set<string>()
  const collect = (value: JsonObject, path: FieldPath): void => {
    for (const [name, member] of Object.entries(value)) {
      names.add(formatField([...path, name]))
      if (path[0] === 'params' && isJsonObject(member)) collect(member, [...path, name])
    }
  }
  for (const { params, metrics } of records) {
    collect(params ?? {}, ['params'])
    collect((metrics ?? {}) as unknown as JsonObject, ['metrics'])
  }
  return names
}
