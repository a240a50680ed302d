import type { FieldPath } from '../language/filter.ts'
import type { RunColumn } from './column.ts'
import { columnsFor } from './columns-for.ts'
import type { RunIndex } from './run-index.ts'

/** A field as a question wants it; `raw` asks for a metric's whole summary. */
export interface WantedField {
  readonly field: FieldPath
  readonly raw: boolean
}

/** Wants the cells of all columns. */
export const EVERYTHING: WantedField = { field: [], raw: false }

/** The rows of an index as they are when a question is asked; others that come later don't matter. */
export interface IndexSnapshot {
  readonly index: RunIndex
  readonly count: number
  /** 1 for each row that is there. */
  readonly alive: Uint8Array
  /** Returns the columns of a field, whose cells are there if somebody wanted it. */
  columnsOf(field: FieldPath, raw: boolean): readonly RunColumn[]
}

/** Notes the state of an index in which a question about some fields is answered. */
export function takeSnapshot(index: RunIndex, wanted: readonly WantedField[]): IndexSnapshot {
  const { count } = index
  const columns = new Map(
    wanted.map(({ field, raw }) => [
      nameOf(field, raw),
      columnsFor(index.columns, field, raw, count)
    ])
  )
  return {
    index,
    count,
    alive: index.aliveRows(),
    columnsOf: (field, raw) =>
      columns.get(nameOf(field, raw)) ?? columnsFor(index.columns, field, raw, count)
  }
}

function nameOf(field: FieldPath, raw: boolean): string {
  return `${raw}\0${field.join('\0')}`
}
