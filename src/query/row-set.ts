import type { Json } from '../base/json.ts'
import type { KeyOf } from '../model/kinds.ts'
import type { RunRecord } from '../model/records.ts'
import type { Damage } from '../store/list.ts'
import type { ProjectStore } from '../store/project-store.ts'
import type { FieldPath } from './language/filter.ts'
import type { FieldReader, RowAccess } from './language/prepare.ts'

/** A run with the commit that it was read from. */
export interface LoadedRun {
  /** The project that it belongs to. */
  readonly store: Pick<ProjectStore, 'slug'>
  readonly key: KeyOf<'run'>
  readonly record: RunRecord
  readonly commitOid: string
}

/** What a question wants to know of runs. */
export interface WantedFields {
  readonly fields: readonly FieldPath[]
  /** Those of the fields that are compared as whole maps. */
  readonly maps: readonly FieldPath[]
  /** Whether other fields of the runs' own records will be read, too. Default: false. */
  readonly all?: boolean
}

/** Values by which rows are ordered: numbers, times in milliseconds, or anything. */
export interface OrderReader {
  readonly kind: 'number' | 'time'
  /** Returns the number; NaN if there is none. */
  readonly read: (row: number) => number
}

/** Runs of one experiment, to be searched: rows that are numbered from 0. */
export interface RowSet extends RowAccess<number> {
  readonly count: number
  reader(field: FieldPath, raw?: boolean): FieldReader<number>
  /** Returns a quick reader of the order of a field. Default: none. */
  order?(field: FieldPath): OrderReader | undefined
  /** Tells whether a row counts; another set may have a newer state of it. Default: all do. */
  isAlive?(row: number): boolean
  addressOf(row: number): string
  /** Orders two rows by their addresses, quickly. Default: the addresses are compared. */
  compare?(a: number, b: number): number
  /** Names that runs gave to parameters and metrics, such as `params.lr`. */
  names(): Iterable<string>
  /** Reads whole runs. */
  load(rows: readonly number[]): Promise<readonly (LoadedRun | undefined)[]>
}

/** A row of a set. */
export interface RowPlace {
  readonly set: RowSet
  readonly row: number
}

/** What a search needs of the state of things. */
export interface QuerySettings {
  readonly nowMs: number
  readonly onDamaged: (damage: Damage) => void
  readonly signal?: AbortSignal
}

/** Values by column. */
export type Values = readonly (Json | undefined)[]
