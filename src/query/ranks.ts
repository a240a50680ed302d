import { formatCanonicalJson } from '../base/canonical-json.ts'
import type { Json } from '../base/json.ts'
import { compareValues, isMissing } from './language/evaluate.ts'

/** The order of the values of a field: a place for each row, so that rows are sorted by whole numbers. */
export interface Ranks {
  /** How many different values there are. */
  readonly size: number
  /** The place of each row's value in their order; `size` where it has none. */
  readonly places: Uint32Array
  /** Returns the value at a place. */
  readonly valueAt: (place: number) => Json
}

/** Values of rows before they have an order. */
export interface RowValues {
  /** The number of each row; NaN if it has none. */
  readonly numbers: Float64Array
  /** Which of the others each row has, counted from 1; 0 for none. */
  readonly otherOf: Uint32Array
  readonly others: readonly Json[]
  /** Returns the value that a number stands for. Default: the number. */
  readonly valueFor?: (number: number) => Json
}

/** Puts values in the order of `compareValues`. */
export function rankValues({ numbers, otherOf, others, valueFor }: RowValues): Ranks {
  const plain = distinctNumbers(numbers)
  const { values, rankOf } = rankOthers(others)
  // Of other types only `boolean` comes before `number`.
  const firstBehind = values.findIndex((value) => typeof value !== 'boolean')
  const before = firstBehind < 0 ? values.length : firstBehind
  const size = values.length + plain.length
  const placeOfOther = rankOf.map((rank) =>
    rank === NONE ? size : rank < before ? rank : rank + plain.length
  )
  const places = new Uint32Array(numbers.length)
  for (let row = 0; row < places.length; row++) {
    const other = otherOf[row] as number
    const number = numbers[row] as number
    if (other > 0) places[row] = placeOfOther[other - 1] as number
    else places[row] = Number.isNaN(number) ? size : before + lowerBound(plain, number)
  }
  const valueAt = (place: number): Json => {
    const at = place - before
    if (at < 0) return values[place] as Json
    if (at >= plain.length) return values[place - plain.length] as Json
    const number = plain[at] as number
    return valueFor === undefined ? number : valueFor(number)
  }
  return { size, places, valueAt }
}

/** Puts what a reader gives of some of `count` rows in order. */
export function rankRows(
  rows: Uint32Array,
  count: number,
  read: (row: number) => Json | undefined
): Ranks {
  const numbers = new Float64Array(count).fill(Number.NaN)
  const otherOf = new Uint32Array(count)
  const others: Json[] = []
  const [texts, rest] = [new Map<string, number>(), new Map<string, number>()]
  for (const row of rows) {
    const value = read(row)
    if (value === undefined || value === null) continue
    if (typeof value === 'number') {
      numbers[row] = value
      continue
    }
    const isText = typeof value === 'string'
    const [known, name] = isText ? [texts, value] : [rest, formatCanonicalJson(value)]
    const other = known.get(name) ?? others.push(value)
    known.set(name, other)
    otherOf[row] = other
  }
  return rankValues({ numbers, otherOf, others })
}

/** Numbers the values of several ranks in one order; each gets what its places become. */
export function joinRanks(all: readonly Ranks[]): {
  readonly size: number
  readonly placesOf: readonly Uint32Array[]
} {
  const [only] = all
  if (only !== undefined && all.length === 1) return { size: only.size, placesOf: [only.places] }
  const values = all.flatMap(({ size, valueAt }) =>
    Array.from({ length: size }, (_, place) => valueAt(place))
  )
  const starts: number[] = []
  let count = 0
  for (const { size } of all) {
    starts.push(count)
    count += size
  }
  const { values: distinct, rankOf } = rankOthers(values)
  const placesOf = all.map(({ size, places }, index) => {
    const start = starts[index] as number
    return places.map((place) =>
      place === size ? distinct.length : (rankOf[start + place] as number)
    )
  })
  return { size: distinct.length, placesOf }
}

const NONE = 0xffffffff

/** Orders values; returns them each once, and the place of each one, `NONE` of missing ones. */
function rankOthers(others: readonly Json[]): {
  readonly values: readonly Json[]
  readonly rankOf: Uint32Array
} {
  const compare = comparisonOf(others)
  const order: number[] = []
  for (const [at, value] of others.entries()) if (!isMissing(value)) order.push(at)
  // Ordered parts, one behind the other, are merged.
  order.sort((a, b) => compare(others[a] as Json, others[b] as Json))
  const rankOf = new Uint32Array(others.length).fill(NONE)
  const values: Json[] = []
  for (const at of order) {
    const value = others[at] as Json
    const last = values.at(-1)
    if (last === undefined || compare(last, value) !== 0) values.push(value)
    rankOf[at] = values.length - 1
  }
  return { values, rankOf }
}

const SURROGATE = /[\ud800-\udfff]/

/** Returns how values are compared; text without surrogates is in order of code points by itself. */
function comparisonOf(values: readonly Json[]): (a: Json, b: Json) => number {
  const isPlain = values.every((value) => typeof value === 'string' && !SURROGATE.test(value))
  if (!isPlain) return (a, b) => compareValues(a, b, 1)
  return (a, b) => (a === b ? 0 : (a as string) < (b as string) ? -1 : 1)
}

/** Returns numbers in order, each once, without NaN. */
function distinctNumbers(numbers: Float64Array): Float64Array {
  const sorted = numbers.slice().sort()
  let count = 0
  for (let at = 0; at < sorted.length; at++) {
    const number = sorted[at] as number
    if (Number.isNaN(number)) break
    if (count === 0 || number !== sorted[count - 1]) sorted[count++] = number
  }
  return sorted.slice(0, count)
}

function lowerBound(sorted: Float64Array, number: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) < number) low = middle + 1
    else high = middle
  }
  return low
}
