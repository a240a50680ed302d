import { compareCodePoints } from '../base/bytes.ts'
import type { PreparedFilter } from './language/prepare.ts'
import { testOf } from './language/prepare.ts'
import type { SortKey } from './language/sort-key.ts'
import { joinRanks, type Ranks, rankRows } from './ranks.ts'
import type { RowPlace, RowSet } from './row-set.ts'

/** Rows of a set that passed, in order of their addresses. */
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
    return { set, rows: set.inOrder(rows.subarray(0, count)) }
  })
}

/** Orders rows by sort keys, then by address, and returns those from `offset` on, at most `limit`. */
export function sortRows(
  matched: readonly Matched[],
  sort: readonly SortKey[],
  { offset, limit }: { readonly offset: number; readonly limit: number }
): readonly RowPlace[] {
  const all = joinSets(matched)
  let order = new Uint32Array(all.rows.length)
  for (let index = 0; index < order.length; index++) order[index] = index
  for (const { field, isDescending } of [...sort].reverse()) {
    const { size, placesOf } = joinRanks(matched.map((each) => ranksOf(each, field)))
    order = sortByPlaces(order, placesIn(all, placesOf), size, isDescending)
  }
  return Array.from(order.subarray(offset, offset + limit), (index) => ({
    set: (matched[all.sets[index] as number] as Matched).set,
    row: all.rows[index] as number
  }))
}

/** Rows of some sets, each with the number of its set. */
interface Rows {
  readonly rows: Uint32Array
  readonly sets: Uint32Array
}

/** Puts the rows of all sets in order of their addresses. */
function joinSets(matched: readonly Matched[]): Rows {
  const parts = matched.map(({ rows }, index) => ({
    rows,
    sets: new Uint32Array(rows.length).fill(index)
  }))
  const addressAt = ({ rows, sets }: Rows, at: number): string =>
    (matched[sets[at] as number] as Matched).set.addressOf(rows[at] as number)
  const ordered = parts
    .filter(({ rows }) => rows.length > 0)
    .map((part) => ({ part, first: addressAt(part, 0) }))
    .sort((a, b) => compareCodePoints(a.first, b.first))
  return ordered
    .map(({ part }) => part)
    .reduce<Rows>((joined, part) => merge(joined, part, addressAt), {
      rows: new Uint32Array(0),
      sets: new Uint32Array(0)
    })
}

/** Merges rows of which one side may be much longer than the other. */
function merge(one: Rows, other: Rows, addressAt: (rows: Rows, at: number) => string): Rows {
  if (one.rows.length === 0) return other
  const [long, short] = one.rows.length < other.rows.length ? [other, one] : [one, other]
  const count = long.rows.length + short.rows.length
  const [rows, sets] = [new Uint32Array(count), new Uint32Array(count)]
  const copy = (from: number, end: number, to: number): void => {
    rows.set(long.rows.subarray(from, end), to)
    sets.set(long.sets.subarray(from, end), to)
  }
  let from = 0
  for (let at = 0; at < short.rows.length; at++) {
    const address = addressAt(short, at)
    let [low, high] = [from, long.rows.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareCodePoints(addressAt(long, middle), address) < 0) low = middle + 1
      else high = middle
    }
    copy(from, low, from + at)
    rows[low + at] = short.rows[at] as number
    sets[low + at] = short.sets[at] as number
    from = low
  }
  copy(from, long.rows.length, from + short.rows.length)
  return { rows, sets }
}

/** Of fewer rows than one in so many, only these are put in order. */
const FEW = 8

function ranksOf({ set, rows }: Matched, field: SortKey['field']): Ranks {
  const known = rows.length * FEW < set.count ? undefined : set.ranks?.(field)
  return known ?? rankRows(rows, set.count, set.reader(field))
}

/** Returns the place of each row. */
function placesIn({ rows, sets }: Rows, placesOf: readonly Uint32Array[]): Uint32Array {
  const places = new Uint32Array(rows.length)
  for (let index = 0; index < rows.length; index++) {
    const ofSet = placesOf[sets[index] as number] as Uint32Array
    places[index] = ofSet[rows[index] as number] as number
  }
  return places
}

/** Orders rows by their places, those without a value last; others stay as they are. */
function sortByPlaces(
  order: Uint32Array,
  places: Uint32Array,
  size: number,
  isDescending: boolean
): Uint32Array<ArrayBuffer> {
  if (isDescending) {
    for (let index = 0; index < places.length; index++) {
      const place = places[index] as number
      if (place !== size) places[index] = size - 1 - place
    }
  }
  const starts = new Uint32Array(size + 2)
  for (let index = 0; index < places.length; index++) {
    ;(starts[(places[index] as number) + 1] as number)++
  }
  for (let place = 1; place < starts.length; place++) {
    ;(starts[place] as number) += starts[place - 1] as number
  }
  const sorted = new Uint32Array(order.length)
  for (let at = 0; at < order.length; at++) {
    const index = order[at] as number
    sorted[(starts[places[index] as number] as number)++] = index
  }
  return sorted
}
