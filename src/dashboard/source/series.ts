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

/** So many points of runs that have ended are kept, 24 bytes each. */
const KEPT_POINTS = 2_000_000

/** Makes what reads series of runs; it keeps those that were read last, so that one can zoom. */
export function createSeriesReader(workspace: Workspace) {
  const kept = new Map<string, readonly Collector[]>()
  const read = async (
    address: string,
    { metrics }: SeriesRequest,
    { signal }: CallOptions
  ): Promise<readonly Collector[]> => {
    const run = await requireRun(workspace, address)
    // What a commit holds of a run that has ended never changes.
    const key = `${run.address}@${run.commitOid} ${JSON.stringify(metrics)}`
    const known = kept.get(key)
    if (known !== undefined) return known
    const collected = await collect(workspace, run.address, {
      ...(metrics === undefined ? {} : { metrics }),
      ...(signal === undefined ? {} : { signal })
    })
    if (run.fields.status !== 'running') keep(kept, key, collected)
    return collected
  }
  return {
    series: async (request: SeriesRequest, call: CallOptions): Promise<SeriesAnswer> => {
      const series: SeriesData[] = []
      for (const address of request.runs) {
        for (const { run, metric, split, points } of await read(address, request, call)) {
          const name = { run, metric, ...(split === undefined ? {} : { split }) }
          series.push({ ...name, ...selectPoints(points, request) })
        }
      }
      return { series }
    }
  }
}

async function collect(
  { runs }: Workspace,
  run: string,
  options: { readonly metrics?: readonly string[]; readonly signal?: AbortSignal }
): Promise<readonly Collector[]> {
  const collected = new Map<string, Collector>()
  for await (const point of runs.series(run, options)) {
    options.signal?.throwIfAborted()
    const { metric, split } = point
    const name = `${metric}\0${split ?? ''}`
    let collector = collected.get(name)
    if (collector === undefined) {
      collector = new Collector(run, metric, split)
      collected.set(name, collector)
    }
    collector.add(point.step ?? collector.count, point.time, point.value)
  }
  return [...collected.values()]
}

/** Keeps what was read last, as far as there is room. */
function keep(
  kept: Map<string, readonly Collector[]>,
  key: string,
  collected: readonly Collector[]
): void {
  kept.set(key, collected)
  const sizeOf = (all: readonly Collector[]): number => all.reduce((sum, c) => sum + c.count, 0)
  let size = [...kept.values()].reduce((sum, all) => sum + sizeOf(all), 0)
  for (const [oldest, all] of kept) {
    if (size <= KEPT_POINTS) break
    kept.delete(oldest)
    size -= sizeOf(all)
  }
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
  readonly run: string
  readonly metric: string
  readonly split: string | undefined
  count = 0
  #points: Points = empty(64)

  constructor(run: string, metric: string, split: string | undefined) {
    this.run = run
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
    const { steps, times, values } = this.#points
    return {
      steps: steps.subarray(0, this.count),
      times: times.subarray(0, this.count),
      values: values.subarray(0, this.count)
    }
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
