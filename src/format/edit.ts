import { equalJson, isJsonObject, type Json, type JsonObject, withoutAbsent } from '../base/json.ts'
import type { Kind, RecordOfKind } from '../model/kinds.ts'
import type { RunError, RunRecord, RunStatus, Stamp } from '../model/records.ts'
import { type Cell, cellRule, mergeCells } from './cell.ts'
import { formatFieldPath, parseFieldPath } from './field-path.ts'
import { groupOf, ruleOf, stampFieldOf } from './merge-policy.ts'
import { type RecordState, recordOf, stateOf } from './record-state.ts'
import { isStamp } from './stamp.ts'

/** New values by field; `undefined` removes. */
export type RecordChanges = { readonly [field: string]: Json | undefined }

/** Fields that only merging and these functions write. */
const BOOKKEEPING = ['schema', 'created', 'edits', 'conflicts']

/** Rules whose fields follow from others or only grow, so that a stamp would say nothing. */
const UNSTAMPED = ['greatest', 'union', 'columns']

/**
 * Changes fields of a record and stamps what changed.
 *
 * Of a map that merges by member (`params`, …) members that are not mentioned stay, and one given as
 * `undefined` is removed; a list of tags is the whole new set. What is equal already gets no stamp,
 * unless it was contested: then it is settled. The result is in normal form.
 *
 * @throws TypeError if the stamp is none or smaller than that of a changed field (`nextStamp` makes a
 * greater one), or if `changes` names `schema`, `created`, `edits` or `conflicts` with another value.
 */
export function editRecord<K extends Kind>(
  kind: K,
  record: RecordOfKind[K],
  changes: RecordChanges,
  stamp: Stamp
): RecordOfKind[K] {
  if (!isStamp(stamp)) throw new TypeError(`${JSON.stringify(stamp)} is not a stamp`)
  const state = stateOf(kind, record)
  const old = record as unknown as JsonObject
  for (const [path, value] of planEdits(kind, old, changes, state)) {
    editCell(kind, state, path, value, stamp)
  }
  return recordOf(kind, state)
}

/**
 * Makes a record say what another says: fields, members and elements that `wanted` lacks are removed.
 *
 * The bookkeeping of `wanted` (`created`, `edits`, `conflicts`) is left aside.
 *
 * @throws TypeError as `editRecord`
 */
export function replaceRecord<K extends Kind>(
  kind: K,
  record: RecordOfKind[K],
  wanted: RecordOfKind[K],
  stamp: Stamp
): RecordOfKind[K] {
  const old = record as unknown as JsonObject
  const target = wanted as unknown as JsonObject
  const changes = new Map<string, Json | undefined>()
  for (const field of new Set([...Object.keys(old), ...Object.keys(target)])) {
    if (BOOKKEEPING.includes(field)) continue
    const [before, after] = [old[field], target[field]]
    // An attempt that began earlier cannot become the current one again.
    if (field === 'attempt' && String(after) < String(before)) continue
    const byMember = ['map', 'summaries'].includes(ruleOf(kind, field))
    if (!byMember || !isJsonObject(before) || !isJsonObject(after)) changes.set(field, after)
    else {
      const gone = Object.keys(before).map((member): [string, undefined] => [member, undefined])
      changes.set(field, Object.fromEntries([...gone, ...Object.entries(after)]) as JsonObject)
    }
  }
  return editRecord(kind, record, Object.fromEntries(changes), stamp)
}

/** How a run ended. */
export interface RunOutcome {
  readonly status: Exclude<RunStatus, 'running'>
  readonly finished: string
  readonly exitCode?: number
  readonly signal?: string
  readonly error?: RunError
}

/** Marks a run as started or resumed; `stamp` becomes its attempt. */
export function startAttempt(record: RunRecord, stamp: Stamp): RunRecord {
  const ended = { finished: undefined, exitCode: undefined, signal: undefined, error: undefined }
  return editRecord('run', record, { attempt: stamp, status: 'running', ...ended }, stamp)
}

/**
 * Records how the current attempt ended.
 *
 * An outcome that says less than the recorded one (`interrupted` after `finished`) changes nothing.
 * What a person set meanwhile is older than this end: the end then counts as an attempt of its own.
 */
export function endAttempt(record: RunRecord, outcome: RunOutcome, stamp: Stamp): RunRecord {
  const state = stateOf('run', record)
  const current = state.cells.get('status') as Cell
  const isSettled = current.stamp > record.attempt
  const values = [withoutAbsent(outcome) as unknown as JsonObject]
  const ended: Cell = { stamp: isSettled ? stamp : record.attempt, values }
  if (isSettled) state.cells.set('attempt', { stamp: '', values: [stamp] })
  state.cells.set('status', mergeCells(cellRule('run', 'status'), current, ended))
  return recordOf('run', state)
}

/** Lists what changes by field path. */
function planEdits(
  kind: Kind,
  old: JsonObject,
  changes: RecordChanges,
  state: RecordState
): Map<string, Json | undefined> {
  const edits = new Map<string, Json | undefined>()
  for (const [field, value] of Object.entries(changes)) {
    if (BOOKKEEPING.includes(field)) {
      if (equalJson(old[field], value)) continue
      throw new TypeError(`${field} cannot be edited`)
    }
    const rule = ruleOf(kind, field)
    const first = stampFieldOf(kind, field)
    if (groupOf(kind, first).length > 1) {
      const group = edits.has(first) ? edits.get(first) : ownGroup(kind, first, old, changes)
      edits.set(first, withMember(group as JsonObject | undefined, field, value))
    } else if (rule === 'set') planSet(field, value, state, edits)
    else if (rule === 'map' || rule === 'summaries') planMap(field, value, state, edits)
    else edits.set(formatFieldPath(field), value)
  }
  return edits
}

/** Returns what a group holds; of contested outcomes the one whose status is being chosen. */
function ownGroup(kind: Kind, first: string, old: JsonObject, changes: RecordChanges): JsonObject {
  const contested = (old.conflicts as JsonObject | undefined)?.[first] as
    | readonly Json[]
    | undefined
  const chosen = contested?.find(
    (value) =>
      isJsonObject(value) && changes.status !== undefined && value.status === changes.status
  )
  if (chosen !== undefined) return chosen as JsonObject
  const fields = groupOf(kind, first).filter((field) => old[field] !== undefined)
  return Object.fromEntries(fields.map((field) => [field, old[field]]))
}

function withMember(
  group: JsonObject | undefined,
  field: string,
  value: Json | undefined
): JsonObject | undefined {
  const entries = Object.entries(group ?? {}).filter(([name]) => name !== field)
  if (value !== undefined) entries.push([field, value])
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

function planSet(
  field: string,
  value: Json | undefined,
  state: RecordState,
  edits: Map<string, Json | undefined>
): void {
  for (const path of pathsUnder(state, field)) edits.set(path, undefined)
  for (const element of (value ?? []) as readonly Json[]) {
    edits.set(formatFieldPath(field, String(element)), true)
  }
}

function planMap(
  field: string,
  value: Json | undefined,
  state: RecordState,
  edits: Map<string, Json | undefined>
): void {
  if (value === undefined) for (const path of pathsUnder(state, field)) edits.set(path, undefined)
  for (const [member, item] of Object.entries((value ?? {}) as JsonObject)) {
    edits.set(formatFieldPath(field, member), item)
  }
}

function pathsUnder(state: RecordState, field: string): string[] {
  return [...state.cells.keys()].filter((path) => {
    const parsed = parseFieldPath(path)
    return parsed.field === field && parsed.member !== undefined
  })
}

function editCell(
  kind: Kind,
  state: RecordState,
  path: string,
  value: Json | undefined,
  stamp: Stamp
): void {
  const { field } = parseFieldPath(path)
  const rule = ruleOf(kind, field)
  const cell = state.cells.get(path) ?? { stamp: '', values: [] }
  const values = value === undefined ? [] : [value]
  if (cell.values.length === values.length && equalJson(cell.values, values)) return
  if (rule === 'union') {
    state.cells.set(path, mergeCells(cellRule(kind, path), cell, { stamp: '', values }))
    return
  }
  // A summary follows from its points; only a removal, which hides points, is an edit.
  const isUnstamped = UNSTAMPED.includes(rule) || (rule === 'summaries' && value !== undefined)
  if (!isUnstamped && stamp < cell.stamp) {
    throw new TypeError(`The stamp ${stamp} is smaller than that of ${path}, ${cell.stamp}`)
  }
  state.cells.set(path, { stamp: isUnstamped ? cell.stamp : stamp, values })
}
