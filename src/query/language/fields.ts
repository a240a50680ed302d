import { suggestName } from '../../base/suggest.ts'
import type { Kind } from '../../model/kinds.ts'
import type { Schema } from '../../model/schema.ts'
import { SCHEMAS } from '../../model/schemas.ts'
import { queryErrors } from '../errors.ts'
import { type Condition, conditionsOf, type FieldPath, type FilterValue } from './filter.ts'
import { formatField } from './format.ts'
import { isTimeText, spanOf } from './moment.ts'
import type { ParsedFilter } from './parse.ts'
import { formatValue } from './value-text.ts'

/** What values a field has. */
export type FieldType = 'text' | 'time' | 'number' | 'boolean' | 'list' | 'map' | 'any'

/** A field as the schemas know it. */
export interface FieldDescription {
  readonly name: string
  readonly type: FieldType
  readonly description: string
}

type Properties = { readonly [name: string]: Schema }

const own = (description: string, type = 'string', more: Schema = {}): Schema => ({
  type,
  description,
  ...more
})

const DATASET_OF_RUN: Schema = {
  type: 'object',
  description: 'The datasets that it used, each with what the run and the project say of it.',
  properties: {
    ...SCHEMAS.dataset.properties,
    ...((SCHEMAS.run.properties.datasets as { additionalProperties?: Schema } | undefined)
      ?.additionalProperties?.properties as Properties | undefined)
  }
}

/** The first names of fields of runs. */
const RUN_PROPERTIES: Properties = {
  id: own('Its id, 12 characters.'),
  address: own('Its whole address.'),
  project: own('The slug of its project.'),
  ...SCHEMAS.run.properties,
  time: own('When it started, else when it was created.', 'string', { format: 'time' }),
  duration: own('Seconds from its start to its end, or to now while it runs.', 'number'),
  tag: SCHEMAS.run.properties.tags as Schema,
  experiment: { ...own('The slug of its experiment.'), properties: SCHEMAS.experiment.properties },
  execution: {
    ...(SCHEMAS.run.properties.execution as Schema),
    properties: SCHEMAS.execution.properties
  },
  environment: {
    type: 'object',
    description: 'Where and under what it ran.',
    properties: SCHEMAS.environment.properties
  },
  dataset: DATASET_OF_RUN,
  datasets: { ...(SCHEMAS.run.properties.datasets as Schema), additionalProperties: DATASET_OF_RUN }
}

/** Lists the known fields of runs: first names, and the members of what has a fixed form. */
export function runFields(): readonly FieldDescription[] {
  return Object.entries(RUN_PROPERTIES).flatMap(([name, schema]) => [
    describe(name, schema),
    ...Object.entries(membersOf(schema) ?? {}).map(([member, inner]) =>
      describe(`${name}.${member}`, inner)
    )
  ])
}

function describe(name: string, schema: Schema): FieldDescription {
  return { name, type: typeOf(schema), description: String(schema.description ?? '') }
}

function typeOf(schema: Schema): FieldType {
  const { type, pattern, format } = schema
  if (type === 'string') {
    return format === 'time' || String(pattern).startsWith('^\\d{4}-') ? 'time' : 'text'
  }
  if (type === 'integer' || type === 'number') return 'number'
  if (type === 'array') return 'list'
  if (type === 'object') return 'map'
  return type === 'boolean' ? 'boolean' : 'any'
}

function membersOf(schema: Schema): Properties | undefined {
  const items = schema.items as Schema | undefined
  return (schema.properties ?? items?.properties) as Properties | undefined
}

/** The filter as it was given, if it was text, and where in it a condition stands. */
interface Place {
  readonly text?: string
  readonly at?: number
}

/** A name that can't be, and the one that was most likely meant. */
interface Unknown {
  readonly unknown: number
  readonly suggestion: string | undefined
}

/** Finds the schema of a field; `undefined` if it may be anything, as a parameter may. */
function follow(properties: Properties, field: FieldPath): Schema | Unknown | undefined {
  let known: Properties | undefined = properties
  let schema: Schema | undefined
  for (const [index, name] of field.entries()) {
    if (known === undefined) return followOpen(schema as Schema, field, index)
    const member: Schema | undefined = Object.hasOwn(known, name) ? known[name] : undefined
    if (member === undefined) {
      if (index === 0 || /^\d+$/.test(name)) return undefined
      return { unknown: index, suggestion: suggestName(name, Object.keys(known)) }
    }
    schema = member
    known = membersOf(member)
  }
  return schema
}

/** Goes on in a map of anything; names there may have dots, so only the last one says something. */
function followOpen(schema: Schema, field: FieldPath, index: number): Schema | Unknown | undefined {
  if (['text', 'time', 'number', 'boolean'].includes(typeOf(schema))) {
    return { unknown: index, suggestion: undefined }
  }
  const members = membersOf((schema.additionalProperties ?? {}) as Schema)
  const last = field[field.length - 1] as string
  if (members === undefined || index === field.length - 1) return undefined
  return Object.hasOwn(members, last) ? members[last] : undefined
}

/** Tells whether the values of a field are always text. */
export function isTextField(kind: Kind, field: FieldPath): boolean {
  const found = follow(propertiesOf(kind), field)
  return found !== undefined && !('unknown' in found) && typeOf(found as Schema) === 'text'
}

function propertiesOf(kind: Kind): Properties {
  return kind === 'run' ? RUN_PROPERTIES : SCHEMAS[kind].properties
}

/** Checks the fields of a filter, as far as the schemas tell. @throws QUERY_FIELD */
export function checkFields(kind: Kind, parsed: ParsedFilter, text?: string): void {
  for (const condition of conditionsOf(parsed.filter)) {
    const at = parsed.places.get(condition)
    const place = text === undefined || at === undefined ? undefined : { text, at }
    checkField(kind, condition.field, place)
    if (place !== undefined) checkMoment(kind, condition, place)
  }
}

/** Refuses what somebody wrote if it compares a moment with what is none, which nothing passes. */
function checkMoment(kind: Kind, condition: Condition, place: Place): void {
  const { op, field } = condition
  if (op !== '<' && op !== '<=' && op !== '>' && op !== '>=') return
  const found = follow(propertiesOf(kind), field)
  if (found === undefined || 'unknown' in found || typeOf(found as Schema) !== 'time') return
  const { value } = condition
  if (spanOf(value, 0) !== undefined) return
  if (typeof value === 'string' && isTimeText(value)) return
  const name = formatField(field)
  throw queryErrors.create('QUERY_FIELD', {
    field: name,
    reason: `is a moment, and ${formatValue(value)} is none`,
    ...place,
    suggestion: `${name} ${op} now - ${isLength(value) ? formatValue(value) : '7d'}`
  })
}

function isLength(value: FilterValue): boolean {
  return typeof value === 'object' && value !== null && 'durationMs' in value
}

/** Checks a field, as far as the schemas tell. @throws QUERY_FIELD */
export function checkField(kind: Kind, field: FieldPath, place: Place = {}): void {
  const found = follow(propertiesOf(kind), field)
  if (found === undefined || !('unknown' in found)) return
  const { unknown, suggestion } = found as Unknown
  const meant = field.with(unknown, String(suggestion))
  throw queryErrors.create('QUERY_FIELD', {
    field: formatField(field),
    reason: `is no field of a ${kind}`,
    ...place,
    ...(suggestion === undefined ? {} : { suggestion: formatField(meant) })
  })
}

/** The first names of the fields of runs. */
export const RUN_FIELD_NAMES: readonly string[] = Object.keys(RUN_PROPERTIES)
