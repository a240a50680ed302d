import { formatHex, parseHex } from '../../base/bytes.ts'
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import type { Oid } from '../../git/objects.ts'
import type { FieldPath } from '../language/filter.ts'
import { RunColumn } from './column.ts'

/** Fields that are in no index: nobody searches by them, and they differ from run to run. */
const LEFT_OUT: ReadonlySet<string> = new Set(['schema', 'edits', 'attempt'])

/** Tells whether an index knows a field of runs. */
export function isIndexed(field: FieldPath): boolean {
  return !LEFT_OUT.has(field[0] as string)
}

const OID_BYTES = 20

/** The rows of an index as they lie in a file. */
export interface IndexRows {
  readonly runs: readonly string[]
  /** The trees of the runs' folders, 20 bytes for each row. */
  readonly treeOids: Uint8Array
}

/**
 * The runs of an experiment in columns. A run that changes gets a new row, and its old one is dead; so
 * the rows of a search that is under way stay as they are.
 */
export class RunIndex {
  /** The tree of the folder `runs` whose state this is; `undefined` if it has to be compared anew. */
  treeOid: Oid | undefined
  /** The trees of the folders above the runs, by path (`k`, `k/3`), that need not be looked into again. */
  folders = new Map<string, Oid>()
  readonly #columns: Map<string, RunColumn>
  readonly #runs: string[]
  readonly #rowOf: Map<string, number>
  #treeOids: Uint8Array
  /** 1 for each row that is dead. */
  #dead: Uint8Array

  constructor(rows?: IndexRows, columns: readonly RunColumn[] = []) {
    this.#runs = [...(rows?.runs ?? [])]
    this.#treeOids = rows?.treeOids ?? new Uint8Array(0)
    this.#columns = new Map(columns.map((column) => [nameOf(column.field), column]))
    this.#rowOf = new Map()
    for (const [row, run] of this.#runs.entries()) this.#rowOf.set(run, row)
    this.#dead = new Uint8Array(this.#runs.length)
  }

  /** Rows, dead ones among them. */
  get count(): number {
    return this.#runs.length
  }

  /** Runs that are there. */
  get size(): number {
    return this.#rowOf.size
  }

  /** The columns, in the order in which their fields came up. */
  get columns(): Iterable<RunColumn> {
    return this.#columns.values()
  }

  runAt(row: number): string {
    return this.#runs[row] as string
  }

  /** Tells of each row, by 1 and 0, whether it is alive now. */
  aliveRows(): Uint8Array {
    const alive = new Uint8Array(this.count)
    for (let row = 0; row < alive.length; row++) alive[row] = 1 - (this.#dead[row] as number)
    return alive
  }

  rowOf(run: string): number | undefined {
    return this.#rowOf.get(run)
  }

  /** Tells whether a run is there as its folder has it. */
  has(run: string, treeOid: Oid): boolean {
    const row = this.#rowOf.get(run)
    return row !== undefined && this.#treeOidAt(row) === treeOid
  }

  /** Lists the runs that are there. */
  runs(): Iterable<string> {
    return this.#rowOf.keys()
  }

  remove(run: string): void {
    const row = this.#rowOf.get(run)
    if (row === undefined) return
    this.#dead[row] = 1
    this.#rowOf.delete(run)
  }

  put(run: string, treeOid: Oid, record: JsonObject): void {
    const row = this.#add(run, treeOid)
    for (const [name, value] of Object.entries(record)) {
      if (value !== undefined && !LEFT_OUT.has(name)) this.#setLeaves(row, [name], value)
    }
  }

  /** Returns the rows as they are stored; there must be no dead ones. */
  rows(): IndexRows {
    return { runs: this.#runs, treeOids: this.#treeOids.subarray(0, this.count * OID_BYTES) }
  }

  /** Makes an index of the same runs without dead rows. */
  compacted(): RunIndex {
    const fresh = new RunIndex()
    fresh.treeOid = this.treeOid
    fresh.folders = this.folders
    for (const [run, row] of this.#rowOf) {
      const to = fresh.#add(run, this.#treeOidAt(row))
      for (const column of this.#columns.values()) {
        const value = column.get(row)
        if (value !== undefined) fresh.#column(column.field).set(to, value)
      }
    }
    return fresh
  }

  #add(run: string, treeOid: Oid): number {
    this.remove(run)
    const row = this.#runs.push(run) - 1
    this.#rowOf.set(run, row)
    if (row >= this.#dead.length) {
      const dead = new Uint8Array(Math.max(64, 2 * row))
      dead.set(this.#dead)
      this.#dead = dead
    }
    const end = (row + 1) * OID_BYTES
    if (end > this.#treeOids.length) {
      const grown = new Uint8Array(Math.max(end, 2 * this.#treeOids.length, 64 * OID_BYTES))
      grown.set(this.#treeOids)
      this.#treeOids = grown
    }
    this.#treeOids.set(parseHex(treeOid), row * OID_BYTES)
    return row
  }

  #treeOidAt(row: number): Oid {
    return formatHex(this.#treeOids, row * OID_BYTES, (row + 1) * OID_BYTES)
  }

  /** Puts each value that is no map, or an empty one, into the column of its path. */
  #setLeaves(row: number, field: readonly string[], value: Json): void {
    const members = isJsonObject(value) ? Object.entries(value) : []
    if (members.length === 0) {
      this.#column(field).set(row, value)
      return
    }
    for (const [name, member] of members) {
      if (member !== undefined) this.#setLeaves(row, [...field, name], member)
    }
  }

  #column(field: FieldPath): RunColumn {
    const name = nameOf(field)
    const known = this.#columns.get(name)
    if (known !== undefined) return known
    const made = RunColumn.empty(field)
    this.#columns.set(name, made)
    return made
  }
}

function nameOf(field: FieldPath): string {
  return field.join('\0')
}
