import uPlot from 'uplot'
import { type ChartLine, type ChartRange, rangeOf } from './chart-line.ts'
import { downsample } from './downsample.ts'
import { smooth } from './smooth.ts'

/** What x is: a step, seconds since the start of the run, or seconds since 1970. */
export type XAxis = 'step' | 'elapsed' | 'clock'

/** How lines are drawn. */
export interface PlotSettings {
  readonly xAxis: XAxis
  readonly isLogX: boolean
  readonly isLogY: boolean
  /** 0 (not at all) to below 1. */
  readonly smoothing: number
}

/** Lines on one axis, as they are drawn. */
export interface PlotData {
  readonly range: ChartRange
  /** Of each line one row; with smoothing a second one each behind them, as it was measured. */
  readonly aligned: uPlot.AlignedData
}

/** Picks what is drawn of lines in a range. */
export function plotData(
  lines: readonly ChartLine[],
  settings: PlotSettings,
  zoom: ChartRange | undefined,
  columns: number
): PlotData {
  const range = visibleRange(lines, settings, zoom)
  const { isLogX, isLogY, smoothing } = settings
  const tableOf = ({ x }: ChartLine, y: ArrayLike<number>): uPlot.AlignedData => {
    const points = downsample(x, y, { range, columns, isLogX, isLogY })
    return [points.x as number[], points.y as (number | null)[]]
  }
  const tables = lines.map((line) => tableOf(line, smooth(line.y, smoothing)))
  if (smoothing > 0) tables.push(...lines.map((line) => tableOf(line, line.y)))
  return { range, aligned: tables.length === 0 ? [[]] : uPlot.join(tables) }
}

function visibleRange(
  lines: readonly ChartLine[],
  { isLogX }: PlotSettings,
  zoom: ChartRange | undefined
): ChartRange {
  let { min, max } = zoom ?? rangeOf(lines) ?? { min: 0, max: 1 }
  if (isLogX) {
    const positive = lines.flatMap(({ x }) => {
      const first = Array.prototype.find.call(x, (value: number) => value > 0)
      return first === undefined ? [] : [first as number]
    })
    if (min <= 0) min = positive.length === 0 ? 1 : Math.min(...positive)
    if (max <= min) max = min * 10
    return { min, max }
  }
  return min === max ? { min: min - 0.5, max: max + 0.5 } : { min, max }
}
