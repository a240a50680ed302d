import type { Json } from '../../base/json.ts'

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
