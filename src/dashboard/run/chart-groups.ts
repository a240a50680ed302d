import type { ChartLine } from '../charts/chart-line.ts'
import type { XAxis } from '../charts/plot-data.ts'
import type { SeriesData } from '../source/run-answers.ts'
import { placeOfMetric } from './metric-groups.ts'

/** Lines that are drawn together. */
export interface ChartGroup {
  readonly title: string
  readonly lines: readonly ChartLine[]
}

/** What is known of a run whose series are drawn. */
export interface ChartRun {
  readonly address: string
  readonly label: string
  /** Milliseconds since 1970. */
  readonly startedMs?: number
}

/**
 * Puts the series of runs into charts. Of one run, lines are told apart by colours for what they are,
 * or by their splits; of several, each run has its colour.
 */
export function groupCharts(
  series: readonly SeriesData[],
  runs: readonly ChartRun[],
  xAxis: XAxis
): readonly ChartGroup[] {
  const groups = new Map<string, SeriesData[]>()
  for (const each of series) {
    if (each.total < 2) continue
    const { chart } = placeOfMetric(each.metric)
    groups.set(chart, [...(groups.get(chart) ?? []), each])
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([title, members]) => ({ title, lines: linesOf(title, members, runs, xAxis) }))
}

function linesOf(
  title: string,
  members: readonly SeriesData[],
  runs: readonly ChartRun[],
  xAxis: XAxis
): readonly ChartLine[] {
  const isOne = runs.length === 1
  const splits = [...new Set(members.map(({ split }) => split ?? ''))].sort()
  const sorted = [...members].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  return sorted.map((data, index) => {
    const at = runs.findIndex(({ address }) => address === data.run)
    const { role, isTraining } = placeOfMetric(data.metric)
    const what = [role, data.split ?? ''].filter((part) => part !== '').join(' ')
    const label = isOne ? what || title : [runs[at]?.label ?? data.run, what].join(' ').trim()
    const { x, y } = pointsOf(data, runs[at]?.startedMs, xAxis)
    return {
      id: `${data.run} ${keyOf(data)}`,
      label,
      x,
      y,
      color: !isOne
        ? Math.max(at, 0)
        : splits.length > 1
          ? splits.indexOf(data.split ?? '')
          : index,
      isFaint: isTraining && members.some(({ metric }) => !placeOfMetric(metric).isTraining)
    }
  })
}

function keyOf({ metric, split }: SeriesData): string {
  return `${metric} ${split ?? ''}`
}

/** Returns the points on an axis, in its order. */
function pointsOf(
  { steps, times, values }: SeriesData,
  startedMs: number | undefined,
  xAxis: XAxis
): { readonly x: ArrayLike<number>; readonly y: ArrayLike<number> } {
  if (xAxis === 'step') return { x: steps, y: values }
  const fromMs = xAxis === 'clock' ? 0 : (startedMs ?? times[0] ?? 0)
  const x = times.map((time) => (time - fromMs) / 1000)
  if (isSorted(x)) return { x, y: values }
  // Several processes may have written at once.
  const order = Uint32Array.from(x.keys()).sort((a, b) => (x[a] as number) - (x[b] as number))
  return {
    x: Float64Array.from(order, (at) => x[at] as number),
    y: Float64Array.from(order, (at) => values[at] as number)
  }
}

function isSorted(values: Float64Array): boolean {
  for (let i = 1; i < values.length; i++) {
    if ((values[i] as number) < (values[i - 1] as number)) return false
  }
  return true
}
