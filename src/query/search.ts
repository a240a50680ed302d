import { compareCodePoints } from '../base/bytes.ts'
import type { Json } from '../base/json.ts'
import { compareValues } from './language/evaluate.ts'
import type { PreparedFilter } from './language/prepare.ts'
import { testOf } from './language/prepare.ts'
import type { SortKey } from './language/sort-key.ts'
import type { RowPlace, RowSet } from './row-set.ts'

/** Rows of a set that passed. */
export interface Matched {
  readonly set: RowSet
  readonly rows: Uint32Array
}

/** Finds the rows that pass a filter. */
export function matchRows(
  sets: readonly RowSet[],
  prepared: PreparedFilter,
  nowMs: number
): readonly Matched[] {
  return sets.map((set) => {
    const test = testOf<number>(prepared, nowMs, set)
    const rows = new Uint32Array(set.count)
    let count = 0
    for (let row = 0; row < set.count; row++) {
      if (set.isAlive !== undefined && !set.isAlive(row)) continue
      if (test(row)) rows[count++] = row
    }
    return { set, rows: rows.subarray(0, count) }
  })
}

/** Orders rows by sort keys, then by address, and returns those from `offset` on, at most `limit`. */
export function sortRows(
  matched: readonly Matched[],
  sort: readonly SortKey[],
  { offset, limit }: { readonly offset: number; readonly limit: number }
): readonly RowPlace[] {
  const places = placesOf(matched)
  const keys = sort.map((key) => orderBy(matched, places, key))
  const compare = (a: number, b: number): number => {
    for (const key of keys) {
      const order = key(a, b)
      if (order !== 0) return order
    }
    return places.compare(a, b)
  }
  const chosen = selectFirst(places.count, Math.min(places.count, offset + limit), compare)
  return [...chosen.subarray(Math.min(offset, chosen.length))].map(places.at)
}

interface Places {
  readonly count: number
  readonly at: (index: number) => RowPlace
  /** Orders by addresses. */
  readonly compare: Compare
}

/** Numbers the rows of all sets one after the other. */
function placesOf(matched: readonly Matched[]): Places {
  const starts: number[] = []
  let count = 0
  for (const { rows } of matched) {
    starts.push(count)
    count += rows.length
  }
  const at = (index: number): RowPlace => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] as number) <= index) low = middle
      else high = middle - 1
    }
    const { set, rows } = matched[low] as Matched
    return { set, row: rows[index - (starts[low] as number)] as number }
  }
  const compare: Compare = (a, b) => {
    const [one, other] = [at(a), at(b)]
    if (one.set === other.set && one.set.compare) return one.set.compare(one.row, other.row)
    return compareCodePoints(one.set.addressOf(one.row), other.set.addressOf(other.row))
  }
  return { count, at, compare }
}

type Compare = (a: number, b: number) => number

/** Makes the comparison by one key; numbers and times are compared as numbers. */
function orderBy(matched: readonly Matched[], places: Places, key: SortKey): Compare {
  const sign = key.isDescending ? -1 : 1
  const quick = quickOrder(matched, places.count, key)
  if (quick !== undefined) {
    return (a, b) => compareNumbers(quick[a] as number, quick[b] as number, sign)
  }
  const values = matched.flatMap(({ set, rows }) => {
    const read = set.reader(key.field)
    return Array.from(rows, read)
  })
  return (a, b) => compareValues(values[a], values[b], sign)
}

/** Orders numbers; not-a-number comes last whatever the sign. */
function compareNumbers(a: number, b: number, sign: number): number {
  if (a < b) return -sign
  if (a > b) return sign
  return a === b ? 0 : Number(Number.isNaN(a)) - Number(Number.isNaN(b))
}

/** Returns numbers in the order of a field, NaN where it is missing; `undefined` if it has others. */
function quickOrder(
  matched: readonly Matched[],
  count: number,
  { field }: SortKey
): Float64Array | undefined {
  const numbers = new Float64Array(count)
  let kind: 'number' | 'time' | undefined
  let at = 0
  for (const { set, rows } of matched) {
    if (rows.length === 0) continue
    const order = set.order?.(field)
    const part = order === undefined ? classify(Array.from(rows, set.reader(field))) : undefined
    const found = order?.kind ?? part?.kind
    if (found === undefined || (kind !== undefined && found !== 'none' && found !== kind)) {
      return undefined
    }
    if (found !== 'none') kind = found
    if (order !== undefined) for (const row of rows) numbers[at++] = order.read(row)
    else for (const number of part?.numbers ?? []) numbers[at++] = number
  }
  return numbers
}

/** Sees whether values are all numbers, or all times in the stored form. */
function classify(
  values: readonly (Json | undefined)[]
): { readonly kind: 'number' | 'time' | 'none'; readonly numbers: readonly number[] } | undefined {
  let kind: 'number' | 'time' | 'none' = 'none'
  const numbers: number[] = []
  for (const value of values) {
    if (value === undefined || value === null) {
      numbers.push(Number.NaN)
      continue
    }
    const found = typeof value === 'number' ? 'number' : isStoredTime(value) ? 'time' : undefined
    if (found === undefined || (kind !== 'none' && kind !== found)) return undefined
    kind = found
    numbers.push(found === 'number' ? (value as number) : Date.parse(value as string))
  }
  return { kind, numbers }
}

const STORED_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** Tells whether a value is a time that comes back from its milliseconds. */
export function isStoredTime(value: Json): value is string {
  if (typeof value !== 'string' || !STORED_TIME.test(value)) return false
  const at = Date.parse(value)
  return !Number.isNaN(at) && new Date(at).toISOString() === value
}

/** Returns the first of some indices in order; a heap holds the best so far. */
function selectFirst(count: number, wanted: number, compare: Compare): Uint32Array {
  if (wanted * 4 > count) {
    return Uint32Array.from({ length: count }, (_, index) => index)
      .sort(compare)
      .subarray(0, wanted)
  }
  const heap = new Uint32Array(wanted)
  let size = 0
  for (let index = 0; index < count; index++) {
    if (size < wanted) {
      heap[size] = index
      siftUp(heap, size++, compare)
    } else if (wanted > 0 && compare(index, heap[0] as number) < 0) {
      heap[0] = index
      siftDown(heap, size, compare)
    }
  }
  return heap.subarray(0, size).sort(compare)
}

function siftUp(heap: Uint32Array, from: number, compare: Compare): void {
  for (let at = from; at > 0; ) {
    const above = (at - 1) >> 1
    if (compare(heap[at] as number, heap[above] as number) <= 0) return
    swap(heap, at, above)
    at = above
  }
}

function siftDown(heap: Uint32Array, size: number, compare: Compare): void {
  for (let at = 0; ; ) {
    let last = at
    for (const child of [2 * at + 1, 2 * at + 2]) {
      if (child < size && compare(heap[child] as number, heap[last] as number) > 0) last = child
    }
    if (last === at) return
    swap(heap, at, last)
    at = last
  }
}

function swap(heap: Uint32Array, a: number, b: number): void {
  const kept = heap[a] as number
  heap[a] = heap[b] as number
  heap[b] = kept
}
