import type { Json } from '../base/json.ts'
import type { RunGroup } from '../query/aggregate.ts'
import type { FilterInput } from '../query/language/filter-data.ts'
import type { UnknownField } from '../query/unknown-fields.ts'
import type { StoredObject } from './objects.ts'
import type { ReadOptions } from './service.ts'

export type { Aggregate, RunGroup } from '../query/aggregate.ts'
export { type FieldDescription, type FieldType, runFields } from '../query/language/fields.ts'
export type {
  ComparisonOperator,
  DurationValue,
  FieldPath,
  Filter,
  FilterValue,
  JsonValue,
  NowValue,
  TimeValue
} from '../query/language/filter.ts'
export type { FilterInput } from '../query/language/filter-data.ts'
export { formatField, formatFilter } from '../query/language/format.ts'
export { parseField, parseFilter } from '../query/language/parse.ts'
export type { UnknownField } from '../query/unknown-fields.ts'

/** Which runs are meant. */
export interface QueryOptions extends ReadOptions {
  /** Only runs below this address. Default: all of the project; of all projects if there is no current one. */
  readonly in?: string | undefined
  /** Only runs that pass (docs/QUERY.md): text, data, or fields that must equal values. Default: all. */
  readonly filter?: FilterInput | undefined
  /** Told of each run that can't be read; the others are given. Default: the `damaged` event alone. */
  readonly onDamaged?: (damage: { readonly path: string; readonly error: unknown }) => void
}

/** How `find` finds. */
export interface FindOptions extends QueryOptions {
  /**
   * Fields to sort by, such as `-metrics.accuracy` (`-`: greatest first); runs without the field come last,
   * and equal ones in order of their addresses. Default: `-time`, the latest start first.
   */
  readonly sort?: string | readonly string[] | undefined
  /** At most this many. Default: all. */
  readonly limit?: number | undefined
  /** From which on, from 0. Default: 0. */
  readonly offset?: number | undefined
  /** Fields whose values are wanted beside the runs. Default: none. */
  readonly columns?: readonly string[] | undefined
}

/** What was found. */
export interface FindResult {
  readonly rows: readonly FoundRun[]
  /** How many runs pass the filter, without offset and limit. */
  readonly total: number
  /** The fields of `values`, as they are written. */
  readonly columns: readonly string[]
  /** Fields of the question that none of the runs searched has; a mistake in writing, most likely. */
  readonly unknown: readonly UnknownField[]
}

/** A run that was found. */
export interface FoundRun {
  readonly run: StoredObject<'run'>
  /** One for each column; `undefined` where the run has none. */
  readonly values: readonly (Json | undefined)[]
}

/** Fields of runs in columns. */
export interface RunTable {
  /** The fields, as they are written. */
  readonly columns: readonly string[]
  /**
   * One value for each column; `undefined` where the run has none. Each row is made when it is read, and
   * they can be read again.
   */
  readonly rows: Iterable<readonly (Json | undefined)[]>
  /** How many rows there are. */
  readonly count: number
  /** How many runs pass the filter, without offset and limit. */
  readonly total: number
  /** Fields of the question that none of the runs searched has. */
  readonly unknown: readonly UnknownField[]
}

/** How `group` groups. */
export interface GroupOptions extends QueryOptions {
  /** Fields in which the runs of a group agree; of none, all runs are one group. */
  readonly by: readonly string[]
  /** Fields whose numbers are summed up, such as `metrics.accuracy`. Default: none. */
  readonly aggregate?: readonly string[] | undefined
}

/** Groups, in order of what their runs agree in. */
export interface GroupResult {
  readonly by: readonly string[]
  readonly fields: readonly string[]
  readonly groups: readonly RunGroup[]
  /** How many runs pass the filter. */
  readonly total: number
  readonly unknown: readonly UnknownField[]
}

/** How `best` judges. */
export interface BestOptions extends QueryOptions {
  /** A metric, or a field such as `metrics.loss.min`. Default: the only one with a declared goal. */
  readonly metric?: string | undefined
  /** Default: what the experiments declare for the metric. */
  readonly goal?: 'minimize' | 'maximize' | undefined
  /** How many. Default: 1. */
  readonly limit?: number | undefined
  /** Fields whose values are wanted beside the runs. The metric's is first in any case. Default: none. */
  readonly columns?: readonly string[] | undefined
}
