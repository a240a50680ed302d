import type { Kind, RecordOfKind } from '../model/kinds.ts'
import { mergeStates, recordOf, stateOf } from './record-state.ts'

/**
 * Joins two records of one object; needs no base.
 *
 * Commutative, associative and idempotent, down to the bytes: the result is in normal form, which
 * every record that `editRecord` returns has too. What follows from parts (a run's metrics, a
 * result's rows, columns and aggregates) is an estimate until it is summarized again
 * (docs/FORMAT.md, “Merging”).
 */
export function mergeRecords<K extends Kind>(
  kind: K,
  a: RecordOfKind[K],
  b: RecordOfKind[K]
): RecordOfKind[K] {
  return recordOf(kind, mergeStates(kind, stateOf(kind, a), stateOf(kind, b)))
}

/** Returns a record in the form that merging gives it. */
export function normalizeRecord<K extends Kind>(kind: K, record: RecordOfKind[K]): RecordOfKind[K] {
  return recordOf(kind, stateOf(kind, record))
}
