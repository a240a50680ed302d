import type { Workspace } from '../../service/workspace.ts'
import type { SeriesRequest } from './requests.ts'
import type { SeriesAnswer, SeriesData } from './run-answers.ts'
import { requireRun } from './run-page.ts'
import type { CallOptions } from './source.ts'

const DEFAULT_POINTS = 2000

/** Points of one series, in order. */
export interface Points {
  readonly steps: Float64Array
  readonly times: Float64Array
  readonly values: Float64Array
}

/** Reads series of runs. */
export async function readSeries(
  workspace: Workspace,
  request: SeriesRequest,
  { signal }: CallOptions
): Promise<SeriesAnswer> {
  const { runs, metrics } = request
  const series: SeriesData[] = []
  for (const address of runs) {
    const run = await requireRun(workspace, address)
    const options = {
      ...(metrics === undefined ? {} : { metrics }),
      ...(signal === undefined ? {} : { signal })
    }
    const collected = new Map<string, Collector>()
    for await (const { metric, split, ...point } of workspace.runs.series(run.address, options)) {
      signal?.throwIfAborted()
      const name = `${metric}\0${split ?? ''}`
      const collector = collected.get(name) ?? new Collector(metric, split)
      collected.set(name, collector)
      collector.add(point.step ?? collector.count, point.time, point.value)
    }
    for (const { metric, split, points } of collected.values()) {
      series.push({
        run: run.address,
        metric,
        ...(split === undefined ? {} : { split }),
        ...selectPoints(points, request)
      })
    }
  }
  return { series }
}

/** Returns a part of a series, thinned to what was asked for. */
export function selectPoints(
  points: Points,
  request: Omit<SeriesRequest, 'runs' | 'metrics'>
): Omit<SeriesData, 'run' | 'metric' | 'split'> {
  const { maxPoints = DEFAULT_POINTS, axis = 'step' } = request
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = request
  const part = partOf(points, axis, { from, to })
  const thinned = thin(part, maxPoints, axis)
  const isThinned = thinned.steps.length < part.steps.length
  return { ...thinned, total: points.steps.length, isThinned }
}

/** Collects points into arrays that grow. */
class Collector {
  readonly metric: string
  readonly split: string | undefined
  count = 0
  #points: Points = empty(64)

  constructor(metric: string, split: string | undefined) {
    this.metric = metric
    this.split = split
  }

  add(step: number, time: number, value: number): void {
    if (this.count === this.#points.steps.length) {
      const larger = empty(this.count * 2)
      larger.steps.set(this.#points.steps)
      larger.times.set(this.#points.times)
      larger.values.set(this.#points.values)
      this.#points = larger
    }
    this.#points.steps[this.count] = step
    this.#points.times[this.count] = time
    this.#points.values[this.count++] = value
  }

  get points(): Points {
    return slice(this.#points, 0, this.count)
  }
}

function empty(count: number): Points {
  return {
    steps: new Float64Array(count),
    times: new Float64Array(count),
    values: new Float64Array(count)
  }
}

function slice({ steps, times, values }: Points, start: number, end: number): Points {
  return {
    steps: steps.slice(start, end),
    times: times.slice(start, end),
    values: values.slice(start, end)
  }
}

/** Returns the points of a part of the axis, with one more on each side so that a line goes through. */
function partOf(
  points: Points,
  axis: 'step' | 'time',
  { from, to }: { readonly from: number; readonly to: number }
): Points {
  const places = axis === 'step' ? points.steps : points.times
  let start = 0
  let end = places.length
  while (start < end && (places[start] as number) < from) start++
  while (end > start && (places[end - 1] as number) > to) end--
  return slice(points, Math.max(0, start - 1), Math.min(places.length, end + 1))
}

/**
 * Thins points out: the axis is divided into equal parts, and of each the least and the greatest value
 * stay, so that no peak is lost, besides the first and the last point and one NaN a part.
 */
export function thin(points: Points, maxPoints: number, axis: 'step' | 'time'): Points {
  const { steps, values } = points
  const count = steps.length
  if (count <= Math.max(4, maxPoints)) return points
  const places = axis === 'step' ? steps : points.times
  const first = places[0] as number
  const span = (places[count - 1] as number) - first
  const parts = Math.max(1, Math.floor((Math.max(4, maxPoints) - 2) / 3))
  const partOfPoint = (index: number): number =>
    span > 0
      ? Math.min(parts - 1, Math.floor((((places[index] as number) - first) / span) * parts))
      : Math.min(parts - 1, Math.floor((index / count) * parts))
  const kept = new Set<number>([0, count - 1])
  let part = -1
  let [least, greatest, missing] = [-1, -1, -1]
  const keep = (): void => {
    for (const index of [least, greatest, missing]) if (index >= 0) kept.add(index)
    ;[least, greatest, missing] = [-1, -1, -1]
  }
  for (let index = 0; index < count; index++) {
    const own = partOfPoint(index)
    if (own !== part) keep()
    part = own
    const value = values[index] as number
    if (Number.isNaN(value)) missing = index
    else {
      if (least < 0 || value < (values[least] as number)) least = index
      if (greatest < 0 || value > (values[greatest] as number)) greatest = index
    }
  }
  keep()
  return pick(
    points,
    [...kept].sort((a, b) => a - b)
  )
}

function pick({ steps, times, values }: Points, indices: readonly number[]): Points {
  const of = (numbers: Float64Array): Float64Array =>
    Float64Array.from(indices, (index) => numbers[index] as number)
  return { steps: of(steps), times: of(times), values: of(values) }
}
