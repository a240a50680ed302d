import type { Json } from '../../base/json.ts'
import type { FieldPath } from '../language/filter.ts'
import { isStoredTime } from '../search.ts'

/** What a cell holds. */
export const CELL = { absent: 0, number: 1, time: 2, other: 3 } as const

/** The cells of a column as they lie in a file. */
export interface ColumnData {
  readonly field: FieldPath
  /** Values that are neither numbers nor times; a cell has the place of its value. */
  readonly others: readonly Json[]
  /** What each cell holds, by `CELL`. */
  readonly kinds: Uint8Array
  /** The number of a cell, its milliseconds since 1970, or the place of its value. */
  readonly numbers: Float64Array
}

/**
 * The values of one field, a cell for each row: numbers as they are, times in the stored form as
 * milliseconds, everything else by its place in a list of different values.
 */
export class RunColumn {
  readonly field: FieldPath
  /** The names joined with dots. */
  readonly name: string
  readonly #others: Json[]
  #places: Map<string, number> | undefined
  #kinds: Uint8Array
  #numbers: Float64Array

  constructor({ field, others, kinds, numbers }: ColumnData) {
    this.field = field
    this.name = field.join('.')
    this.#others = [...others]
    this.#kinds = kinds
    this.#numbers = numbers
  }

  static empty(field: FieldPath): RunColumn {
    return new RunColumn({
      field,
      others: [],
      kinds: new Uint8Array(0),
      numbers: new Float64Array(0)
    })
  }

  set(row: number, value: Json): void {
    this.#grow(row + 1)
    if (typeof value === 'number') this.#put(row, CELL.number, value)
    else if (isStoredTime(value)) this.#put(row, CELL.time, Date.parse(value))
    else this.#put(row, CELL.other, this.#placeOf(value))
  }

  get(row: number): Json | undefined {
    switch (this.#kinds[row]) {
      case CELL.number:
        return this.#numbers[row]
      case CELL.time:
        return new Date(this.#numbers[row] as number).toISOString()
      case CELL.other:
        return this.#others[this.#numbers[row] as number]
      default:
        return undefined
    }
  }

  /** Tells whether it holds a list, through whose items a path may go on. */
  hasLists(): boolean {
    return this.#others.some((value) => Array.isArray(value))
  }

  hasNull(): boolean {
    return this.#others.includes(null)
  }

  kindOf(row: number): number {
    return this.#kinds[row] ?? CELL.absent
  }

  /** The number or moment of a row; NaN if it has none. */
  numberOf(row: number): number {
    const kind = this.kindOf(row)
    return kind === CELL.number || kind === CELL.time ? (this.#numbers[row] as number) : Number.NaN
  }

  /** Tells of what kind all cells are that hold something; `undefined` if they are mixed or none is. */
  soleKind(): number | undefined {
    let sole: number = CELL.absent
    for (const kind of this.#kinds) {
      if (kind === CELL.absent || kind === sole) continue
      if (sole !== CELL.absent) return undefined
      sole = kind
    }
    return sole === CELL.absent ? undefined : sole
  }

  /**
   * Makes the test of rows that comes to the same as testing each value; values that are in a list are
   * tested once.
   */
  testRows(test: (value: Json | undefined) => boolean): (row: number) => boolean {
    const ofAbsent = test(undefined)
    const ofOthers = this.#others.map((value) => test(value))
    return (row) => {
      switch (this.#kinds[row]) {
        case CELL.number:
          return test(this.#numbers[row])
        case CELL.time:
          return test(this.get(row))
        case CELL.other:
          return ofOthers[this.#numbers[row] as number] as boolean
        default:
          return ofAbsent
      }
    }
  }

  /** Returns the cells of the first `count` rows. */
  data(count: number): ColumnData {
    this.#grow(count)
    return {
      field: this.field,
      others: this.#others,
      kinds: this.#kinds.subarray(0, count),
      numbers: this.#numbers.subarray(0, count)
    }
  }

  #put(row: number, kind: number, number: number): void {
    this.#kinds[row] = kind
    this.#numbers[row] = number
  }

  #placeOf(value: Json): number {
    const text = textOf(value)
    // Who only reads needs no such map.
    this.#places ??= new Map(this.#others.map((each, place) => [textOf(each), place]))
    const known = this.#places.get(text)
    if (known !== undefined) return known
    this.#places.set(text, this.#others.length)
    return this.#others.push(value) - 1
  }

  #grow(count: number): void {
    if (count <= this.#kinds.length) return
    const size = Math.max(count, 64, this.#kinds.length * 2)
    const [kinds, numbers] = [new Uint8Array(size), new Float64Array(size)]
    kinds.set(this.#kinds)
    numbers.set(this.#numbers)
    this.#kinds = kinds
    this.#numbers = numbers
  }
}

function textOf(value: Json): string {
  return JSON.stringify(value, keepNumbers)
}

/** Writes the numbers that JSON doesn't have as maps that no record has. */
function keepNumbers(_: string, value: unknown): unknown {
  if (typeof value !== 'number') return value
  return Number.isFinite(value) && !Object.is(value, -0)
    ? value
    : { '\0number': formatNumber(value) }
}

function formatNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

/** Formats values that are no numbers as JSON; numbers inside of them that JSON lacks are kept. */
export function formatOthers(values: readonly Json[]): string {
  return JSON.stringify(values, keepNumbers)
}

/** Parses what `formatOthers` wrote. */
export function parseOthers(text: string): readonly Json[] {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value
    const number = (value as { readonly '\0number'?: unknown })['\0number']
    return typeof number === 'string' ? Number(number) : value
  }) as readonly Json[]
}
