import { RUN_ID_LENGTH, randomId } from '../base/ids.ts'
import { equalJson } from '../base/json.ts'
import type { Platform } from '../base/platform.ts'
import { formatTime } from '../base/time.ts'
import { formatStamp } from '../format/stamp.ts'
import { modelErrors } from '../model/errors.ts'
import { executionIdOf, isExecutionId, isRunId } from '../model/identifier.ts'
import {
  type KeyOf,
  type Kind,
  type ObjectKey,
  type RecordOfKind,
  SCHEMA_VERSIONS
} from '../model/kinds.ts'
import { isSlug, slugOf } from '../model/slug.ts'
import { storeErrors } from '../store/errors.ts'
import type { Fields } from './objects.ts'

/** The kinds that services create. */
export type ServiceKind = Exclude<Kind, 'purged'>

/** The kind of the object below which a kind's objects lie. */
export const PARENT_KINDS: { readonly [K in ServiceKind]: Kind | undefined } = {
  project: undefined,
  dataset: 'project',
  view: 'project',
  experiment: 'project',
  execution: 'experiment',
  run: 'experiment',
  environment: 'run',
  split: 'run',
  computation: 'run',
  metric: 'run',
  result: 'run',
  artifact: 'run'
}

/** The fields that only the store writes, whatever a caller gives. */
const STORE_KEPT = ['schema', 'created', 'edits', 'conflicts', 'attempt', 'in', 'id']

/** Words that say which object is meant; a field of such a name would be taken for that. */
const PLACE_WORDS = ['kind', 'address']

/**
 * Returns the fields that a caller may set, out of what the caller gave.
 *
 * @throws STORE_FIELD if a field has a name that says which object is meant.
 */
export function ownFields<K extends ServiceKind>(kind: K, fields: Fields<K>): Fields<K> {
  for (const field of PLACE_WORDS) {
    if ((fields as { readonly [field: string]: unknown })[field] === undefined) continue
    throw storeErrors.create('STORE_FIELD', { kind, field, reason: 'can have no value of its own' })
  }
  const entries = Object.entries(fields).filter(([field]) => !STORE_KEPT.includes(field))
  return Object.fromEntries(entries) as Fields<K>
}

/**
 * Refuses fields of a newer schema than this program knows, or of another kind's.
 *
 * @throws MODEL_SCHEMA_TOO_NEW, STORE_FIELD
 */
export function checkSchema(kind: ServiceKind, schema: unknown): void {
  if (schema === undefined) return
  const [, name, version] = /^([a-z]+)\/(\d{1,6})$/.exec(String(schema)) ?? []
  if (name !== kind) {
    const reason = `must be ${kind}/${SCHEMA_VERSIONS[kind]}, not ${JSON.stringify(schema)}`
    throw storeErrors.create('STORE_FIELD', { kind, field: 'schema', reason })
  }
  const known = SCHEMA_VERSIONS[kind]
  if (Number(version) > known) {
    throw modelErrors.create('MODEL_SCHEMA_TOO_NEW', { kind, version: Number(version), known })
  }
}

/** Refuses a change of a field that only the store writes. @throws STORE_FIELD */
export function checkKept(
  kind: ServiceKind,
  changes: { readonly [field: string]: unknown },
  before: { readonly [field: string]: unknown }
): void {
  for (const field of STORE_KEPT) {
    if (!Object.hasOwn(changes, field) || equalJson(changes[field], before[field])) continue
    throw storeErrors.create('STORE_FIELD', { kind, field, reason: 'is kept by the store' })
  }
}

/**
 * Returns the key that a new object gets.
 *
 * @throws MODEL_NAME if the name makes no slug; STORE_FIELD if a field is missing that the id needs.
 */
export function newKey(
  kind: ServiceKind,
  parent: ObjectKey,
  fields: { readonly [field: string]: unknown },
  id: string | undefined,
  platform: Platform
): ObjectKey {
  switch (kind) {
    case 'project':
      return { kind }
    case 'dataset':
      return { kind, dataset: slugFor(kind, fields, id, platform) }
    case 'view':
      return { kind, view: slugFor(kind, fields, id, platform) }
    case 'experiment':
      return { kind, experiment: slugFor(kind, fields, id, platform) }
    default:
      return newInnerKey(kind, parent, fields, id, platform)
  }
}

function newInnerKey(
  kind: Exclude<ServiceKind, 'project' | 'dataset' | 'view' | 'experiment'>,
  parent: ObjectKey,
  fields: { readonly [field: string]: unknown },
  id: string | undefined,
  platform: Platform
): ObjectKey {
  const { experiment } = parent as KeyOf<'experiment'>
  if (kind === 'execution') {
    const tree = fields.tree
    const execution = id ?? (typeof tree === 'string' ? executionIdOf(tree) : '')
    if (isExecutionId(execution)) return { kind, experiment, execution }
    throw storeErrors.create('STORE_FIELD', {
      kind,
      field: 'tree',
      reason: 'must be the 40 hexadecimal digits of a git tree'
    })
  }
  if (kind === 'run') {
    const run = id ?? randomId(platform.random, RUN_ID_LENGTH)
    if (isRunId(run)) return { kind, experiment, run }
    throw storeErrors.create('STORE_FIELD', {
      kind,
      field: 'id',
      reason: `must be ${RUN_ID_LENGTH} base-32 characters, not ${JSON.stringify(run)}`
    })
  }
  const { run } = parent as KeyOf<'run'>
  if (kind === 'environment') return { kind, experiment, run }
  const name = id ?? fields[kind === 'artifact' ? 'path' : 'name']
  if (typeof name === 'string' && name !== '') return { kind, experiment, run, name }
  throw storeErrors.create('STORE_FIELD', { kind, field: 'name', reason: 'is missing' })
}

function slugFor(
  kind: Kind,
  fields: { readonly [field: string]: unknown },
  id: string | undefined,
  { hash }: Platform
): string {
  if (id !== undefined && isSlug(id)) return slugOf(id, hash)
  const name = id ?? fields.name
  if (typeof name === 'string') return slugOf(name, hash)
  throw storeErrors.create('STORE_FIELD', { kind, field: 'name', reason: 'is missing' })
}

/** Returns a new record with the given fields and what the store adds. */
export function newRecord<K extends ServiceKind>(
  kind: K,
  key: ObjectKey,
  fields: Fields<K>,
  context: { readonly platform: Platform; readonly writer: string }
): RecordOfKind[K] {
  const { clock, random } = context.platform
  const now = clock.now()
  const record: Record<string, unknown> = {
    schema: `${kind}/${SCHEMA_VERSIONS[kind]}`,
    ...fields
  }
  if (kind !== 'execution') record.created = formatTime(now)
  if (kind === 'project') record.id = randomId(random, RUN_ID_LENGTH)
  if (kind === 'run') {
    record.status ??= 'finished'
    record.attempt = formatStamp(now, context.writer)
  }
  if (kind === 'result') record.rows ??= 0
  record.name ??= nameOf(key)
  if (record.name === undefined) delete record.name
  return record as unknown as RecordOfKind[K]
}

function nameOf(key: ObjectKey): string | undefined {
  switch (key.kind) {
    case 'dataset':
      return key.dataset
    case 'view':
      return key.view
    case 'experiment':
      return key.experiment
    case 'split':
    case 'computation':
    case 'metric':
    case 'result':
      return key.name
    default:
      return undefined
  }
}

/** Returns the id of an object among its siblings. */
export function idOf(key: ObjectKey, project: string): string {
  switch (key.kind) {
    case 'project':
      return project
    case 'dataset':
      return key.dataset
    case 'view':
      return key.view
    case 'experiment':
    case 'purged':
      return key.experiment
    case 'execution':
      return key.execution
    case 'run':
    case 'environment':
      return key.run
    default:
      return key.name
  }
}

/** Returns the key of the object below which an object lies; `undefined` for a project. */
export function parentOf(key: ObjectKey): ObjectKey | undefined {
  switch (key.kind) {
    case 'project':
      return undefined
    case 'dataset':
    case 'view':
    case 'experiment':
      return { kind: 'project' }
    case 'purged':
    case 'execution':
    case 'run':
      return { kind: 'experiment', experiment: key.experiment }
    default:
      return { kind: 'run', experiment: key.experiment, run: key.run }
  }
}

/** Makes the failure of a kind whose objects are put with what they belong to. */
export function wrongKind(kind: Kind): Error {
  return storeErrors.create('STORE_WRONG_KIND', {
    address: `the ${kind}`,
    kind,
    wanted: 'object that can be put by itself'
  })
}
