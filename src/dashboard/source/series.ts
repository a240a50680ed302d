import type { SeriesColumns } from '../../service/runs.ts'
import type { Workspace } from '../../service/workspace.ts'
import type { SeriesRequest } from './requests.ts'
import type { SeriesAnswer, SeriesData } from './run-answers.ts'
import { requireRun } from './run-page.ts'
import type { CallOptions } from './source.ts'

const DEFAULT_POINTS = 2000

/** Points of one series, in order. */
export type Points = Pick<SeriesColumns, 'steps' | 'times' | 'values'>

/** So many points of runs that have ended are kept, 24 bytes each. */
const KEPT_POINTS = 2_000_000

/** Makes what reads series of runs; it keeps those that were read last, so that one can zoom. */
export function createSeriesReader(workspace: Workspace) {
  const kept = new Map<string, readonly SeriesColumns[]>()
  const read = async (
    address: string,
    { metrics }: SeriesRequest,
    { signal }: CallOptions
  ): Promise<{ readonly run: string; readonly columns: readonly SeriesColumns[] }> => {
    const run = await requireRun(workspace, address)
    // What a commit holds of a run that has ended never changes.
    const key = `${run.address}@${run.commitOid} ${JSON.stringify(metrics)}`
    const known = kept.get(key)
    if (known !== undefined) return { run: run.address, columns: known }
    const columns = await workspace.runs.seriesColumns(run.address, {
      ...(metrics === undefined ? {} : { metrics }),
      ...(signal === undefined ? {} : { signal })
    })
    for (const { steps } of columns) numberSteps(steps)
    if (run.fields.status !== 'running') keep(kept, key, columns)
    return { run: run.address, columns }
  }
  return {
    series: async (request: SeriesRequest, call: CallOptions): Promise<SeriesAnswer> => {
      const series: SeriesData[] = []
      for (const address of request.runs) {
        const { run, columns } = await read(address, request, call)
        for (const { metric, split, ...points } of columns) {
          const name = { run, metric, ...(split === undefined ? {} : { split }) }
          series.push({ ...name, ...selectPoints(points, request) })
        }
      }
      return { series }
    }
  }
}

/** Gives points without a step their place as one. */
function numberSteps(steps: Float64Array): void {
  for (let at = 0; at < steps.length && Number.isNaN(steps[at]); at++) steps[at] = at
}

/** Keeps what was read last, as far as there is room. */
function keep(
  kept: Map<string, readonly SeriesColumns[]>,
  key: string,
  columns: readonly SeriesColumns[]
): void {
  kept.set(key, columns)
  const sizeOf = (all: readonly SeriesColumns[]): number =>
    all.reduce((sum, { steps }) => sum + steps.length, 0)
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
  const isThinned = thinned !== part
  // What is kept here is not given away.
  const given = isThinned ? thinned : copyOf(part)
  return { ...given, total: points.steps.length, isThinned }
}

function copyOf({ steps, times, values }: Points): Points {
  return { steps: steps.slice(), times: times.slice(), values: values.slice() }
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
  const [first, last] = [Math.max(0, start - 1), Math.min(places.length, end + 1)]
  return {
    steps: points.steps.subarray(first, last),
    times: points.times.subarray(first, last),
    values: points.values.subarray(first, last)
  }
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
  // Without a span, points are divided by their number.
  const scale = span > 0 ? parts / span : parts / count
  const kept: number[] = [0]
  let part = -1
  for (let index = 0; index < count; ) {
    const away = span > 0 ? (places[index] as number) - first : index
    part = Math.min(parts - 1, Math.max(part + 1, Math.floor(away * scale)))
    const end = part === parts - 1 ? Number.POSITIVE_INFINITY : (part + 1) / scale
    let least = -1
    let greatest = -1
    let missing = -1
    do {
      const value = values[index] as number
      if (Number.isNaN(value)) missing = index
      else {
        if (least < 0 || value < (values[least] as number)) least = index
        if (greatest < 0 || value > (values[greatest] as number)) greatest = index
      }
      index++
    } while (index < count && (span > 0 ? (places[index] as number) - first : index) < end)
    for (const found of [least, greatest, missing]) if (found >= 0) kept.push(found)
  }
  kept.push(count - 1)
  const inOrder = Uint32Array.from(kept).sort()
  return pick(
    points,
    inOrder.filter((index, at) => index !== inOrder[at - 1])
  )
}

function pick({ steps, times, values }: Points, indices: Uint32Array): Points {
  const of = (numbers: Float64Array): Float64Array =>
    Float64Array.from(indices, (index) => numbers[index] as number)
  return { steps: of(steps), times: of(times), values: of(values) }
}
