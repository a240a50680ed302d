import type { Json } from '../../base/json.ts'

/** The names that lead to a field: `['metrics', 'train/loss', 'min']`. */
export type FieldPath = readonly string[]

/** Compares a field with a value. */
export type ComparisonOperator = '=' | '!=' | '<' | '<=' | '>' | '>='

/** A moment: a date (`2026-11-23`, the whole day in UTC) or a time of RFC 3339. */
export interface TimeValue {
  readonly time: string
}

/** A moment relative to when the filter is applied, in milliseconds. */
export interface NowValue {
  readonly now: number
}

/** A length of time; compared with numbers of seconds. */
export interface DurationValue {
  readonly durationMs: number
}

/** A list or map, equal as a whole. */
export interface JsonValue {
  readonly json: Json
}

/** What a field is compared with. */
export type FilterValue =
  | string
  | number
  | boolean
  | null
  | TimeValue
  | NowValue
  | DurationValue
  | JsonValue

/** What runs or other objects must be like, as data; `parseFilter` makes it from text. */
export type Filter =
  | { readonly op: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly op: 'not'; readonly filter: Filter }
  | {
      readonly op: ComparisonOperator
      readonly field: FieldPath
      readonly value: FilterValue
    }
  | { readonly op: 'in'; readonly field: FieldPath; readonly values: readonly FilterValue[] }
  | { readonly op: 'has'; readonly field: FieldPath; readonly value: string | number | boolean }
  | { readonly op: '~'; readonly field: FieldPath; readonly pattern: string }
  | { readonly op: 'exists'; readonly field: FieldPath }

/** A condition on one field. */
export type Condition = Extract<Filter, { readonly field: FieldPath }>

/** The filter that everything passes. */
export const EVERYTHING: Filter = { op: 'and', filters: [] }

export const COMPARISONS: readonly string[] = ['=', '!=', '<', '<=', '>', '>=']

/** Most characters of a filter. */
export const FILTER_MAX_LENGTH = 20_000
/** Most levels of parentheses, `not`, lists and maps in a filter. */
export const FILTER_MAX_DEPTH = 100
/** Most conditions of a filter. */
export const FILTER_MAX_CONDITIONS = 5000

/** Lists the conditions of a filter, in order. */
export function conditionsOf(filter: Filter): readonly Condition[] {
  if ('filters' in filter) return filter.filters.flatMap(conditionsOf)
  return 'filter' in filter ? conditionsOf(filter.filter) : [filter]
}
