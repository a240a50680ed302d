import { useEffect, useLayoutEffect, useState } from 'preact/hooks'
import type { ChartRange } from '../charts/chart-line.ts'
import { liveAnswer } from '../live.ts'
import { isAbort } from '../parts/failure.ts'
import { withWork } from '../parts/load.ts'
import type { SeriesData } from '../source/run-answers.ts'
import type { CallProgress, Source } from '../source/source.ts'
import { withPoints } from './live-series.ts'
import { askSeries, askSeriesAhead } from './series-ahead.ts'

/** More points than a chart has pixels, so that one can zoom before more must be asked for. */
const MAX_POINTS = 6000

/** Series of runs, and those of them that are in progress as they grow. */
export interface LoadedSeries {
  readonly series: readonly SeriesData[] | undefined
  /** How much has come of what has to come first. */
  readonly progress: CallProgress | undefined
  readonly error: unknown
  readonly retry: () => void
}

/** Asks for what `useSeries` will want of a run, while the run itself is still loaded. */
export function useSeriesAhead(
  source: Source,
  address: string,
  axis: 'step' | 'time' | undefined
): void {
  useLayoutEffect(() => {
    if (axis === undefined) return
    return askSeriesAhead(source, { runs: [address], axis, maxPoints: MAX_POINTS })
  }, [source, address])
}

/** Loads series of runs. `zoom`: the part that is looked at, in the axis' own unit. */
export function useSeries(
  source: Source,
  runs: readonly string[],
  axis: 'step' | 'time',
  zoom: ChartRange | undefined
): LoadedSeries {
  const [series, setSeries] = useState<readonly SeriesData[]>()
  const [fine, setFine] = useState<readonly SeriesData[]>()
  const [progress, setProgress] = useState<CallProgress>()
  const [error, setError] = useState<unknown>()
  const [attempt, setAttempt] = useState(0)
  const wanted = runs.join('\n')
  useLayoutEffect(() => {
    if (runs.length === 0) return
    const controller = new AbortController()
    const { signal } = controller
    setError(undefined)
    const request = { runs, axis, maxPoints: MAX_POINTS }
    askSeries(source, request, { signal, onProgress: setProgress }).then(
      (answer) => {
        if (signal.aborted) return
        setSeries(answer.series)
        setProgress(undefined)
      },
      (reason) => {
        if (!signal.aborted && !isAbort(reason)) setError(reason)
      }
    )
    return () => controller.abort()
  }, [source, wanted, axis, attempt])

  const isThinned = series?.some((each) => each.isThinned) === true
  useEffect(() => {
    setFine(undefined)
    if (zoom === undefined || !isThinned) return
    const controller = new AbortController()
    const { signal } = controller
    const range = { from: zoom.min, to: zoom.max, maxPoints: MAX_POINTS }
    // At a remote all text of the series has to come first.
    const call = { signal, onProgress: setProgress }
    withWork(() => source.series({ runs, axis, ...range }, call)).then(
      (answer) => {
        if (signal.aborted) return
        setFine(answer.series)
        setProgress(undefined)
      },
      (reason) => {
        if (signal.aborted || isAbort(reason)) return
        setError(reason)
        setProgress(undefined)
      }
    )
    return () => {
      controller.abort()
      setProgress(undefined)
    }
  }, [source, wanted, axis, zoom, isThinned, attempt])

  const live = liveAnswer.value
  useEffect(() => {
    const known = live?.runs.filter(({ address }) => runs.includes(address)) ?? []
    if (series === undefined || known.length === 0) return
    setSeries(known.reduce((all, run) => withPoints(all, run.address, run.points), series))
  }, [live, series === undefined])
  return { series: fine ?? series, progress, error, retry: () => setAttempt(attempt + 1) }
}
