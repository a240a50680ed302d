/** A line of a chart. */
export interface ChartLine {
  /** Tells lines apart, whatever they are called. */
  readonly id: string
  readonly label: string
  /** Ascending. */
  readonly x: ArrayLike<number>
  /** As long as `x`; what is no finite number is a gap. */
  readonly y: ArrayLike<number>
  /** Which colour of the palette, from 0; it repeats. */
  readonly color: number
  /** Whether it stays in the background, such as what was measured on training data. */
  readonly isFaint?: boolean
}

/** A part of an axis. */
export interface ChartRange {
  readonly min: number
  readonly max: number
}

/** Returns what the lines cover on x; `undefined` if there are no points. */
export function rangeOf(lines: readonly ChartLine[]): ChartRange | undefined {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { x } of lines) {
    if (x.length === 0) continue
    min = Math.min(min, x[0] as number)
    max = Math.max(max, x[x.length - 1] as number)
  }
  return min <= max ? { min, max } : undefined
}

/** Returns the first index whose value is not less than `value`. */
export function lowerBound(sorted: ArrayLike<number>, value: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}
