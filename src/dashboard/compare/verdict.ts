import type { Json } from '../../base/json.ts'

/** Whether a value is better than another, where a goal says what is better. */
export type Verdict = 'better' | 'worse'

/** Compares two values of a metric; `undefined` if neither is better. */
export function verdictOf(
  goal: 'minimize' | 'maximize' | undefined,
  before: Json | undefined,
  now: Json | undefined
): Verdict | undefined {
  if (goal === undefined || typeof before !== 'number' || typeof now !== 'number') return undefined
  if (before === now || Number.isNaN(before) || Number.isNaN(now)) return undefined
  return now < before === (goal === 'minimize') ? 'better' : 'worse'
}

/** Returns the places of the best values; none if all are the same or there is no goal. */
export function bestOf(
  goal: 'minimize' | 'maximize' | undefined,
  values: readonly Json[]
): ReadonlySet<number> {
  const numbers = values.filter(
    (value): value is number => typeof value === 'number' && !Number.isNaN(value)
  )
  if (goal === undefined || numbers.length < 2) return new Set()
  const [min, max] = [Math.min(...numbers), Math.max(...numbers)]
  if (min === max) return new Set()
  const best = goal === 'minimize' ? min : max
  return new Set(values.flatMap((value, at) => (value === best ? [at] : [])))
}
