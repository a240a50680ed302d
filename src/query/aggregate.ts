import { compareCodePoints } from '../base/bytes.ts'
import { formatCanonicalJson } from '../base/canonical-json.ts'
import type { Json } from '../base/json.ts'
import { compareValues } from './language/evaluate.ts'
import type { FieldPath } from './language/filter.ts'
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
  const groups = new Map<string, { key: Values; count: number; numbers: number[][] }>()
  for (const { set, rows } of matched) {
    const keys = by.map((field) => set.reader(field))
    const readers = fields.map(({ field }) => set.reader(field))
    for (const row of rows) {
      const key = keys.map((read) => read(row))
      const name = key.map(nameOfValue).join('\n')
      let group = groups.get(name)
      if (group === undefined) {
        group = { key, count: 0, numbers: fields.map(() => []) }
        groups.set(name, group)
      }
      group.count++
      for (const [index, read] of readers.entries()) {
        const value = read(row)
        if (typeof value === 'number' && !Number.isNaN(value)) group.numbers[index]?.push(value)
      }
    }
  }
  return [...groups]
    .sort(([a, { key }], [b, other]) => compareKeys(key, other.key) || compareCodePoints(a, b))
    .map(([, { key, count, numbers }]) => ({
      key,
      count,
      aggregates: Object.fromEntries(
        fields.map(({ name }, index) => [name, aggregate(numbers[index] as number[])])
      )
    }))
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

/** Sums numbers up; `undefined` for none. */
export function aggregate(numbers: readonly number[]): Aggregate | undefined {
  const count = numbers.length
  if (count === 0) return undefined
  const sorted = Float64Array.from(numbers).sort()
  const mean = sorted.reduce((sum, number) => sum + number, 0) / count
  const middle = count >> 1
  const upper = sorted[middle] as number
  const squares = sorted.reduce((sum, number) => sum + (number - mean) ** 2, 0)
  return {
    count,
    min: sorted[0] as number,
    max: sorted[count - 1] as number,
    mean,
    median: count % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2,
    ...(count > 1 ? { std: Math.sqrt(squares / (count - 1)) } : {})
  }
}
