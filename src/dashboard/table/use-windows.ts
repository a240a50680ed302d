import { useEffect, useLayoutEffect, useReducer, useRef } from 'preact/hooks'
import { dataVersion } from '../live.ts'
import type { Source } from '../source/source.ts'
import { RunWindows, type TableQuery } from './run-windows.ts'

const FIRST_ROWS = 60

/** The rows that are shown, and whether those of a newer question are on their way. */
export interface ShownWindows {
  /** `undefined` before the first answer. */
  readonly windows: RunWindows | undefined
  readonly isLoading: boolean
  /** Why the newest question has no answer. */
  readonly error: unknown
  readonly retry: () => void
}

/** Asks a question whenever it changes; the rows of the last one stay until the next one's are here. */
export function useWindows(source: Source, query: TableQuery | undefined): ShownWindows {
  const [turn, redraw] = useReducer((count: number) => count + 1, 0)
  const shown = useRef<RunWindows | undefined>(undefined)
  const newest = useRef<RunWindows | undefined>(undefined)
  const key = query === undefined ? undefined : JSON.stringify(query)
  // Asked before the page is drawn, not behind it.
  useLayoutEffect(() => {
    if (query === undefined) return
    const next = new RunWindows(source, query, () => {
      if (next.answer !== undefined && newest.current === next && shown.current !== next) {
        shown.current?.close()
        shown.current = next
      }
      redraw(undefined)
    })
    newest.current = next
    next.show(0, FIRST_ROWS)
    redraw(undefined)
    return () => {
      if (shown.current !== next) next.close()
    }
  }, [source, key])
  useEffect(() => () => shown.current?.close(), [])
  const version = dataVersion.value
  useEffect(() => {
    if (version > 0) newest.current?.refresh()
  }, [version])
  void turn
  return {
    windows: shown.current,
    isLoading: newest.current !== shown.current || newest.current === undefined,
    error: newest.current?.error,
    retry: () => newest.current?.refresh()
  }
}
