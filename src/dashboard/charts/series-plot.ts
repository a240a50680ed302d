import uPlot from 'uplot'
import { type ChartLine, type ChartRange, rangeOf } from './chart-line.ts'
import { type Palette, readPalette, watchTheme } from './palette.ts'
import { type PlotData, type PlotSettings, plotData } from './plot-data.ts'
import { formatElapsed, formatTick } from './ticks.ts'
import { followFingers } from './touch.ts'

/** What a plot shows. */
export interface PlotView {
  readonly lines: readonly ChartLine[]
  readonly settings: PlotSettings
  /** The part of x that is shown. Default: all. */
  readonly zoom?: ChartRange | undefined
}

/** What the cursor points at; of each line the nearest point. */
export interface PlotCursor {
  readonly x: number
  readonly values: readonly (number | undefined)[]
}

/** What a plot tells. */
export interface PlotEvents {
  onZoom(range: ChartRange | undefined): void
  onCursor(cursor: PlotCursor | undefined): void
}

const HEIGHT = 220
const FONT = '11px system-ui, sans-serif'

/** Draws lines on a canvas, with a cursor, and zoom by dragging or with two fingers. */
export class SeriesPlot {
  readonly #container: HTMLElement
  readonly #events: PlotEvents
  readonly #observer: ResizeObserver
  readonly #endTheme: () => void
  #view: PlotView
  #range: ChartRange
  /** What the lines cover; of a part that was asked for anew they may hold no more than that. */
  #all: ChartRange
  #shape = ''
  #plot: uPlot | undefined
  #endTouch: (() => void) | undefined

  constructor(container: HTMLElement, view: PlotView, events: PlotEvents) {
    this.#container = container
    this.#events = events
    this.#view = view
    this.#range = { min: 0, max: 1 }
    this.#all = this.#range
    this.#observer = new ResizeObserver(() => this.#resize())
    this.#observer.observe(container)
    this.#endTheme = watchTheme(() => this.#draw(true))
    this.#draw(true)
  }

  /** Shows other lines, other settings or another part. */
  update(view: PlotView): void {
    this.#view = view
    this.#draw(false)
  }

  /** Moves the cursor by points; from the first or last one if it was nowhere. */
  moveCursor(by: number): void {
    const plot = this.#plot
    const [x] = plot?.data ?? []
    if (plot === undefined || x === undefined || x.length === 0) return
    const at = plot.cursor.idx ?? (by > 0 ? -1 : x.length)
    const next = Math.min(Math.max(at + by, 0), x.length - 1)
    plot.setCursor({ left: plot.valToPos(x[next] as number, 'x'), top: plot.over.clientHeight / 2 })
  }

  /** Shows a part of what is shown: below 1 less, above 1 more. */
  zoomBy(factor: number): void {
    const { min, max } = this.#range
    const [middle, half] = [(min + max) / 2, ((max - min) * factor) / 2]
    this.#events.onZoom({ min: middle - half, max: middle + half })
  }

  destroy(): void {
    this.#observer.disconnect()
    this.#endTheme()
    this.#endTouch?.()
    this.#plot?.destroy()
    this.#plot = undefined
  }

  get #width(): number {
    return Math.max(this.#container.clientWidth, 120)
  }

  #resize(): void {
    if (this.#plot === undefined || this.#plot.width === this.#width) return
    this.#plot.setSize({ width: this.#width, height: HEIGHT })
    this.#draw(false)
  }

  #draw(isNew: boolean): void {
    const { lines, settings, zoom } = this.#view
    const data = plotData(lines, settings, zoom, this.#width)
    this.#range = data.range
    if (zoom === undefined) this.#all = rangeOf(lines) ?? data.range
    const shape = JSON.stringify([
      lines.map(({ id, color, isFaint }) => [id, color, isFaint]),
      settings.xAxis,
      settings.isLogX,
      settings.isLogY,
      settings.smoothing > 0
    ])
    if (!isNew && shape === this.#shape && this.#plot !== undefined) {
      this.#plot.setData(data.aligned)
      return
    }
    this.#shape = shape
    this.#endTouch?.()
    this.#plot?.destroy()
    this.#plot = new uPlot(this.#options(data), data.aligned, this.#container)
    this.#endTouch = this.#followFingers(this.#plot)
  }

  /** On a logarithmic axis fingers hold logarithms. */
  #followFingers(plot: uPlot): () => void {
    const { isLogX } = this.#view.settings
    const value = (place: number): number => (isLogX ? 10 ** place : place)
    return followFingers(plot.over, {
      placeAt: (left) => {
        const at = plot.posToVal(left, 'x')
        return isLogX ? Math.log10(at) : at
      },
      get width() {
        return plot.over.clientWidth
      },
      read: (left, top) => plot.setCursor({ left, top }),
      show: ({ min, max }, isDone) => {
        const all = this.#all
        const range = {
          min: Math.max(value(min), all.min),
          max: Math.min(value(max), all.max)
        }
        if (range.max <= range.min) return
        const isAll = range.min <= all.min && range.max >= all.max
        if (isDone) this.#events.onZoom(isAll ? undefined : range)
        else {
          this.#range = range
          plot.setScale('x', range)
        }
      },
      showAll: () => this.#events.onZoom(undefined)
    })
  }

  #options(data: PlotData): uPlot.Options {
    const { settings } = this.#view
    const palette = readPalette(this.#container)
    return {
      width: this.#width,
      height: HEIGHT,
      legend: { show: false },
      scales: scalesOf(settings, () => this.#range),
      series: [{}, ...this.#series(palette, data.aligned.length - 1)],
      axes: axesOf(settings, palette),
      cursor: {
        points: { size: 7 },
        drag: { x: true, y: false, setScale: false, dist: 4 },
        dataIdx: nearestPoint,
        bind: {
          dblclick: () => () => {
            this.#events.onZoom(undefined)
            return null
          }
        }
      },
      hooks: {
        setCursor: [(plot) => this.#tellCursor(plot)],
        setSelect: [(plot) => this.#tellZoom(plot)]
      }
    }
  }

  #series(palette: Palette, count: number): uPlot.Series[] {
    const { lines } = this.#view
    return Array.from({ length: count }, (_, i) => {
      const { color, isFaint } = lines[i % lines.length] as ChartLine
      const isBehind = i >= lines.length
      return {
        stroke: palette.lines[color % palette.lines.length] as string,
        width: isBehind || isFaint === true ? 1 : 1.75,
        alpha: isBehind ? 0.28 : isFaint === true ? 0.6 : 1,
        points: { show: (plot, row) => !isBehind && pointsOf(plot, row) < 2 }
      }
    })
  }

  #tellCursor(plot: uPlot): void {
    const { idx, idxs } = plot.cursor
    const x = idx === null || idx === undefined ? undefined : plot.data[0][idx]
    if (x === undefined || (plot.cursor.left ?? -1) < 0) {
      this.#events.onCursor(undefined)
      return
    }
    const values = this.#view.lines.map((_, i) => {
      const at = idxs?.[i + 1]
      return at === null || at === undefined ? undefined : (plot.data[i + 1]?.[at] ?? undefined)
    })
    this.#events.onCursor({ x, values })
  }

  #tellZoom(plot: uPlot): void {
    const { left, width } = plot.select
    if (width < 4) return
    const range = { min: plot.posToVal(left, 'x'), max: plot.posToVal(left + width, 'x') }
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
    this.#events.onZoom(range)
  }
}

function scalesOf({ xAxis, isLogX, isLogY }: PlotSettings, range: () => ChartRange): uPlot.Scales {
  return {
    x: {
      time: xAxis === 'clock',
      distr: isLogX ? 3 : 1,
      range: () => {
        const { min, max } = range()
        return [min, max]
      }
    },
    y: {
      distr: isLogY ? 3 : 1,
      range: (_, min, max) => {
        // What is empty gives null, whatever the types say.
        if (min === null || max === null) return isLogY ? [1, 10] : [0, 1]
        return isLogY ? uPlot.rangeLog(min, max, 10, false) : uPlot.rangeNum(min, max, 0.1, true)
      }
    }
  }
}

function axesOf({ xAxis }: PlotSettings, { text, grid }: Palette): uPlot.Axis[] {
  const common = {
    stroke: text,
    font: FONT,
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1, size: 4 },
    gap: 4
  }
  const format = xAxis === 'elapsed' ? formatElapsed : formatTick
  const values =
    xAxis === 'clock' ? {} : { values: (_: uPlot, at: number[]) => at.map((each) => format(each)) }
  return [
    { ...common, size: 28, space: 60, ...values },
    {
      ...common,
      values: (_, at) => at.map((each) => formatTick(each)),
      size: (_, labels) =>
        Math.max(...(labels ?? []).map((label) => (label ?? '').length), 2) * 6.4 + 14
    }
  ]
}

/** Returns the nearest index at which a row has a value. */
function nearestPoint(plot: uPlot, row: number, hovered: number): number {
  const values = plot.data[row] ?? []
  for (let away = 0; away < values.length; away++) {
    for (const at of [hovered - away, hovered + away]) {
      if (values[at] !== null && values[at] !== undefined) return at
    }
  }
  return hovered
}

function pointsOf(plot: uPlot, row: number): number {
  let count = 0
  for (const value of plot.data[row] ?? []) {
    if (value !== null && value !== undefined && ++count > 1) break
  }
  return count
}
