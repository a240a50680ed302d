import { type ChartRange, lowerBound } from './chart-line.ts'

/** Points that are drawn; `null` is a gap. */
export interface DrawnPoints {
  readonly x: readonly number[]
  readonly y: readonly (number | null)[]
}

/** How points are picked. */
export interface DownsampleOptions {
  readonly range: ChartRange
  /** How many columns of pixels there are. */
  readonly columns: number
  /** Whether the axis is logarithmic; what is not above 0 is left out. Default: false. */
  readonly isLogX?: boolean
  /** Whether the values' axis is logarithmic; what is not above 0 is a gap. Default: false. */
  readonly isLogY?: boolean
}

/**
 * Picks the points that draw a line as all of them would: of each column of pixels the first, the lowest,
 * the highest and the last, and one beyond each end of the range, so that the line leaves the picture.
 */
export function downsample(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  options: DownsampleOptions
): DrawnPoints {
  const { range, columns, isLogX = false, isLogY = false } = options
  const isGap = isLogY
    ? (value: number): boolean => !(value > 0 && value < Number.POSITIVE_INFINITY)
    : (value: number): boolean => !Number.isFinite(value)
  const positive = isLogX ? lowerBound(x, Number.MIN_VALUE) : 0
  const from = Math.max(lowerBound(x, range.min) - 1, positive)
  const to = Math.min(lowerBound(x, nextAfter(range.max)) + 1, x.length)
  const drawn = new Points()
  if (to - from <= columns * 4) {
    for (let i = from; i < to; i++) {
      const value = y[i] as number
      drawn.add(x[i] as number, isGap(value) ? null : value)
    }
    return drawn
  }
  const scale = isLogX ? Math.log : (value: number): number => value
  const [start, end] = [scale(Math.max(range.min, x[from] as number)), scale(range.max)]
  const factor = end > start ? columns / (end - start) : 0
  let i = from
  while (i < to) {
    const column = Math.floor((scale(x[i] as number) - start) * factor)
    let [first, last, low, high] = [-1, -1, -1, -1]
    const begin = i
    for (; i < to && Math.floor((scale(x[i] as number) - start) * factor) === column; i++) {
      const value = y[i] as number
      if (isGap(value)) continue
      if (first < 0) first = low = high = i
      if (value < (y[low] as number)) low = i
      if (value > (y[high] as number)) high = i
      last = i
    }
    if (first < 0) drawn.add(x[begin] as number, null)
    else drawn.addAll(x, y, [first, Math.min(low, high), Math.max(low, high), last])
  }
  return drawn
}

class Points {
  readonly x: number[] = []
  readonly y: (number | null)[] = []

  add(x: number, y: number | null): void {
    this.x.push(x)
    this.y.push(y)
  }

  /** Adds the points at ascending indices, each once. */
  addAll(x: ArrayLike<number>, y: ArrayLike<number>, indices: readonly number[]): void {
    let before = -1
    for (const index of indices) {
      if (index > before) this.add(x[index] as number, y[index] as number)
      before = index
    }
  }
}

function nextAfter(value: number): number {
  return value + Math.max(Math.abs(value), 1) * Number.EPSILON
}
