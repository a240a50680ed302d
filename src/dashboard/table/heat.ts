import type { Aggregate } from '../../service/query.ts'

/** How good a value is among others: 0 the worst, 1 the best; `undefined` where nothing says it. */
export type Heat = (field: string, value: unknown) => number | undefined

/**
 * Returns how good values are by the goals of their fields. The scale bends at the median, so that one value
 * far away doesn't make all others look the same.
 */
export function heatOf(
  goals: ReadonlyMap<string, 'minimize' | 'maximize'>,
  aggregates: { readonly [field: string]: Aggregate | undefined }
): Heat {
  return (field, value) => {
    const goal = goals.get(field)
    const numbers = aggregates[field]
    if (goal === undefined || numbers === undefined || typeof value !== 'number') return undefined
    const { min, median, max } = numbers
    if (!Number.isFinite(min) || !Number.isFinite(max) || min === max || Number.isNaN(value)) {
      return undefined
    }
    const at = value <= median ? part(value, min, median) / 2 : 0.5 + part(value, median, max) / 2
    const bounded = Math.min(1, Math.max(0, at))
    return goal === 'maximize' ? bounded : 1 - bounded
  }
}

function part(value: number, from: number, to: number): number {
  return to === from ? 1 : (value - from) / (to - from)
}
