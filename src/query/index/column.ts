import type { Json } from '../../base/json.ts'
import type { FieldPath } from '../language/filter.ts'
import { CELL, type Cells, cellValue, GrowingCells, NO_CELLS } from './cells.ts'

/** What is known of a column before its cells are read. */
export interface ColumnTraits {
  readonly field: FieldPath
  /** `1 << kind` for each kind of its cells, absent ones among them. */
  readonly kinds: number
  /** Whether some value is a list, or a map with members: a path may go on inside of it. */
  readonly hasInner: boolean
  readonly hasNull: boolean
}

/** Reads the cells of a column; `undefined` if they can't be had any more. */
export type ReadCells = () => Promise<Cells | undefined>

/**
 * The values of one field, a cell for each row. The cells of the first rows lie in a file and are read when
 * a question needs them; those of the others are in memory and become more.
 */
export class RunColumn {
  readonly field: FieldPath
  /** The names joined with dots. */
  readonly name: string
  /** Rows whose cells are in the file. */
  readonly #start: number
  readonly #traits: ColumnTraits | undefined
  readonly #read: ReadCells | undefined
  #base: Cells | undefined
  readonly #tail: GrowingCells

  constructor(
    field: FieldPath,
    start: number,
    stored?: { readonly traits: ColumnTraits; readonly read: ReadCells },
    tail?: Cells
  ) {
    this.field = field
    this.name = field.join('.')
    this.#start = start
    this.#traits = stored?.traits
    this.#read = stored?.read
    this.#base = stored === undefined ? NO_CELLS : undefined
    this.#tail = new GrowingCells(tail)
  }

  get isLoaded(): boolean {
    return this.#base !== undefined
  }

  /** Reads the cells that lie in the file, unless they are here; `false` if they can't be had any more. */
  async load(): Promise<boolean> {
    this.#base ??= await this.#read?.()
    return this.#base !== undefined
  }

  /** Sets the cell of a row that is in memory. */
  set(row: number, value: Json): void {
    this.#tail.set(row - this.#start, value)
  }

  get(row: number): Json | undefined {
    return row < this.#start
      ? cellValue(this.#loaded(), row)
      : cellValue(this.#tail, row - this.#start)
  }

  kindOf(row: number): number {
    const kind = row < this.#start ? this.#loaded().kinds[row] : this.#tail.kinds[row - this.#start]
    return kind ?? CELL.absent
  }

  /** The number or moment of a row; NaN if it has none. */
  numberOf(row: number): number {
    const kind = this.kindOf(row)
    return kind === CELL.number || kind === CELL.time ? this.#numberAt(row) : Number.NaN
  }

  /** The values that are neither numbers nor times. */
  get others(): readonly Json[] {
    return [...this.#loaded().others, ...this.#tail.others]
  }

  /** The place among `others` of a row's value. */
  placeOf(row: number): number {
    const place = this.#numberAt(row)
    return row < this.#start ? place : this.#loaded().others.length + place
  }

  /** Returns the cells of rows, in their order; `undefined` if all are empty. */
  cellsOf(rows: Uint32Array): Cells | undefined {
    const base = this.#base ?? NO_CELLS
    const found = new GrowingCells()
    const [placeInBase, placeInTail] = [base, this.#tail].map(({ others }) => {
      const places = new Int32Array(others.length).fill(-1)
      return (place: number): number => {
        if (places[place] === -1) places[place] = found.placeOf(others[place] as Json)
        return places[place] as number
      }
    }) as [(place: number) => number, (place: number) => number]
    for (let to = 0; to < rows.length; to++) {
      const row = rows[to] as number
      const isStored = row < this.#start
      const { kinds, numbers } = isStored ? this.#loaded() : this.#tail
      const at = isStored ? row : row - this.#start
      const kind = kinds[at] ?? CELL.absent
      if (kind === CELL.absent) continue
      const number = numbers[at] as number
      found.grow(rows.length)
      found.kinds[to] = kind
      if (kind !== CELL.other) found.numbers[to] = number
      else found.numbers[to] = isStored ? placeInBase(number) : placeInTail(number)
    }
    return found.kinds.length === 0 ? undefined : found.slice(rows.length)
  }

  /** Puts the rows of a column that is in memory alone in another order; returns them. */
  reorder(rows: Uint32Array, room: Pick<Cells, 'kinds' | 'numbers'>): Cells {
    return this.#tail.reorder(rows, room)
  }

  /** Tells whether some value is a list or a map with members, through which a path may go on. */
  hasInner(): boolean {
    return this.#traits?.hasInner === true || this.#tail.others.some(isInner)
  }

  hasNull(): boolean {
    return this.#traits?.hasNull === true || this.#tail.others.includes(null)
  }

  /** Tells of what kind all cells are that hold something; `undefined` if they are mixed or none is. */
  soleKind(): number | undefined {
    const kinds = this.#kinds() & ~(1 << CELL.absent)
    const sole = Math.log2(kinds)
    return Number.isInteger(sole) ? sole : undefined
  }

  /** Tells whether each of the first `count` rows has a number. */
  isNumberOfAll(count: number): boolean {
    if (this.#start > 0 && this.#traits?.kinds !== 1 << CELL.number) return false
    for (let row = this.#start; row < count; row++) {
      if (this.kindOf(row) !== CELL.number) return false
    }
    return true
  }

  /**
   * Makes the reader of what a function makes of each value; values that have a place in a list are
   * handed to it once.
   */
  map<T>(body: (value: Json | undefined) => T): (row: number) => T {
    const ofAbsent = body(undefined)
    const base = this.#loaded()
    const ofBase = base.others.map((value) => body(value))
    const ofTail = this.#tail.others.map((value) => body(value))
    return (row) => {
      switch (this.kindOf(row)) {
        case CELL.absent:
          return ofAbsent
        case CELL.other:
          return (row < this.#start ? ofBase : ofTail)[this.#numberAt(row)] as T
        default:
          return body(this.get(row))
      }
    }
  }

  #kinds(): number {
    let kinds = this.#traits?.kinds ?? 0
    for (const kind of this.#tail.kinds) kinds |= 1 << kind
    return kinds
  }

  #numberAt(row: number): number {
    return (
      row < this.#start ? this.#loaded().numbers[row] : this.#tail.numbers[row - this.#start]
    ) as number
  }

  #loaded(): Cells {
    if (this.#base === undefined) throw new TypeError(`the cells of ${this.name} were not read`)
    return this.#base
  }
}

/** Tells whether a path may go on inside of a value. */
export function isInner(value: Json): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

/** Tells what there is to know of cells. */
export function traitsOf(field: FieldPath, { kinds, others }: Cells): ColumnTraits {
  let mask = 0
  for (let row = 0; row < kinds.length; row++) mask |= 1 << (kinds[row] as number)
  return { field, kinds: mask, hasInner: others.some(isInner), hasNull: others.includes(null) }
}

/** Reads the cells of columns; `false` if a file can't be read any more. */
export async function loadCells(columns: readonly RunColumn[]): Promise<boolean> {
  for (const column of columns) if (!(await column.load())) return false
  return true
}
