import type { OverviewColumns, SeriesColumns } from '../../service/runs.ts'
import { OVERVIEW_POINTS, type SeriesArrays, thinSeries } from '../../service/thin-series.ts'
import type { Workspace } from '../../service/workspace.ts'
import type { SeriesRequest } from './requests.ts'
import type { SeriesAnswer, SeriesData } from './run-answers.ts'
import { requireRun } from './run-page.ts'
import type { CallOptions } from './source.ts'

const DEFAULT_POINTS = 2000

/** So many points of runs that have ended are kept, 24 bytes each. */
const KEPT_POINTS = 2_000_000

/** A series, or what a chart can show of it. */
type FoundSeries = SeriesColumns & Partial<Pick<OverviewColumns, 'count'>>

/** Makes what reads series of runs; it keeps those that were read last, so that one can zoom. */
export function createSeriesReader(workspace: Workspace) {
  const kept = new Map<string, readonly SeriesColumns[]>()
  const read = async (
    address: string,
    request: SeriesRequest,
    { signal }: CallOptions
  ): Promise<{ readonly run: string; readonly columns: readonly FoundSeries[] }> => {
    const { metrics } = request
    const run = await requireRun(workspace, address)
    // What a commit holds of a run that has ended never changes.
    const key = `${run.address}@${run.commitOid} ${JSON.stringify(metrics)}`
    const known = kept.get(key)
    if (known !== undefined) return { run: run.address, columns: known }
    const options = signal === undefined ? {} : { signal }
    const overview = isOverview(request)
      ? await workspace.runs.seriesOverview(run.address, options)
      : undefined
    if (overview !== undefined) {
      const isWanted = ({ metric }: SeriesColumns): boolean => metrics?.includes(metric) !== false
      return { run: run.address, columns: overview.filter(isWanted) }
    }
    const columns = await workspace.runs.seriesColumns(run.address, {
      ...options,
      ...(metrics === undefined ? {} : { metrics })
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
        for (const { metric, split, count, ...points } of columns) {
          const name = { run, metric, ...(split === undefined ? {} : { split }) }
          const selected = selectPoints(points, request)
          const total = count ?? selected.total
          const isThinned = selected.isThinned || selected.total < total
          series.push({ ...name, ...selected, total, isThinned })
        }
      }
      return { series }
    }
  }
}

/** Tells whether an overview says as much as the series. */
function isOverview({ from, to, maxPoints = DEFAULT_POINTS }: SeriesRequest): boolean {
  return from === undefined && to === undefined && maxPoints <= OVERVIEW_POINTS
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
  points: SeriesArrays,
  request: Omit<SeriesRequest, 'runs' | 'metrics'>
): Omit<SeriesData, 'run' | 'metric' | 'split'> {
  const { maxPoints = DEFAULT_POINTS, axis = 'step' } = request
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = request
  const part = partOf(points, axis, { from, to })
  const thinned = thinSeries(part, maxPoints, axis)
  const isThinned = thinned !== part
  // What is kept here is not given away.
  const given = isThinned ? thinned : copyOf(part)
  return { ...given, total: points.steps.length, isThinned }
}

function copyOf({ steps, times, values }: SeriesArrays): SeriesArrays {
  return { steps: steps.slice(), times: times.slice(), values: values.slice() }
}

/** Returns the points of a part of the axis, with one more on each side so that a line goes through. */
function partOf(
  points: SeriesArrays,
  axis: 'step' | 'time',
  { from, to }: { readonly from: number; readonly to: number }
): SeriesArrays {
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
