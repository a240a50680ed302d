import uPlot from 'uplot'
import { readPalette, watchTheme } from './palette.ts'
import { formatTick } from './ticks.ts'

/** A point of a scatter chart. */
export interface ScatterPoint {
  readonly id: string
  readonly label: string
  readonly x: number
  readonly y: number
  readonly color: number
  /** Whether it stays in the background. */
  readonly isFaint?: boolean
}

/** What a scatter chart shows. */
export interface ScatterView {
  readonly points: readonly ScatterPoint[]
  readonly isLogX: boolean
  readonly isLogY: boolean
  /** Names for the places 0, 1, … of x, if they are no numbers. */
  readonly categories?: readonly string[] | undefined
}

/** What a scatter chart tells. */
export interface ScatterEvents {
  onPoint(point: ScatterPoint | undefined): void
  onOpen(point: ScatterPoint): void
}

/** How near the pointer must come, in pixels. */
const NEAR = 24

/** Draws points on a canvas; returns what ends that. */
export function drawScatter(
  container: HTMLElement,
  view: ScatterView,
  events: ScatterEvents
): () => void {
  const points = [...view.points]
    .filter(({ x, y }) => (!view.isLogX || x > 0) && (!view.isLogY || y > 0))
    .sort((a, b) => a.x - b.x)
  let plot: uPlot | undefined
  const width = (): number => Math.max(container.clientWidth, 120)
  const size = (): { width: number; height: number } => ({
    width: width(),
    height: Math.round(Math.min(440, Math.max(260, width() * 0.36)))
  })
  const draw = (): void => {
    plot?.destroy()
    plot = new uPlot(optionsOf(container, view, points, size(), events), dataOf(points), container)
  }
  draw()
  const observer = new ResizeObserver(() => plot?.setSize(size()))
  observer.observe(container)
  const endTheme = watchTheme(draw)
  return () => {
    observer.disconnect()
    endTheme()
    plot?.destroy()
  }
}

/** One row for each colour, so that uPlot draws each by itself. */
function dataOf(points: readonly ScatterPoint[]): uPlot.AlignedData {
  return [
    points.map(({ x }) => x),
    ...layersOf(points).map((layer) =>
      points.map((point) => (isOf(layer, point) ? point.y : undefined))
    )
  ]
}

type Layer = Pick<ScatterPoint, 'color' | 'isFaint'>

/** What is drawn one above the other: the background first. */
function layersOf(points: readonly ScatterPoint[]): readonly Layer[] {
  const layers: Layer[] = []
  for (const point of points) if (!layers.some((layer) => isOf(layer, point))) layers.push(point)
  return layers.sort((a, b) => Number(b.isFaint === true) - Number(a.isFaint === true))
}

function isOf({ color, isFaint }: Layer, point: ScatterPoint): boolean {
  return point.color === color && point.isFaint === isFaint
}

function optionsOf(
  container: HTMLElement,
  view: ScatterView,
  points: readonly ScatterPoint[],
  size: { readonly width: number; readonly height: number },
  events: ScatterEvents
): uPlot.Options {
  const palette = readPalette(container)
  const axis = {
    stroke: palette.text,
    font: '11px system-ui, sans-serif',
    grid: { stroke: palette.grid, width: 1 },
    ticks: { stroke: palette.grid, width: 1, size: 4 }
  }
  let near: ScatterPoint | undefined
  return {
    ...size,
    legend: { show: false },
    scales: {
      x: { time: false, distr: view.isLogX ? 3 : 1, range: padded(view.isLogX) },
      y: { distr: view.isLogY ? 3 : 1, range: padded(view.isLogY) }
    },
    series: [
      {},
      ...layersOf(points).map(({ color, isFaint }): uPlot.Series => {
        const stroke = palette.lines[color % palette.lines.length] as string
        const size = isFaint === true ? 7 : 12
        return {
          stroke,
          alpha: isFaint === true ? 0.5 : 1,
          paths: () => null,
          points: { show: true, size, fill: stroke }
        }
      })
    ],
    axes: [
      { ...axis, size: 30, ...ticksOf(view.categories) },
      { ...axis, size: 56, values: (_, at) => at.map((each) => formatTick(each)) }
    ],
    cursor: {
      drag: { x: false, y: false },
      points: { show: false },
      bind: {
        click: () => () => {
          if (near !== undefined) events.onOpen(near)
          return null
        }
      }
    },
    hooks: {
      setCursor: [
        (plot) => {
          const found = nearest(plot, points)
          if (found === near) return
          near = found
          events.onPoint(found)
        }
      ]
    }
  }
}

function ticksOf(categories: readonly string[] | undefined): Partial<uPlot.Axis> {
  if (categories === undefined) return { values: (_, at) => at.map((each) => formatTick(each)) }
  return {
    splits: () => categories.map((_, i) => i),
    values: (_, at) => at.map((each) => (categories[each] ?? '').slice(0, 14))
  }
}

function padded(isLog: boolean): uPlot.Range.Function {
  return (_, min, max) => {
    if (min === null || max === null) return isLog ? [1, 10] : [0, 1]
    if (isLog) return [min / 1.3, max * 1.3]
    const pad = (max - min) * 0.06 || Math.abs(max) * 0.1 || 0.5
    return [min - pad, max + pad]
  }
}

function nearest(plot: uPlot, points: readonly ScatterPoint[]): ScatterPoint | undefined {
  const { left = -1, top = -1 } = plot.cursor
  if (left < 0 || top < 0) return undefined
  let [found, distance]: [ScatterPoint | undefined, number] = [undefined, NEAR]
  for (const point of points) {
    const away = Math.hypot(plot.valToPos(point.x, 'x') - left, plot.valToPos(point.y, 'y') - top)
    if (away < distance) [found, distance] = [point, away]
  }
  return found
}
