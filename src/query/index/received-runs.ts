import { formatHex } from '../../base/bytes.ts'
import { RUN_ID_LENGTH } from '../../base/ids.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Hash } from '../../base/platform.ts'
import type { WantedIndex } from '../../base/run-reader.ts'
import { parseCanonicalRecord } from '../../format/record.ts'
import type { Cells } from './cells.ts'
import { type ColumnTraits, type RunColumn, traitsOf } from './column.ts'
import { formatIndex, type IndexState } from './index-file.ts'
import { RUN_RECORDS } from './indexed-records.ts'
import { RunIndex } from './run-index.ts'
import { OID_BYTES } from './run-names.ts'

/** Records of runs that come without their places, by the names of their files, in columns. */
export class ReceivedRuns {
  #index = new RunIndex()

  /** Whether nothing is held that could be asked about. */
  get isEmpty(): boolean {
    return this.#index.count === 0
  }

  /** Reads a file; what is no record of a run, or can't be read so fast, is left to others. */
  take(oid: string, bytes: Uint8Array): void {
    try {
      const record = parseCanonicalRecord('run', bytes, '')
      if (record === undefined || this.#index.rowOf(oid) !== undefined) return
      RUN_RECORDS.put(this.#index, oid, '', record as unknown as JsonObject)
    } catch {
      // Who reads it at its place tells what is wrong with it.
    }
  }

  /**
   * Formats an index of those runs whose records were read; `undefined` if these are none. Where some are
   * missing, it says that its folders have to be looked through.
   */
  format(wanted: WantedIndex, hash: Hash): Uint8Array | undefined {
    const { experiment, treeOid, folders, runs, treeOids, recordOids } = wanted
    const total = recordOids.length / OID_BYTES
    const rows = new Uint32Array(total)
    const known: number[] = []
    for (let at = 0; at < total; at++) {
      const oid = formatHex(recordOids, at * OID_BYTES, (at + 1) * OID_BYTES)
      const row = this.#index.rowOf(oid)
      if (row === undefined) continue
      rows[known.length] = row
      known.push(at)
    }
    const count = known.length
    if (count === 0) return undefined
    const columns = cellsOf(this.#index.columns, rows.subarray(0, count))
    const isWhole = count === total
    const state: IndexState = {
      experiment,
      kind: RUN_RECORDS.kind,
      count,
      ...(isWhole ? { treeOid, folders } : { folders: {} })
    }
    const stored = {
      runs: isWhole ? runs : pick(runs, RUN_ID_LENGTH, known),
      treeOids: isWhole ? treeOids : pick(treeOids, OID_BYTES, known)
    }
    const file = formatIndex(state, stored, columns, hash)
    // Nothing is left to be asked about.
    if (count === this.#index.count) this.#index = new RunIndex()
    return file
  }
}

/** Returns the cells of rows, column by column. */
function* cellsOf(
  columns: readonly RunColumn[],
  rows: Uint32Array
): Generator<{ readonly traits: ColumnTraits; readonly cells: Cells }> {
  for (const column of columns) {
    const cells = column.cellsOf(rows)
    if (cells !== undefined) yield { traits: traitsOf(column.field, cells), cells }
  }
}

/** Returns some of the items of equal length that lie one after the other. */
function pick(bytes: Uint8Array, length: number, places: readonly number[]): Uint8Array {
  const picked = new Uint8Array(places.length * length)
  for (const [to, at] of places.entries()) {
    picked.set(bytes.subarray(at * length, (at + 1) * length), to * length)
  }
  return picked
}
