import type { Json } from '../../base/json.ts'

/** What a cell holds. */
export const CELL = { absent: 0, number: 1, time: 2, other: 3 } as const

/** The cells of a column, one for each row: numbers and times as they are, other values by their places. */
export interface Cells {
  /** What each cell holds, by `CELL`. */
  readonly kinds: Uint8Array
  /** The number of a cell, its milliseconds since 1970, or the place of its value. */
  readonly numbers: Float64Array
  /** Values that are neither numbers nor times in the stored form. */
  readonly others: readonly Json[]
}

export const NO_CELLS: Cells = {
  kinds: new Uint8Array(0),
  numbers: new Float64Array(0),
  others: []
}

/** Returns the value of a row; `undefined` if it has none. */
export function cellValue({ kinds, numbers, others }: Cells, row: number): Json | undefined {
  switch (kinds[row]) {
    case CELL.number:
      return numbers[row]
    case CELL.time:
      return new Date(numbers[row] as number).toISOString()
    case CELL.other:
      return others[numbers[row] as number]
    default:
      return undefined
  }
}

/** Cells that more rows are added to. */
export class GrowingCells implements Cells {
  kinds: Uint8Array
  numbers: Float64Array
  readonly others: Json[]
  #places: Map<string, number> | undefined

  constructor({ kinds, numbers, others }: Cells = NO_CELLS) {
    this.kinds = kinds
    this.numbers = numbers
    this.others = [...others]
  }

  set(row: number, value: Json): void {
    if (typeof value === 'number') this.put(row, CELL.number, value)
    else if (isStoredTime(value)) this.put(row, CELL.time, Date.parse(value))
    else this.put(row, CELL.other, this.placeOf(value))
  }

  put(row: number, kind: number, number: number): void {
    this.grow(row + 1)
    this.kinds[row] = kind
    this.numbers[row] = number
  }

  /** Makes room for as many rows. */
  grow(count: number): void {
    if (count <= this.kinds.length) return
    const size = Math.max(count, 64, this.kinds.length * 2)
    const [kinds, numbers] = [new Uint8Array(size), new Float64Array(size)]
    kinds.set(this.kinds)
    numbers.set(this.numbers)
    this.kinds = kinds
    this.numbers = numbers
  }

  /** Puts rows in another order, by way of cells that have room for as many; returns them. */
  reorder(rows: Uint32Array, room: Pick<Cells, 'kinds' | 'numbers'>): Cells {
    const { length } = rows
    this.grow(length)
    const { kinds, numbers } = this
    room.kinds.set(kinds.subarray(0, length))
    room.numbers.set(numbers.subarray(0, length))
    for (let to = 0; to < length; to++) {
      const from = rows[to] as number
      kinds[to] = room.kinds[from] as number
      numbers[to] = room.numbers[from] as number
    }
    return this.slice(length)
  }

  /** Returns the first rows as they are now. */
  slice(count: number): Cells {
    const { kinds, numbers, others } = this
    return { kinds: kinds.subarray(0, count), numbers: numbers.subarray(0, count), others }
  }

  /** Returns the place of a value that is neither a number nor a time; it gets one if it has none. */
  placeOf(value: Json): number {
    const text = textOf(value)
    this.#places ??= new Map(this.others.map((each, place) => [textOf(each), place]))
    const known = this.#places.get(text)
    if (known !== undefined) return known
    this.#places.set(text, this.others.length)
    return this.others.push(value) - 1
  }
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : `\0${JSON.stringify(value, keepNumbers)}`
}

const NUMBER = '\0number'

/** Writes the numbers that JSON doesn't have as maps that no record has. */
function keepNumbers(_: string, value: unknown): unknown {
  if (typeof value !== 'number') return value
  return Number.isFinite(value) && !Object.is(value, -0)
    ? value
    : { [NUMBER]: Object.is(value, -0) ? '-0' : String(value) }
}

/** Formats values that are no numbers as JSON; numbers inside of them that JSON lacks are kept. */
export function formatOthers(values: readonly Json[]): string {
  return JSON.stringify(values, keepNumbers)
}

/** Parses what `formatOthers` wrote. */
export function parseOthers(text: string): readonly Json[] {
  // Nearly always there is no such number, and then JSON is parsed much faster.
  if (!text.includes('\\u0000number')) return JSON.parse(text) as readonly Json[]
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value
    const number = (value as { readonly [NUMBER]?: unknown })[NUMBER]
    return typeof number === 'string' ? Number(number) : value
  }) as readonly Json[]
}

const TIME_LENGTH = '2000-01-01T00:00:00.000Z'.length
const STORED_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** Tells whether a value is a time that comes back from its milliseconds. */
function isStoredTime(value: Json): value is string {
  if (typeof value !== 'string' || value.length !== TIME_LENGTH) return false
  if (!STORED_TIME.test(value)) return false
  const at = Date.parse(value)
  return !Number.isNaN(at) && new Date(at).toISOString() === value
}
