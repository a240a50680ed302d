import { isJsonObject, type Json, type JsonObject, withoutAbsent } from '../base/json.ts'
import { editRecord } from '../format/edit.ts'
import { branchOf } from '../format/paths.ts'
import { modelErrors } from '../model/errors.ts'
import type { KeyOf, Kind, ObjectKey, RecordOfKind } from '../model/kinds.ts'
import type { EditableRecord } from '../model/records.ts'
import { validateRecord } from '../model/validate.ts'
import { storeErrors } from '../store/errors.ts'
import type { ProjectStore } from '../store/project-store.ts'
import type { Transaction } from '../store/transaction.ts'
import type { ServiceContext } from './context.ts'
import { addressOf } from './context.ts'
import {
  checkKept,
  checkSchema,
  newKey,
  newRecord,
  ownFields,
  PARENT_KINDS,
  parentOf,
  type ServiceKind
} from './kind-rules.ts'
import type { Fields } from './objects.ts'
import type { CreateIn } from './service.ts'

/** Fields that say what an object is, so that another value would make it another object. */
const IMMUTABLE: { readonly [K in Kind]?: readonly string[] } = {
  execution: ['tree'],
  run: ['key', 'parent']
}

/** A change of one object, checked as far as it can be before the transaction. */
export interface Change {
  readonly store: ProjectStore
  readonly key: ObjectKey
  readonly operation: string
  /** Makes the change; returns the record that is then stored. */
  apply(transaction: Transaction): Promise<AnyRecord>
}

type AnyRecord = RecordOfKind[Kind]

/** Commits changes of one project together; the records come in the changes' order. */
export async function commitChanges(
  changes: readonly Change[]
): Promise<{ records: readonly AnyRecord[]; heads: ReadonlyMap<string, string> }> {
  const [first] = changes
  if (first === undefined) return { records: [], heads: new Map() }
  const refs = changes.map(({ key }) => branchOf(key))
  const operations = new Set(changes.map(({ operation }) => operation))
  const operation = operations.size === 1 ? first.operation : 'put'
  const { value, heads } = await first.store.transact(refs, operation, async (transaction) => {
    const records: AnyRecord[] = []
    for (const change of changes) records.push(await change.apply(transaction))
    return records
  })
  return { records: value, heads }
}

type ParentPlace = Pick<Change, 'store' | 'key'>

/** Finds where a new object goes. */
export async function findParent(
  context: ServiceContext,
  kind: ServiceKind,
  address: string | undefined
): Promise<ParentPlace> {
  const parentKind = PARENT_KINDS[kind]
  if (parentKind === undefined) throw new TypeError(`a ${kind} has no parent`)
  if (address !== undefined) {
    const found = await context.book.find(address, [parentKind])
    if (found !== undefined) return found as ParentPlace
    // It may be made in the same transaction.
    const [place] = await context.book.candidates(address, [parentKind])
    if (place !== undefined) return place as ParentPlace
    throw storeErrors.create('STORE_NOT_FOUND', { address, kind: parentKind })
  }
  if (parentKind === 'project') {
    return { store: await context.book.current(), key: { kind: 'project' } }
  }
  throw storeErrors.create('STORE_FIELD', {
    kind,
    field: 'in',
    reason: `is missing: the address of the ${parentKind} that it belongs to`
  })
}

/** Prepares the making of an object; with `upsert`, an existing one is changed instead. */
export async function prepareCreate<K extends ServiceKind>(
  context: ServiceContext,
  kind: K,
  given: Fields<K> & CreateIn,
  upsert: boolean,
  find = findParent
): Promise<Change> {
  const parent = await find(context, kind, given.in)
  const { store } = parent
  const { platform } = store.host
  const fields = ownFields(kind, given)
  checkSchema(kind, (given as { readonly schema?: unknown }).schema)
  const key = newKey(kind, parent.key, given, given.id, platform)
  return {
    store,
    key,
    operation: upsert ? 'put' : 'create',
    async apply(transaction) {
      await requireParent(store, transaction, key)
      const before = await transaction.read<K>(key as KeyOf<K>)
      const isOther =
        before !== undefined &&
        given.id === undefined &&
        isRenamed(before, given as { readonly name?: unknown })
      if (before !== undefined && (!upsert || isOther)) {
        throw storeErrors.create('STORE_EXISTS', { address: addressOf(store, key), kind })
      }
      const context = { platform, writer: transaction.writer }
      const record: RecordOfKind[K] =
        before === undefined
          ? newRecord<K>(kind, key, fields, context)
          : edited<K>(store, key, before, fields, transaction)
      await checkReferences(store, transaction, key, fields)
      transaction.write<K>(key as KeyOf<K>, record)
      return record
    }
  }
}

/** Prepares the changing of fields of an object. */
export function prepareUpdate<K extends ServiceKind>(
  store: ProjectStore,
  key: KeyOf<K>,
  changes: Fields<K>
): Change {
  const { kind } = key as ObjectKey
  const fields = ownFields(kind as K, changes)
  return {
    store,
    key: key as ObjectKey,
    operation: 'update',
    async apply(transaction) {
      const before = await transaction.read<K>(key)
      if (before === undefined) {
        const address = addressOf(store, key as ObjectKey)
        throw storeErrors.create('STORE_NOT_FOUND', { address, kind: (key as ObjectKey).kind })
      }
      checkKept(kind as K, changes, before as unknown as FieldValues)
      const record = edited<K>(store, key as ObjectKey, before, fields, transaction)
      await checkReferences(store, transaction, key as ObjectKey, fields)
      transaction.write<K>(key, record)
      return record
    }
  }
}

/** Tells whether a name that led to an object is not the one that it has, but only shares its slug. */
function isRenamed(before: AnyRecord, given: { readonly name?: unknown }): boolean {
  return 'name' in before && given.name !== undefined && before.name !== given.name
}

function edited<K extends ServiceKind>(
  store: ProjectStore,
  key: ObjectKey,
  before: RecordOfKind[K],
  fields: Fields<K>,
  transaction: Transaction
): RecordOfKind[K] {
  const kind = key.kind as K
  const stored = before as unknown as { readonly [field: string]: unknown }
  for (const field of IMMUTABLE[kind] ?? []) {
    const value = (fields as typeof stored)[field]
    const settles = 'conflicts' in before && before.conflicts?.[field] !== undefined
    if (field in fields && !settles && stored[field] !== value) {
      throw storeErrors.create('STORE_IMMUTABLE', { address: addressOf(store, key), field })
    }
  }
  checkFields(kind, stored, fields as typeof stored)
  const stamp = transaction.stamp(before as EditableRecord)
  return editRecord(kind, before, fields as { readonly [field: string]: Json | undefined }, stamp)
}

/** Refuses fields that would be wrong in a record by themselves: a map that is none has no members. */
function checkFields(kind: Kind, stored: FieldValues, fields: FieldValues): void {
  const given = Object.entries(fields).map(([field, value]) => [
    field,
    isJsonObject(value) ? withoutAbsent(value) : value
  ])
  const record = withoutAbsent({ ...stored, ...Object.fromEntries(given) }) as JsonObject
  const problems = validateRecord(kind, record)
  if (problems.length > 0) throw modelErrors.create('MODEL_INVALID', { kind, problems })
}

type FieldValues = { readonly [field: string]: unknown }

async function requireParent(
  store: ProjectStore,
  transaction: Transaction,
  key: ObjectKey
): Promise<void> {
  const parent = parentOf(key)
  if (parent === undefined || parent.kind === 'project') return
  if (await transaction.has(parent)) return
  const address = addressOf(store, parent)
  throw storeErrors.create('STORE_NOT_FOUND', { address, kind: parent.kind })
}

/** Refuses a run that is told of an execution or a parent which does not exist. */
async function checkReferences(
  store: ProjectStore,
  transaction: Transaction,
  key: ObjectKey,
  fields: { readonly execution?: unknown; readonly parent?: unknown }
): Promise<void> {
  if (key.kind !== 'run') return
  const { experiment } = key
  const targets = [
    { field: 'execution', target: fields.execution, kind: 'execution' },
    { field: 'parent', target: fields.parent, kind: 'run' }
  ] as const
  for (const { field, target, kind } of targets) {
    if (typeof target !== 'string') continue
    const wanted = { kind, experiment, [kind]: target } as unknown as ObjectKey
    if (await transaction.has(wanted)) continue
    const address = addressOf(store, key)
    throw storeErrors.create('STORE_REFERENCE', { address, field, target })
  }
}
