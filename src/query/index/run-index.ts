import { compareCodePoints } from '../../base/bytes.ts'
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import type { Hash } from '../../base/platform.ts'
import type { Oid } from '../../git/objects.ts'
import type { FieldPath } from '../language/filter.ts'
import { RankCache } from '../rank-cache.ts'
import type { Cells } from './cells.ts'
import { RunColumn, traitsOf } from './column.ts'
import { formatIndex, type IndexFile, type IndexSubject } from './index-file.ts'
import { oidAt, packOids, packRuns, SortedRuns } from './run-names.ts'

/** A file that an index stands on, with its runs. */
export interface IndexBase {
  readonly file: IndexFile
  readonly runs: Uint8Array
}

/** What a file holds that is added to the rows of another one. */
export interface IndexTail {
  readonly file: IndexFile
  readonly runs: Uint8Array
  readonly treeOids: Uint8Array
  readonly columns: readonly { readonly field: FieldPath; readonly cells: Cells }[]
}

/** What of a record is put into columns. */
export interface PutOptions {
  /** Maps deeper than so many names stay values as a whole. Default: all are taken apart. */
  readonly depth?: number
  /** Fields of the record that are left out. Default: none. */
  readonly leftOut?: ReadonlySet<string>
}

/**
 * The records of an experiment's runs in columns: rows of a file, in order of their runs, whose cells are
 * read when they are needed, and behind them rows in memory. A run that changes gets a new row, and its old
 * one is dead; so the rows of a search that is under way stay as they are.
 */
export class RunIndex {
  /** The tree of the folder `runs` whose state this is; `undefined` if it has to be compared anew. */
  treeOid: Oid | undefined
  /** The trees of the folders above the runs, by path (`k`, `k/3`), that need not be looked into again. */
  folders = new Map<string, Oid>()
  /** The orders of fields; rows never change, so they hold until there are more. */
  readonly ranks = new RankCache()
  readonly #columns = new Map<string, RunColumn>()
  /** The same by the names of their paths, so that none has to be joined to find one. */
  readonly #places: Place = { field: [], below: new Map() }
  readonly #file: IndexFile | undefined
  readonly #sorted: SortedRuns
  /** The trees of the runs in the file, once they are needed. */
  #sortedTrees: Uint8Array | undefined
  /** The runs of the rows in memory, with their trees. */
  readonly #added: { readonly run: string; readonly treeOid: Oid }[] = []
  /** The rows of those that are there. */
  readonly #rowOf = new Map<string, number>()
  /** 1 for each row that is dead. */
  #dead: Uint8Array
  #size: number

  constructor(base?: IndexBase, tail?: IndexTail) {
    this.#file = base?.file
    this.#sorted = new SortedRuns(base?.runs ?? new Uint8Array(0))
    const { count } = this.#sorted
    this.#size = count
    this.#dead = new Uint8Array(count)
    const added = new Map(tail?.columns.map(({ field, cells }) => [nameOf(field), cells]))
    for (const { traits, read } of base?.file.columns ?? []) {
      const name = nameOf(traits.field)
      const column = new RunColumn(traits.field, count, { traits, read }, added.get(name))
      this.#columns.set(name, column)
    }
    for (const { field, cells } of tail?.columns ?? []) {
      const name = nameOf(field)
      if (this.#columns.has(name)) continue
      this.#columns.set(name, new RunColumn(field, count, undefined, cells))
    }
    const { treeOid, folders } = (tail ?? base)?.file.state ?? { folders: {} }
    this.treeOid = treeOid
    this.folders = new Map(Object.entries(folders))
    for (const row of tail?.file.state.gone ?? []) this.#kill(row)
    const names = new SortedRuns(tail?.runs ?? new Uint8Array(0))
    for (let row = 0; row < names.count; row++) {
      this.#add(names.at(row), oidAt(tail?.treeOids as Uint8Array, row))
    }
  }

  /** Rows, dead ones among them. */
  get count(): number {
    return this.#sorted.count + this.#added.length
  }

  /** Runs that are there. */
  get size(): number {
    return this.#size
  }

  /** The columns, in the order in which their fields came up. */
  get columns(): readonly RunColumn[] {
    return [...this.#columns.values()]
  }

  runAt(row: number): string {
    const { count } = this.#sorted
    return row < count
      ? this.#sorted.at(row)
      : (this.#added[row - count] as { readonly run: string }).run
  }

  /** Puts rows, which come in ascending order, in order of their runs. */
  inOrder(rows: Uint32Array): Uint32Array {
    const { count } = this.#sorted
    let stored = rows.length
    while (stored > 0 && (rows[stored - 1] as number) >= count) stored--
    if (stored === rows.length) return rows
    const added = Array.from(rows.subarray(stored), (row) => ({ row, run: this.runAt(row) }))
    added.sort((a, b) => compareCodePoints(a.run, b.run))
    const ordered = new Uint32Array(rows.length)
    let from = 0
    for (const [at, { row, run }] of added.entries()) {
      const before = this.#sorted.lowerBound(run)
      let end = from
      while (end < stored && (rows[end] as number) < before) end++
      ordered.set(rows.subarray(from, end), from + at)
      ordered[end + at] = row
      from = end
    }
    ordered.set(rows.subarray(from, stored), from + added.length)
    return ordered
  }

  /** Tells of each row, by 1 and 0, whether it is alive now. */
  aliveRows(): Uint8Array {
    return this.#dead.slice(0, this.count).map((isDead) => 1 - isDead)
  }

  rowOf(run: string): number | undefined {
    const added = this.#rowOf.get(run)
    if (added !== undefined) return added
    const row = this.#sorted.find(run)
    return row === undefined || this.#dead[row] === 1 ? undefined : row
  }

  /** Reads what changes can be told by; `false` if the file can't be read any more. */
  async loadTrees(): Promise<boolean> {
    this.#sortedTrees ??= this.#file ? await this.#file.readTreeOids() : new Uint8Array(0)
    return this.#sortedTrees !== undefined
  }

  /** Tells whether a run is there as its folder has it; the trees must be loaded. */
  has(run: string, treeOid: Oid): boolean {
    const row = this.rowOf(run)
    return row !== undefined && this.#treeOidAt(row) === treeOid
  }

  /** Lists the runs that are there and begin with `prefix`. */
  runsOf(prefix: string): readonly string[] {
    const found: string[] = []
    const { count } = this.#sorted
    for (let row = this.#sorted.lowerBound(prefix); row < count; row++) {
      if (!this.#sorted.startsWith(row, prefix)) break
      if (this.#dead[row] === 0) found.push(this.#sorted.at(row))
    }
    for (const run of this.#rowOf.keys()) if (run.startsWith(prefix)) found.push(run)
    return found
  }

  remove(run: string): void {
    const row = this.rowOf(run)
    if (row === undefined) return
    this.#kill(row)
    this.#rowOf.delete(run)
  }

  /** Puts a run in. */
  put(run: string, treeOid: Oid, record: JsonObject, options: PutOptions = {}): void {
    const { depth = Number.POSITIVE_INFINITY, leftOut } = options
    const row = this.#add(run, treeOid)
    for (const name of Object.keys(record)) {
      const value = record[name]
      if (value !== undefined && !leftOut?.has(name))
        this.#setLeaves(row, below(this.#places, name), value, depth)
    }
  }

  /** Tells whether so many rows are in memory, `minRows` at least, that all should be written anew. */
  isWorn(minRows: number): boolean {
    return this.#added.length > Math.max(minRows, this.#sorted.count >> 3)
  }

  /** Formats all runs as a file of their own; all must be loaded. */
  format(subject: IndexSubject, hash: Hash): Uint8Array {
    const rows = new Map<string, number>()
    for (let row = 0; row < this.count; row++) {
      if (this.#dead[row] === 0) rows.set(this.runAt(row), row)
    }
    const order = [...rows].sort(([a], [b]) => compareCodePoints(a, b)).map(([, row]) => row)
    return this.#format(subject, order, {}, hash)
  }

  /** Formats the rows in memory as an addition to a file; the cells of that need not be loaded. */
  formatTail(subject: IndexSubject, base: string, hash: Hash): Uint8Array {
    const gone: number[] = []
    for (let row = 0; row < this.#sorted.count; row++) if (this.#dead[row] === 1) gone.push(row)
    return this.#format(subject, [...this.#rowOf.values()], { base, gone }, hash)
  }

  #format(
    subject: IndexSubject,
    order: readonly number[],
    addition: { readonly base?: string; readonly gone?: readonly number[] },
    hash: Hash
  ): Uint8Array {
    const count = order.length
    const places = Uint32Array.from(order)
    const columns = [...this.#columns.values()].flatMap((column) => {
      const cells = column.cellsOf(places)
      return cells === undefined ? [] : [{ traits: traitsOf(column.field, cells), cells }]
    })
    const rows = {
      runs: packRuns(order.map((row) => this.runAt(row))),
      treeOids: packOids(order.map((row) => this.#treeOidAt(row)))
    }
    const folders = Object.fromEntries(this.folders)
    const state = { ...subject, ...addition, treeOid: this.treeOid, folders, count }
    return formatIndex(state, rows, columns, hash)
  }

  #add(run: string, treeOid: Oid): number {
    this.remove(run)
    const row = this.#sorted.count + this.#added.push({ run, treeOid }) - 1
    this.#rowOf.set(run, row)
    this.#size++
    if (row >= this.#dead.length) {
      const dead = new Uint8Array(Math.max(64, row + 1024, Math.ceil(1.5 * row)))
      dead.set(this.#dead)
      this.#dead = dead
    }
    return row
  }

  #kill(row: number): void {
    this.#dead[row] = 1
    this.#size--
  }

  #treeOidAt(row: number): Oid {
    const { count } = this.#sorted
    return row < count
      ? oidAt(this.#sortedTrees as Uint8Array, row)
      : (this.#added[row - count] as { readonly treeOid: Oid }).treeOid
  }

  /** Puts each value that is no map, or an empty one, into the column of its path. */
  #setLeaves(row: number, place: Place, value: Json, depth: number): void {
    let isLeaf = true
    if (isJsonObject(value) && place.field.length < depth) {
      for (const name of Object.keys(value)) {
        isLeaf = false
        const member = value[name]
        if (member !== undefined) this.#setLeaves(row, below(place, name), member, depth)
      }
    }
    if (!isLeaf) return
    place.column ??= this.#column(place.field)
    place.column.set(row, value)
  }

  #column(field: FieldPath): RunColumn {
    const name = nameOf(field)
    const known = this.#columns.get(name)
    if (known !== undefined) return known
    const made = new RunColumn(field, this.#sorted.count)
    this.#columns.set(name, made)
    return made
  }
}

/** Where values of records lie, with the column that is made for them when there is one. */
interface Place {
  readonly field: FieldPath
  readonly below: Map<string, Place>
  column?: RunColumn
}

function below(place: Place, name: string): Place {
  const known = place.below.get(name)
  if (known !== undefined) return known
  const made = { field: [...place.field, name], below: new Map() }
  place.below.set(name, made)
  return made
}

function nameOf(field: FieldPath): string {
  return field.join('\0')
}
