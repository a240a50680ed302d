import { compareCodePoints, decodeStrictUtf8, encodeUtf8 } from '../base/bytes.ts'
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts'
import { modelErrors, type Problem } from '../model/errors.ts'
import { type Kind, type RecordOfKind, SCHEMA_VERSIONS } from '../model/kinds.ts'
import { FIELD_ORDER, SET_FIELDS } from '../model/schemas.ts'
import { MAX_DEPTH, validateFields, validateRecord } from '../model/validate.ts'
import { formatErrors } from './errors.ts'
import { upgradeRecord } from './upgrade.ts'
import { formatYaml, parseYaml, tooLong } from './yaml.ts'
import { readCanonicalYaml } from './yaml-canonical.ts'
import { YAML_MAX_BYTES, YAML_MAX_LENGTH } from './yaml-text.ts'

const SCHEMA_LINE = /^([a-z]+)\/(0|[1-9]\d{0,8})$/

/**
 * Parses the record of a kind; one of an older version is upgraded. Unknown fields are kept.
 *
 * @throws FORMAT_ENCODING, FORMAT_YAML, FORMAT_SCHEMA, MODEL_SCHEMA_TOO_NEW, MODEL_INVALID, each with
 * the path.
 */
export async function parseRecord<K extends Kind>(
  kind: K,
  bytes: Uint8Array,
  path: string
): Promise<RecordOfKind[K]> {
  if (bytes.length > YAML_MAX_BYTES) throw tooLong(path)
  const text = decodeStrictUtf8(bytes)
  if (text === undefined) throw formatErrors.create('FORMAT_ENCODING', { path })
  return checkRecord(kind, await parseYaml(text, { path, bytes }), path)
}

/**
 * Parses a record at once if it is in the canonical form; `undefined` for another. All else is as with
 * `parseRecord`.
 */
export function parseCanonicalRecord<K extends Kind>(
  kind: K,
  bytes: Uint8Array,
  path: string
): RecordOfKind[K] | undefined {
  const text = bytes.length > YAML_MAX_BYTES ? undefined : decodeStrictUtf8(bytes)
  if (text === undefined || text.length > YAML_MAX_LENGTH) return undefined
  const value = readCanonicalYaml(text, bytes)
  return value && checkRecord(kind, value, path)
}

function checkRecord<K extends Kind>(kind: K, value: Json, path: string): RecordOfKind[K] {
  if (!isJsonObject(value)) {
    const problems = [{ field: '', message: 'expected a map of fields' }]
    throw modelErrors.create('MODEL_INVALID', { kind, path, problems })
  }
  const version = readVersion(kind, value.schema, path)
  const known = SCHEMA_VERSIONS[kind]
  if (version > known) {
    throw modelErrors.create('MODEL_SCHEMA_TOO_NEW', { kind, path, version, known })
  }
  const record = upgradeRecord(kind, value, version)
  if (record === undefined) {
    const found = String(value.schema)
    throw formatErrors.create('FORMAT_SCHEMA', { path, expected: kind, found })
  }
  refuse(kind, validateFields(kind, record), path)
  return record as unknown as RecordOfKind[K]
}

/**
 * Formats a record as the bytes that are stored: the same for the same fields, whatever their order.
 *
 * Members that are `undefined` are left out; sets such as tags are sorted.
 *
 * @throws MODEL_INVALID if it doesn't fit its kind's schema, FORMAT_YAML if it is too large.
 */
export function formatRecord<K extends Kind>(kind: K, record: RecordOfKind[K]): Uint8Array {
  const plain = withSets(kind, withoutAbsentDeep(record as unknown as JsonObject, 0) as JsonObject)
  refuse(kind, validateRecord(kind, plain))
  return encodeUtf8(formatYaml(plain, FIELD_ORDER[kind]))
}

function readVersion(kind: Kind, line: Json | undefined, path: string): number {
  const [, found, version] = SCHEMA_LINE.exec(typeof line === 'string' ? line : '') ?? []
  if (found === kind) return Number(version)
  throw formatErrors.create('FORMAT_SCHEMA', {
    path,
    expected: kind,
    found: line === undefined ? undefined : String(line).slice(0, 100)
  })
}

function refuse(kind: Kind, problems: readonly Problem[], path?: string): void {
  if (problems.length === 0) return
  const data = { kind, problems, ...(path !== undefined && { path }) }
  throw modelErrors.create('MODEL_INVALID', data)
}

/** Sorts the members of a record's sets, each once. */
function withSets(kind: Kind, record: JsonObject): JsonObject {
  const sets: [string, Json][] = []
  for (const field of SET_FIELDS[kind]) {
    const items: unknown = record[field]
    if (!Array.isArray(items) || !items.every((item) => typeof item === 'string')) continue
    sets.push([field, [...new Set<string>(items)].sort(compareCodePoints)])
  }
  return sets.length === 0 ? record : { ...record, ...Object.fromEntries(sets) }
}

function withoutAbsentDeep(value: Json, depth: number): Json {
  // What is deeper is refused by the check.
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return value
  if (Array.isArray(value)) {
    const items = value.map((item: Json) => withoutAbsentDeep(item, depth + 1))
    return items.every((item, at) => item === value[at]) ? value : items
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return value
  const kept = value as JsonObject
  for (const member in kept) {
    if (!Object.hasOwn(kept, member)) continue
    const item = kept[member]
    // Nearly always nothing is absent, and nothing has to be copied.
    if (item === undefined || withoutAbsentDeep(item, depth + 1) !== item) {
      return withoutAbsent(kept, depth)
    }
  }
  return value
}

function withoutAbsent(value: JsonObject, depth: number): JsonObject {
  const members = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(
    members.map(([member, item]) => [member, withoutAbsentDeep(item as Json, depth + 1)])
  )
}
