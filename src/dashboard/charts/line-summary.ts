import type { ChartLine } from './chart-line.ts'

/** What a line comes to, in numbers. */
export interface LineSummary {
  readonly points: number
  readonly gaps: number
  readonly first?: number
  readonly last?: number
  readonly min?: number
  readonly max?: number
  /** Where the least and the greatest value lie. */
  readonly minAt?: number
  readonly maxAt?: number
}

/** Sums a line up. */
export function summarizeLine({ x, y }: Pick<ChartLine, 'x' | 'y'>): LineSummary {
  let [first, last, low, high, gaps] = [-1, -1, -1, -1, 0]
  for (let i = 0; i < y.length; i++) {
    const value = y[i] as number
    if (!Number.isFinite(value)) {
      gaps++
      continue
    }
    if (first < 0) first = low = high = i
    if (value < (y[low] as number)) low = i
    if (value > (y[high] as number)) high = i
    last = i
  }
  if (first < 0) return { points: y.length, gaps }
  return {
    points: y.length,
    gaps,
    first: y[first] as number,
    last: y[last] as number,
    min: y[low] as number,
    max: y[high] as number,
    minAt: x[low] as number,
    maxAt: x[high] as number
  }
}
