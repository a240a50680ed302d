import { compareCodePoints } from '../base/bytes.ts'
import type { MetricSummary } from '../model/records.ts'
import type { SeriesPoint } from './series-lines.ts'

/** A point with its place among all of a run. */
export interface PlacedPoint extends SeriesPoint {
  readonly writer: string
}

/** The points of a part of a series. */
export interface WriterPoints {
  readonly writer: string
  /** The part's number. Default: 0. */
  readonly number?: number
  readonly points: readonly SeriesPoint[]
}

/** When metrics were removed last, in milliseconds since 1970. */
export type RemovedMetrics = { readonly [metric: string]: number }

/** Orders points by step, time and writer; points without a step come first. Those of a writer are in order. */
export function comparePoints(a: PlacedPoint, b: PlacedPoint): number {
  const stepA = a.step ?? Number.NEGATIVE_INFINITY
  const stepB = b.step ?? Number.NEGATIVE_INFINITY
  if (stepA !== stepB) return stepA < stepB ? -1 : 1
  return a.time - b.time || compareCodePoints(a.writer, b.writer)
}

/**
 * Returns the points that count, in order (docs/FORMAT.md, “Series”).
 *
 * Of points of one metric, split and step the last counts; of a removed metric only what came later.
 */
export function joinSeries(
  parts: readonly WriterPoints[],
  removed: RemovedMetrics = {}
): readonly PlacedPoint[] {
  const points = placePoints(parts)
    .filter(
      ({ metric, time }) => !Object.hasOwn(removed, metric) || time > (removed[metric] as number)
    )
    .sort(comparePoints)
  return latestPoints(points)
}

/** Leaves of points of one metric, split and step the last; they are in order, so those of a step lie together. */
function latestPoints(points: readonly PlacedPoint[]): readonly PlacedPoint[] {
  const kept: PlacedPoint[] = []
  for (let start = 0; start < points.length; ) {
    const first = points[start] as PlacedPoint
    let end = start + 1
    while (end < points.length && points[end]?.step === first.step) end++
    const latest = new Map<string, PlacedPoint>()
    if (first.step !== undefined && end - start > 1) {
      for (let at = start; at < end; at++) {
        const point = points[at] as PlacedPoint
        latest.set(seriesKey(point), point)
      }
    }
    for (let at = start; at < end; at++) {
      const point = points[at] as PlacedPoint
      if (latest.size === 0 || latest.get(seriesKey(point)) === point) kept.push(point)
    }
    start = end
  }
  return kept
}

/** Sums the series of a run up, by metric (docs/FORMAT.md, “Summaries”). */
export function summarizeSeries(
  parts: readonly WriterPoints[],
  removed: RemovedMetrics = {}
): { readonly [metric: string]: MetricSummary } {
  const byMetric = new Map<string, PlacedPoint[]>()
  for (const point of joinSeries(parts, removed)) {
    const points = byMetric.get(point.metric)
    if (points === undefined) byMetric.set(point.metric, [point])
    else points.push(point)
  }
  return Object.fromEntries(
    [...byMetric]
      .sort(([a], [b]) => compareCodePoints(a, b))
      .map(([metric, points]) => [metric, summarizeMetric(points)])
  )
}

/** Sums the points of one metric up; they are in order, and at least one. */
function summarizeMetric(points: readonly PlacedPoint[]): MetricSummary {
  const overall = points.findLast((point) => point.split === undefined)
  const bySplit = new Map<string, PlacedPoint>()
  for (const point of points) if (point.split !== undefined) bySplit.set(point.split, point)
  // A sum depends on its order: the splits' names fix it.
  const values = [...bySplit.keys()]
    .sort(compareCodePoints)
    .map((split) => (bySplit.get(split) as PlacedPoint).value)
  const mean = values.length === 0 ? undefined : meanOf(values)
  const last = overall ?? (points.at(-1) as PlacedPoint)
  const std = values.length < 2 ? undefined : deviationOf(values, mean as number)
  return {
    last: overall === undefined ? (mean as number) : overall.value,
    min: extremeOf(points, (a, b) => a < b),
    max: extremeOf(points, (a, b) => a > b),
    count: points.length,
    ...(last.step !== undefined && { step: last.step }),
    ...(mean !== undefined && { mean }),
    ...(std !== undefined && { std })
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function deviationOf(values: readonly number[], mean: number): number {
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return Math.sqrt(squares / (values.length - 1))
}

/** Returns the extreme of the values that are numbers; NaN if none is. */
function extremeOf(
  points: readonly PlacedPoint[],
  isBeyond: (a: number, b: number) => boolean
): number {
  let extreme = Number.NaN
  for (const { value } of points) {
    if (Number.isNaN(extreme) || isBeyond(value, extreme)) extreme = value
  }
  return extreme
}

function placePoints(parts: readonly WriterPoints[]): PlacedPoint[] {
  const placed: PlacedPoint[] = []
  for (const { writer, points } of [...parts].sort((a, b) => (a.number ?? 0) - (b.number ?? 0))) {
    for (const point of points) placed.push(placePoint(point, writer))
  }
  return placed
}

/** Written out, since there may be millions of points. */
function placePoint(
  { step, time, metric, split, value }: SeriesPoint,
  writer: string
): PlacedPoint {
  if (split === undefined) {
    if (step === undefined) return { time, metric, value, writer }
    return { step, time, metric, value, writer }
  }
  if (step === undefined) return { time, metric, split, value, writer }
  return { step, time, metric, split, value, writer }
}

function seriesKey({ metric, split }: SeriesPoint): string {
  return `${split === undefined ? '' : `${split.length}`}\0${split ?? ''}\0${metric}`
}
