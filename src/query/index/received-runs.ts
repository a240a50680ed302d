import { formatHex } from '../../base/bytes.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Hash } from '../../base/platform.ts'
import type { WantedIndex } from '../../base/run-reader.ts'
import { parseCanonicalRecord } from '../../format/record.ts'
import type { Oid } from '../../git/objects.ts'
import type { Cells } from './cells.ts'
import { type ColumnTraits, type RunColumn, traitsOf } from './column.ts'
import { formatIndexParts, type IndexState } from './index-file.ts'
import { RUN_RECORDS } from './indexed-records.ts'
import { ReceivedFolders } from './received-folders.ts'
import { RunIndex } from './run-index.ts'
import { OID_BYTES, packRuns } from './run-names.ts'

/** Fewer runs are read at once before an index is made of them. */
const MIN_RUNS = 500

/** Records of runs that come without their places, by the names of their files, in columns, and their folders. */
export class ReceivedRuns {
  #index = new RunIndex()

  readonly #folders = new ReceivedFolders()

  /** Whether nothing is held that could be asked about. */
  get isEmpty(): boolean {
    return this.#index.count === 0
  }

  /** Takes an object; what is no record of a run, or can't be read so fast, is left to others. */
  take(type: string, name: Uint8Array, bytes: Uint8Array): void {
    if (type === 'commit') this.#folders.takeCommit(name, bytes)
    else if (type === 'tree') this.#folders.takeTree(name, bytes)
    else if (type === 'blob') this.#takeRecord(formatHex(name), bytes)
  }

  #takeRecord(oid: Oid, bytes: Uint8Array): void {
    try {
      const record = parseCanonicalRecord('run', bytes, '')
      if (record === undefined || this.#index.rowOf(oid) !== undefined) return
      RUN_RECORDS.put(this.#index, oid, '', record as unknown as JsonObject)
    } catch {
      // Who reads it at its place tells what is wrong with it.
    }
  }

  /** Lists the experiments that commits lead to. */
  listWanted(commits: readonly Oid[]): readonly WantedIndex[] {
    return commits.flatMap((oid) => this.#folders.listWanted(oid))
  }

  /**
   * Formats, in parts, an index of those runs whose records were read; `undefined` if these are none, or there are few
   * runs. Where some are missing, it says that its folders have to be looked through.
   */
  format({ experiment, treeOid }: WantedIndex, hash: Hash): readonly Uint8Array[] | undefined {
    const placed = this.#folders.placedRuns(treeOid)
    if (placed === undefined || placed.runs.length < MIN_RUNS) return undefined
    const rows = new Uint32Array(placed.runs.length)
    const runs: string[] = []
    const treeOids = new Uint8Array(placed.runs.length * OID_BYTES)
    for (const [at, run] of placed.runs.entries()) {
      const number = placed.numbers[at] as number
      const row = this.#index.rowOf(this.#folders.recordOf(number))
      if (row === undefined) continue
      rows[runs.length] = row
      this.#folders.copyTree(number, treeOids, runs.length * OID_BYTES)
      runs.push(run)
    }
    const count = runs.length
    if (count === 0) return undefined
    const used = rows.subarray(0, count)
    const isAll = count === this.#index.count
    const columns = (isAll ? reorder : cellsOf)(this.#index.columns, used)
    const isWhole = placed.isWhole && count === placed.runs.length
    const { folders } = placed
    const state: IndexState = {
      experiment,
      kind: RUN_RECORDS.kind,
      count,
      ...(isWhole ? { treeOid, folders } : { folders: {} })
    }
    const stored = { runs: packRuns(runs), treeOids: treeOids.slice(0, count * OID_BYTES) }
    const file = formatIndexParts(state, stored, columns, hash)
    // Nothing is left to be asked about, and what was there is handed on.
    if (isAll) this.#index = new RunIndex()
    return file
  }
}

type ColumnCells = Generator<{ readonly traits: ColumnTraits; readonly cells: Cells }>

/** Returns the cells of all rows, column by column, in the place of those that the columns have: there are many. */
function* reorder(columns: readonly RunColumn[], rows: Uint32Array): ColumnCells {
  const room = { kinds: new Uint8Array(rows.length), numbers: new Float64Array(rows.length) }
  for (const column of columns) {
    const cells = column.reorder(rows, room)
    yield { traits: traitsOf(column.field, cells), cells }
  }
}

/** Returns the cells of rows, column by column. */
function* cellsOf(columns: readonly RunColumn[], rows: Uint32Array): ColumnCells {
  for (const column of columns) {
    const cells = column.cellsOf(rows)
    if (cells !== undefined) yield { traits: traitsOf(column.field, cells), cells }
  }
}
