import { compareCodePoints } from '../base/bytes.ts'
import { formatCanonicalJson } from '../base/canonical-json.ts'
import type { Json } from '../base/json.ts'
import { compareValues } from './language/evaluate.ts'
import type { FieldPath } from './language/filter.ts'
import { medianOf } from './median.ts'
import type { Values } from './row-set.ts'
import type { Matched } from './search.ts'

/** What numbers come to; those that aren't numbers are left out. */
export interface Aggregate {
  /** How many runs have a number there. */
  readonly count: number
  readonly min: number
  readonly max: number
  readonly mean: number
  readonly median: number
  /** Standard deviation with n − 1; absent for one number. */
  readonly std?: number
}

/** Runs that agree in some fields. */
export interface RunGroup {
  /** What they agree in, in the order of the fields; `undefined` where they have none. */
  readonly key: readonly (Json | undefined)[]
  readonly count: number
  /** What the numbers of each field come to; `undefined` if there are none. */
  readonly aggregates: { readonly [field: string]: Aggregate | undefined }
}

/** Groups rows by fields and aggregates others; in order of the keys, missing ones last. */
export function groupRows(
  matched: readonly Matched[],
  by: readonly FieldPath[],
  fields: readonly { readonly name: string; readonly field: FieldPath }[]
): readonly RunGroup[] {
  const { groups, groupOf } = findGroups(matched, by)
  const columns = fields.map(({ name, field }) => ({
    name,
    ofGroups: aggregateColumn(matched, field, groupOf, groups.length)
  }))
  return groups
    .map(({ key, count }, group) => ({
      key,
      name: key.map(nameOfValue).join('\n'),
      count,
      aggregates: Object.fromEntries(columns.map(({ name, ofGroups }) => [name, ofGroups[group]]))
    }))
    .sort((a, b) => compareKeys(a.key, b.key) || compareCodePoints(a.name, b.name))
    .map(({ name: _, ...group }) => group)
}

interface FoundGroup {
  readonly key: Values
  count: number
}

/** Numbers the groups, and tells of which each row is, the sets one behind the other. */
function findGroups(
  matched: readonly Matched[],
  by: readonly FieldPath[]
): { readonly groups: readonly FoundGroup[]; readonly groupOf: Uint32Array } {
  const columns = by.map((field) => ({ field, codes: new Codes() }))
  const groupOf = new Uint32Array(matched.reduce((count, { rows }) => count + rows.length, 0))
  // All runs are one group.
  if (by.length === 0 && groupOf.length > 0) {
    return { groups: [{ key: [], count: groupOf.length }], groupOf }
  }
  const groups: FoundGroup[] = []
  const known = new Map<number | string, number>()
  let at = 0
  for (const { set, rows } of matched) {
    const readers = columns.map(({ field, codes }) => {
      const read = set.reader(field)
      return set.map?.(field, codes.of) ?? ((row: number) => codes.of(read(row)))
    })
    const nameOf =
      readers.length === 1
        ? (readers[0] as (row: number) => number)
        : (row: number) => readers.map((read) => read(row)).join(' ')
    for (const row of rows) {
      const name = nameOf(row)
      let group = known.get(name)
      if (group === undefined) {
        group = groups.push({ key: by.map((field) => set.reader(field)(row)), count: 0 }) - 1
        known.set(name, group)
      }
      ;(groups[group] as FoundGroup).count++
      groupOf[at++] = group
    }
  }
  return { groups, groupOf }
}

/** Numbers values, equal ones alike. */
class Codes {
  readonly #numbers = new Map<number, number>()
  readonly #others = new Map<string, number>()

  readonly of = (value: Json | undefined): number => {
    const next = this.#numbers.size + this.#others.size
    const isNumber = typeof value === 'number'
    const known = isNumber ? this.#numbers.get(value) : this.#others.get(nameOfValue(value))
    if (known !== undefined) return known
    if (isNumber) this.#numbers.set(value, next)
    else this.#others.set(nameOfValue(value), next)
    return next
  }
}

/** Aggregates the numbers of a field for each group. */
function aggregateColumn(
  matched: readonly Matched[],
  field: FieldPath,
  groupOf: Uint32Array,
  groups: number
): readonly (Aggregate | undefined)[] {
  const numbers = new Float64Array(groupOf.length)
  const ends = new Uint32Array(groups + 1)
  let at = 0
  for (const { set, rows } of matched) {
    const read = set.reader(field)
    for (let index = 0; index < rows.length; index++) {
      const value = read(rows[index] as number)
      const number = typeof value === 'number' ? value : Number.NaN
      numbers[at] = number
      if (!Number.isNaN(number)) (ends[(groupOf[at] as number) + 1] as number)++
      at++
    }
  }
  for (let group = 1; group <= groups; group++) (ends[group] as number) += ends[group - 1] as number
  const starts = ends.slice()
  const ordered = new Float64Array(numbers.length)
  for (let index = 0; index < numbers.length; index++) {
    const number = numbers[index] as number
    if (!Number.isNaN(number)) ordered[(ends[groupOf[index] as number] as number)++] = number
  }
  return Array.from({ length: groups }, (_, group) =>
    aggregate(ordered.subarray(starts[group], ends[group]))
  )
}

function nameOfValue(value: Json | undefined): string {
  if (typeof value === 'number') return `number ${value === 0 ? 0 : value}`
  return value === undefined ? '' : formatCanonicalJson(value)
}

function compareKeys(a: Values, b: Values): number {
  for (const [index, value] of a.entries()) {
    const order = compareValues(value, b[index], 1)
    if (order !== 0) return order
  }
  return 0
}

/** Sums numbers up, and leaves them in another order; `undefined` for none. */
export function aggregate(numbers: Float64Array): Aggregate | undefined {
  const count = numbers.length
  if (count === 0) return undefined
  let [min, max, sum] = [numbers[0] as number, numbers[0] as number, 0]
  for (let at = 0; at < count; at++) {
    const number = numbers[at] as number
    if (number < min) min = number
    if (number > max) max = number
    sum += number
  }
  const mean = sum / count
  let squares = 0
  for (let at = 0; at < count; at++) squares += ((numbers[at] as number) - mean) ** 2
  return {
    count,
    min,
    max,
    mean,
    median: medianOf(numbers),
    ...(count > 1 ? { std: Math.sqrt(squares / (count - 1)) } : {})
  }
}
