import type { Json } from '../base/json.ts'
import type { KeyOf } from '../model/kinds.ts'
import type { RunRecord } from '../model/records.ts'
import type { Damage } from '../store/list.ts'
import type { ProjectStore } from '../store/project-store.ts'
import type { FieldPath } from './language/filter.ts'
import type { FieldReader, RowAccess } from './language/prepare.ts'
import type { Ranks } from './ranks.ts'

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

/** Runs of one experiment, to be searched: rows that are numbered from 0. */
export interface RowSet extends RowAccess<number> {
  readonly count: number
  reader(field: FieldPath, raw?: boolean): FieldReader<number>
  /** Returns the order of a field's values, if that is quick. Default: it is made for each question. */
  ranks?(field: FieldPath): Ranks | undefined
  /** Returns the reader of what a function makes of a field's values; it sees equal ones rarely twice. */
  map?<T>(field: FieldPath, body: (value: Json | undefined) => T): ((row: number) => T) | undefined
  /** Tells whether a field has no values but maps; `false` if that isn't known without reading all. Default: it isn't. */
  hasOnlyMaps?(field: FieldPath): boolean
  /** Tells whether a row counts; another set may have a newer state of it. Default: all do. */
  isAlive?(row: number): boolean
  addressOf(row: number): string
  /** Puts rows, which come in ascending order, in order of their addresses. */
  inOrder(rows: Uint32Array): Uint32Array
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
