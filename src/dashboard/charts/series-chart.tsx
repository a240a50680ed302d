import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { Button } from '../parts/button.tsx'
import { ChartLegend } from './chart-legend.tsx'
import type { ChartLine, ChartRange } from './chart-line.ts'
import { ChartTable, describeLines, formatX } from './chart-table.tsx'
import type { PlotSettings } from './plot-data.ts'
import { type PlotCursor, SeriesPlot } from './series-plot.ts'

/** What a chart of series shows. */
export interface SeriesChartProps {
  readonly title: string
  /** Said below the title. */
  readonly note?: string | undefined
  readonly lines: readonly ChartLine[]
  readonly settings: PlotSettings
  readonly zoom: ChartRange | undefined
  onZoom(range: ChartRange | undefined): void
}

/** Draws series over steps or time, with a legend, zoom and a table that says the same. */
export function SeriesChart(props: SeriesChartProps) {
  const { title, note, lines, settings, zoom, onZoom } = props
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  const [cursor, setCursor] = useState<PlotCursor>()
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<SeriesPlot | undefined>(undefined)
  const events = useRef({ onZoom })
  events.current.onZoom = onZoom
  const shown = useMemo(() => lines.filter(({ id }) => !hidden.has(id)), [lines, hidden])
  const view = { lines: shown, settings, zoom }
  const description = useMemo(
    () => describeLines(title, lines, settings.xAxis),
    [title, lines, settings.xAxis]
  )

  useLayoutEffect(() => {
    if (box.current === null) return
    const drawn = new SeriesPlot(box.current, view, {
      onZoom: (range) => events.current.onZoom(range),
      onCursor: setCursor
    })
    plot.current = drawn
    return () => drawn.destroy()
  }, [])
  useEffect(() => plot.current?.update(view), [shown, settings, zoom])

  const values = new Map(shown.map(({ id }, i) => [id, cursor?.values[i]]))
  return (
    <figure class="chart card">
      <figcaption class="chart-head">
        <div>
          <h3>{title}</h3>
          {note === undefined ? null : <p class="chart-note">{note}</p>}
        </div>
        {zoom === undefined ? null : (
          <Button
            label="Reset zoom"
            icon="refresh"
            size="small"
            onClick={() => onZoom(undefined)}
          />
        )}
      </figcaption>
      <div
        ref={box}
        class="chart-canvas"
        role="img"
        tabindex={0}
        aria-label={`${description} Arrow keys read the points, plus and minus zoom, Escape shows all.`}
        onKeyDown={(event) => onKey(event, plot.current, onZoom)}
      />
      <ChartLegend
        lines={lines}
        hidden={hidden}
        at={cursor === undefined ? undefined : formatX(cursor.x, settings.xAxis)}
        values={values}
        onToggle={(id) => setHidden(toggled(hidden, id))}
      />
      <ChartTable lines={lines} xAxis={settings.xAxis} title={title} />
    </figure>
  )
}

function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(set)
  if (!next.delete(id)) next.add(id)
  return next
}

function onKey(
  event: KeyboardEvent,
  plot: SeriesPlot | undefined,
  onZoom: SeriesChartProps['onZoom']
): void {
  const far = event.shiftKey ? 10 : 1
  const actions: { readonly [key: string]: () => void } = {
    ArrowLeft: () => plot?.moveCursor(-far),
    ArrowRight: () => plot?.moveCursor(far),
    '+': () => plot?.zoomBy(0.5),
    '-': () => plot?.zoomBy(2),
    Escape: () => onZoom(undefined)
  }
  const action = actions[event.key]
  if (action === undefined) return
  event.preventDefault()
  action()
}
