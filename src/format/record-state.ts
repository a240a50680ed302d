import { compareCodePoints } from '../base/bytes.ts'
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts'
import type { Kind, RecordOfKind } from '../model/kinds.ts'
import type { Stamp } from '../model/records.ts'
import { type Cell, cellRule, mergeCells } from './cell.ts'
import { formatFieldPath, parseFieldPath } from './field-path.ts'
import { groupOf, ruleOf, stampFieldOf } from './merge-policy.ts'

/** A record as that which merges: what each field path holds, and since when. */
export interface RecordState {
  readonly schema: string
  /** Absent in kinds that are never edited. */
  readonly created?: string
  readonly cells: Map<string, Cell>
}

const BOOKKEEPING = ['schema', 'created', 'edits', 'conflicts']

/** Returns what a record holds by field path. */
export function stateOf<K extends Kind>(kind: K, record: RecordOfKind[K]): RecordState {
  const fields = record as unknown as JsonObject
  const created = fields.created as string | undefined
  const edits = (fields.edits ?? {}) as { readonly [fieldPath: string]: Stamp }
  const conflicts = (fields.conflicts ?? {}) as { readonly [path: string]: readonly Json[] }
  const cells = new Map<string, Cell>()
  const context = { kind, created, attempt: fields.attempt as string | undefined }
  for (const [path, value] of valuesOf(kind, fields)) {
    const values = [value, ...(Object.hasOwn(conflicts, path) ? (conflicts[path] ?? []) : [])]
    const stamp = Object.hasOwn(edits, path) ? (edits[path] as Stamp) : ''
    const floor = floorOf(context, path)
    cells.set(path, {
      stamp: [stamp, floor].sort()[1] as Stamp,
      values: cellRule(kind, path).settle(values)
    })
  }
  for (const [path, stamp] of Object.entries(edits)) {
    // A removal that is no later than the record's making removed nothing.
    if (!cells.has(path) && stamp > floorOf(context, path)) cells.set(path, { stamp, values: [] })
  }
  return { schema: fields.schema as string, ...(created === undefined ? {} : { created }), cells }
}

/** Joins what two records of a kind hold: commutative, associative and idempotent. */
export function mergeStates(kind: Kind, a: RecordState, b: RecordState): RecordState {
  const cells = new Map(a.cells)
  for (const [path, cell] of b.cells) {
    const other = cells.get(path)
    cells.set(path, other === undefined ? cell : mergeCells(cellRule(kind, path), other, cell))
  }
  const created = [a.created, b.created].filter((time) => time !== undefined).sort()[0]
  const schema = [a.schema, b.schema].sort()[1] as string
  return { schema, ...(created === undefined ? {} : { created }), cells }
}

/** Returns the record that holds what a state says, in its normal form. */
export function recordOf<K extends Kind>(kind: K, state: RecordState): RecordOfKind[K] {
  const fields = new Map<string, Json>([['schema', state.schema]])
  const members = new Map<string, [string, Json][]>()
  const edits: [string, Stamp][] = []
  const conflicts: [string, Json][] = []
  const attempt = state.cells.get('attempt')?.values[0] as string | undefined
  const context = { kind, created: state.created, attempt }
  const paths = [...state.cells.keys()].sort(compareCodePoints)
  for (const path of paths) {
    const { stamp, values } = state.cells.get(path) as Cell
    if (stamp > floorOf(context, path)) edits.push([path, stamp])
    if (values.length === 0) continue
    const rule = cellRule(kind, path)
    if (values.length > 1 && rule.contested) conflicts.push([path, values])
    setValue(kind, path, rule.show(values), fields, members)
  }
  for (const [field, entries] of members) {
    const isSet = ruleOf(kind, field) === 'set'
    fields.set(field, isSet ? entries.map(([name]) => name) : Object.fromEntries(entries))
  }
  if (state.created !== undefined) fields.set('created', state.created)
  if (edits.length > 0) fields.set('edits', Object.fromEntries(edits))
  if (conflicts.length > 0) fields.set('conflicts', Object.fromEntries(conflicts))
  return Object.fromEntries(fields) as unknown as RecordOfKind[K]
}

/** Lists the paths of a record's fields with what each holds. */
export function valuesOf(kind: Kind, fields: JsonObject): Map<string, Json> {
  const values = new Map<string, Json>()
  const groups = new Map<string, [string, Json][]>()
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined || BOOKKEEPING.includes(field)) continue
    const rule = ruleOf(kind, field)
    const first = stampFieldOf(kind, field)
    if (rule === 'set' && Array.isArray(value)) {
      for (const element of value) values.set(formatFieldPath(field, String(element)), true)
    } else if ((rule === 'map' || rule === 'summaries') && isJsonObject(value)) {
      for (const [member, item] of Object.entries(value)) {
        if (item !== undefined) values.set(formatFieldPath(field, member), item)
      }
    } else if (groupOf(kind, first).length > 1) {
      groups.set(first, [...(groups.get(first) ?? []), [field, value]])
    } else values.set(formatFieldPath(field), value)
  }
  for (const [first, entries] of groups) values.set(first, Object.fromEntries(entries))
  return values
}

function setValue(
  kind: Kind,
  path: string,
  value: Json,
  fields: Map<string, Json>,
  members: Map<string, [string, Json][]>
): void {
  const { field, member } = parseFieldPath(path)
  if (member !== undefined) members.set(field, [...(members.get(field) ?? []), [member, value]])
  else if (groupOf(kind, field).length === 1) fields.set(field, value)
  else
    for (const [name, item] of Object.entries(value as JsonObject)) fields.set(name, item as Json)
}

/** Returns the stamp of what has none: the record's making, for what anybody may overwrite. */
function floorOf(
  context: {
    readonly kind: Kind
    readonly created: string | undefined
    readonly attempt: string | undefined
  },
  path: string
): Stamp {
  const { floor } = cellRule(context.kind, path)
  if (floor === 'created') return context.created ?? ''
  return floor === 'attempt' ? (context.attempt ?? '') : ''
}
