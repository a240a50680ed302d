import type { Json } from '../base/json.ts'
import type { EditableRecord } from './editable.ts'

/** A JSON Schema (draft 2020-12). */
export type Schema = { readonly [keyword: string]: Json }

/** The schema of a kind's record; its properties stand in the order in which they are stored. */
export interface RecordSchema extends Schema {
  readonly $id: string
  readonly title: string
  readonly description: string
  readonly properties: { readonly [field: string]: Schema }
  readonly required: readonly string[]
}

/** The schemas of a record's fields, one each. */
export type FieldSchemas<R> = { readonly [F in keyof Required<R>]: Schema }

/** Forms of text, and how a message names them. */
export const FORMS = {
  time: {
    pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$',
    words: 'a time such as 2026-11-23T07:20:00.123Z'
  },
  stamp: {
    pattern:
      '^(?:19[7-9]\\d|2\\d{3})-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z(?: [0-9a-z]{1,32})?$',
    words: 'a stamp such as 2026-11-23T07:20:00.123Z k3f9q2'
  },
  runId: {
    pattern: '^[0-9a-hjkmnp-tv-z]{12}$',
    words: 'an id of 12 base-32 characters'
  },
  executionId: { pattern: '^[0-9a-f]{12}$', words: 'an id of 12 hexadecimal digits' },
  oid: { pattern: '^[0-9a-f]{40}$', words: '40 hexadecimal digits' },
  digest: {
    pattern: '^[a-z][a-z0-9-]*:[!-~]+$',
    words: 'a digest such as sha256:<64 hexadecimal digits>'
  }
} as const

const MAX_INTEGER = Number.MAX_SAFE_INTEGER

/** Text; a form restricts it. */
export function text(description: string, form?: keyof typeof FORMS): Schema {
  return { type: 'string', description, ...(form && { pattern: FORMS[form].pattern }) }
}

/** Text that isn't empty. */
export function label(description: string): Schema {
  return { type: 'string', minLength: 1, description }
}

export function flag(description: string): Schema {
  return { type: 'boolean', description }
}

/** A whole number from 0. */
export function count(description: string): Schema {
  return { type: 'integer', minimum: 0, maximum: MAX_INTEGER, description }
}

/** A whole number. */
export function integer(description: string): Schema {
  return { type: 'integer', minimum: -MAX_INTEGER, maximum: MAX_INTEGER, description }
}

/** Any number, NaN and the infinities too. */
export function measure(description: string): Schema {
  return { type: 'number', description }
}

/** A number or text: a seed. */
export function seed(description: string): Schema {
  return {
    type: ['number', 'string'],
    minimum: -Number.MAX_VALUE,
    maximum: Number.MAX_VALUE,
    description
  }
}

export function oneOf(values: readonly string[], description: string): Schema {
  return { type: 'string', enum: values, description }
}

export function list(items: Schema, description: string): Schema {
  return { type: 'array', items, description }
}

/** A list without repetitions. */
export function set(items: Schema, description: string): Schema {
  return { type: 'array', items, uniqueItems: true, description }
}

/** A map from names to values of one form. */
export function map(values: Schema, description: string): Schema {
  return {
    type: 'object',
    propertyNames: { minLength: 1 },
    additionalProperties: values,
    description
  }
}

/** A map of anything. */
export function anyMap(description: string): Schema {
  return { type: 'object', description }
}

/** Any value. */
export function any(description: string): Schema {
  return { description }
}

/** A map with known members; unknown ones are allowed. */
export function members(
  description: string,
  properties: { readonly [member: string]: Schema },
  required: readonly string[] = []
): Schema {
  return {
    type: 'object',
    description,
    properties,
    ...(required.length > 0 && { required })
  }
}

export const NAME = label('The name, as the user gave it.')

export const DESCRIPTION = text('What it is, in a sentence.')

export const NOTES = text('What people wrote about it.')

export const TAGS = set(
  { type: 'string', minLength: 1 },
  'Words by which it is found; a set, stored in the order of code points.'
)

export const CREATED = text('When it was made: RFC 3339, UTC, milliseconds.', 'time')

/** The two fields of every editable record that come last. */
export const EDIT_FIELDS: FieldSchemas<Pick<EditableRecord, 'edits' | 'conflicts'>> = {
  edits: map(
    text('', 'stamp'),
    'Stamps of the fields that changed after creation, by field path (“Merging”).'
  ),
  conflicts: map(
    list({}, ''),
    'Values between which only a person may decide, by field path (“Merging”).'
  )
}

export const REMOTES = map(
  members(
    '',
    {
      url: label('The address, without credentials.'),
      branch: label('The branch there.')
    },
    ['url', 'branch']
  ),
  'Where copies lie, by host and path without scheme, user, port and `.git`.'
)

/** Makes the schema of a record. */
export function recordSchema(
  kind: string,
  description: string,
  fields: { readonly [field: string]: Schema },
  required: readonly string[]
): RecordSchema {
  const schema = {
    type: 'string',
    const: `${kind}/1`,
    description: 'Kind and version of the record.'
  }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:runtree:schema:${kind}-1`,
    title: kind,
    description,
    type: 'object',
    properties: { schema, ...fields },
    required: ['schema', ...required]
  }
}
