import { compareCodePoints } from '../../base/bytes.ts'
import { formatCanonicalJson } from '../../base/canonical-json.ts'
import { equalJson, isJsonObject, type Json } from '../../base/json.ts'
import type { Condition, FieldPath, Filter, FilterValue } from './filter.ts'
import { valueAt } from './lookup.ts'
import { type Span, spanOf } from './moment.ts'
import type { Patterns } from './pattern.ts'

/** Tells whether a value of a field passes a condition; `undefined` is a field that isn't there. */
export type ValueTest = (value: Json | undefined) => boolean

/** What conditions need besides the value. */
export interface EvaluationOptions {
  /** The moment that `now` means, in milliseconds since 1970. */
  readonly nowMs: number
  readonly patterns: Patterns
  /** Tells whether values of a field are always text, so that a number in the filter is meant as text. */
  readonly isText: (field: FieldPath) => boolean
}

/** Makes a test of rows from a filter; `testOf` gives the test of each condition. */
export function compileFilter<R>(
  filter: Filter,
  testOf: (condition: Condition) => (row: R) => boolean
): (row: R) => boolean {
  if ('filter' in filter) {
    const inner = compileFilter(filter.filter, testOf)
    return (row) => !inner(row)
  }
  if (!('filters' in filter)) return testOf(filter)
  const tests = filter.filters.map((part) => compileFilter(part, testOf))
  const [first, second] = tests
  if (filter.op === 'and') {
    if (tests.length === 2 && first && second) return (row) => first(row) && second(row)
    return (row) => tests.every((test) => test(row))
  }
  return (row) => tests.some((test) => test(row))
}

/** Makes the test of a value that a condition is. */
export function compileCondition(condition: Condition, options: EvaluationOptions): ValueTest {
  switch (condition.op) {
    case 'exists':
      return (value) => value !== undefined
    case 'has':
      return (value) => value !== undefined && has(value, condition.value)
    case '~': {
      const matches = options.patterns.get(condition.pattern) as (text: string) => boolean
      return ofAny((value) => isScalar(value) && matches(String(value)))
    }
    case 'in': {
      const tests = condition.values.map((value) =>
        equals(asText(value, condition.field, options), options)
      )
      return (value) => tests.some((test) => test(value))
    }
    default:
      return compareWith(condition.op, asText(condition.value, condition.field, options), options)
  }
}

/** Turns a number or boolean into text for fields that are text, such as a version or an id. */
function asText(value: FilterValue, field: FieldPath, options: EvaluationOptions): FilterValue {
  const isLoose = typeof value === 'number' || typeof value === 'boolean'
  return isLoose && options.isText(field) ? String(value) : value
}

function compareWith(
  op: '=' | '!=' | '<' | '<=' | '>' | '>=',
  value: FilterValue,
  options: EvaluationOptions
): ValueTest {
  if (op === '=') return equals(value, options)
  if (op === '!=') {
    const same = equals(value, options)
    return (found) => !same(found)
  }
  const span = spanOf(value, options.nowMs)
  if (span !== undefined) return ofAny((found) => isOrderedAt(op, found, span))
  const plain = plainOf(value)
  if (typeof plain === 'number') {
    return ofAny(
      (found) => typeof found === 'number' && isOrdered(op, found - plain, found === plain)
    )
  }
  if (typeof plain !== 'string') return () => false
  return ofAny((found) => {
    if (typeof found !== 'string') return false
    const order = compareCodePoints(found, plain)
    return isOrdered(op, order, order === 0)
  })
}

function isOrdered(op: string, difference: number, isEqual: boolean): boolean {
  if (isEqual) return op === '<=' || op === '>='
  return op[0] === '<' ? difference < 0 : difference > 0
}

/** Compares a stored time with a stretch of time: after it, before it, or inside. */
export function isOrderedAt(op: string, found: Json, { startMs, endMs }: Span): boolean {
  if (typeof found !== 'string') return false
  const at = Date.parse(found)
  switch (op) {
    case '<':
      return at < startMs
    case '<=':
      return at < endMs
    case '>':
      return at >= endMs
    case '>=':
      return at >= startMs
    default:
      return at >= startMs && at < endMs
  }
}

function equals(value: FilterValue, options: EvaluationOptions): ValueTest {
  const span = spanOf(value, options.nowMs)
  if (span !== undefined) return ofAny((found) => isOrderedAt('=', found, span))
  const plain = plainOf(value)
  return (found) =>
    found !== undefined &&
    (equalJson(found, plain) ||
      (Array.isArray(found) && found.some((item) => equalJson(item, plain))))
}

/** Returns what a value is in records; a duration is seconds. */
export function plainOf(value: FilterValue): Json {
  if (typeof value !== 'object' || value === null) return value
  if ('durationMs' in value) return value.durationMs / 1000
  return 'json' in value ? value.json : null
}

/** Tests a value, or the items of a list, of which one is enough. */
function ofAny(test: (value: Json) => boolean): ValueTest {
  return (value) =>
    value !== undefined && (Array.isArray(value) ? value.some((item) => test(item)) : test(value))
}

/** Tells whether a list has an item, a map a member, or a text a part. */
function has(value: Json, wanted: string | number | boolean): boolean {
  if (Array.isArray(value)) return value.includes(wanted)
  if (typeof value === 'string') return value.includes(String(wanted))
  if (!isJsonObject(value)) return false
  const name = String(wanted)
  return valueAt(value, [name]) !== undefined || valueAt(value, name.split('.')) !== undefined
}

function isScalar(value: Json): boolean {
  return typeof value !== 'object'
}

/** Tells whether a value has no place in an order. */
export function isMissing(value: Json | undefined): boolean {
  return value === undefined || value === null || Number.isNaN(value)
}

/**
 * Orders two values: numbers as numbers, text by code points, other things by type and then by their
 * JSON; missing ones, and not-a-number, come last whatever the sign.
 */
export function compareValues(a: Json | undefined, b: Json | undefined, sign: number): number {
  const [missingA, missingB] = [isMissing(a), isMissing(b)]
  if (missingA || missingB) return Number(missingA) - Number(missingB)
  if (typeof a === 'number' && typeof b === 'number') return a === b ? 0 : sign * (a < b ? -1 : 1)
  if (typeof a !== typeof b) return sign * compareCodePoints(typeof a, typeof b)
  const left = typeof a === 'string' ? a : formatCanonicalJson(a as Json)
  const right = typeof b === 'string' ? b : formatCanonicalJson(b as Json)
  return sign * compareCodePoints(left, right)
}
