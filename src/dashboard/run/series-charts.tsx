import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { ChartRange } from '../charts/chart-line.ts'
import type { PlotSettings, XAxis } from '../charts/plot-data.ts'
import { SeriesChart } from '../charts/series-chart.tsx'
import { changeParams } from '../navigation.ts'
import { Empty, Loading, Missed, Problem } from '../parts/states.tsx'
import { formatArrival } from '../parts/text.ts'
import type { Route } from '../route.ts'
import type { RunAnswer } from '../source/run-answers.ts'
import type { Source } from '../source/source.ts'
import { ChartControls } from './chart-controls.tsx'
import { type ChartGroup, type ChartRun, groupCharts } from './chart-groups.ts'
import { useSeries } from './use-series.ts'

/** So many charts are there before one asks for the others. */
const SHOWN = 24

/** So far beyond what is in sight charts are drawn. */
const MARGIN_PX = 300

/** Returns the axis along which series are asked for. */
export function axisOf(params: Route['params']): 'step' | 'time' {
  return settingsOf(params).xAxis === 'step' ? 'step' : 'time'
}

/** How the metrics of runs developed: a chart for each, with settings that all share. */
export function SeriesCharts(props: {
  readonly source: Source
  readonly runs: readonly ChartRun[]
  /** Where the settings are remembered. */
  readonly params: Route['params']
  readonly declarations?: RunAnswer['declarations']
}) {
  const { source, runs, params, declarations } = props
  const settings = useMemo(() => settingsOf(params), [params.x, params.smooth, params.log])
  const [zoom, setZoom] = useState<ChartRange>()
  const [isAll, setAll] = useState(false)
  const asked = useAskedRange(zoom, settings.xAxis, runs)
  const { series, progress, error, retry } = useSeries(
    source,
    runs.map(({ address }) => address),
    axisOf(params),
    asked
  )
  useEffect(() => setZoom(undefined), [settings.xAxis, settings.isLogX])
  const known = runs.map(({ address, label }) => `${address} ${label}`).join('\n')
  const groups = useMemo(
    () => (series === undefined ? [] : groupCharts(series, runs, settings.xAxis)),
    [series, settings.xAxis, known]
  )
  if (error !== undefined && series === undefined) return <Problem error={error} onRetry={retry} />
  const arrival = progress === undefined ? undefined : formatArrival(progress)
  if (series === undefined) {
    return (
      <>
        <p class="small muted" role="status">
          {arrival}
        </p>
        <Loading label="Loading the series" lines={6} />
      </>
    )
  }
  if (groups.length === 0) {
    return runs.length === 1 ? null : (
      <Empty title="No series to draw">
        <p>A metric that is logged more than once is drawn here.</p>
      </Empty>
    )
  }
  return (
    <section class="charts" aria-label="Charts">
      <h2 class="visually-hidden">Charts</h2>
      <ChartControls settings={settings} note={arrival} onChange={changeParams} />
      {error === undefined ? null : <Missed error={error} onRetry={retry} />}
      <div class="chart-grid">
        {groups.slice(0, isAll ? undefined : SHOWN).map((group) => (
          <LazyChart
            key={group.title}
            group={group}
            note={declarations === undefined ? undefined : noteOf(group, declarations)}
            settings={settings}
            zoom={zoom}
            onZoom={setZoom}
          />
        ))}
      </div>
      {!isAll && groups.length > SHOWN ? (
        <button type="button" class="button" onClick={() => setAll(true)}>
          Show all {groups.length} charts
        </button>
      ) : null}
    </section>
  )
}

/** Draws a chart when it comes into sight. */
function LazyChart(props: {
  readonly group: ChartGroup
  readonly note: string | undefined
  readonly settings: PlotSettings
  readonly zoom: ChartRange | undefined
  readonly onZoom: (range: ChartRange | undefined) => void
}) {
  const { group, note, settings, zoom, onZoom } = props
  const box = useRef<HTMLDivElement>(null)
  const [isSeen, setSeen] = useState(false)
  useLayoutEffect(() => {
    if (box.current === null) return
    if (box.current.getBoundingClientRect().top < innerHeight + MARGIN_PX) {
      setSeen(true)
      return
    }
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return
        setSeen(true)
        observer.disconnect()
      },
      { rootMargin: `${MARGIN_PX}px` }
    )
    observer.observe(box.current)
    return () => observer.disconnect()
  }, [])
  return (
    <div ref={box} class="chart-place">
      {isSeen ? (
        <SeriesChart
          title={group.title}
          note={note}
          lines={group.lines}
          settings={settings}
          zoom={zoom}
          onZoom={onZoom}
        />
      ) : null}
    </div>
  )
}

function settingsOf({ x, smooth, log }: Route['params']): PlotSettings {
  const smoothing = Number(smooth)
  return {
    xAxis: (['step', 'elapsed', 'clock'] as const).find((axis) => axis === x) ?? ('step' as XAxis),
    isLogX: log === 'x' || log === 'xy',
    isLogY: log === 'y' || log === 'xy',
    smoothing: smoothing > 0 && smoothing < 1 ? smoothing : 0
  }
}

function noteOf(group: ChartGroup, declarations: RunAnswer['declarations']): string | undefined {
  const found = Object.entries(declarations).find(([metric]) => metric === group.title)?.[1]
  return found?.description
}

/** Returns the part that is looked at as a source is asked for it: steps, or milliseconds since 1970. */
function useAskedRange(
  zoom: ChartRange | undefined,
  xAxis: XAxis,
  runs: readonly ChartRun[]
): ChartRange | undefined {
  return useMemo(() => {
    if (zoom === undefined || xAxis === 'step') return zoom
    if (xAxis === 'clock') return { min: zoom.min * 1000, max: zoom.max * 1000 }
    const starts = runs.flatMap(({ startedMs }) => (startedMs === undefined ? [] : [startedMs]))
    if (starts.length !== runs.length) return undefined
    return {
      min: Math.min(...starts) + zoom.min * 1000,
      max: Math.max(...starts) + zoom.max * 1000
    }
  }, [zoom, xAxis])
}
