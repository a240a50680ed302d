import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { JsonObject } from '../../base/json.ts'
import type { CsvTable } from '../parts/csv.ts'
import { isAbort } from '../parts/failure.ts'
import type { RowsRequest } from '../source/requests.ts'
import type { RowsAnswer } from '../source/run-answers.ts'
import type { Source } from '../source/source.ts'

const WINDOW = 200

/** Rows of a result, of which those that are looked at are loaded. */
export interface LoadedRows {
  /** What the first window told; `undefined` until it has come. */
  readonly head: RowsAnswer | undefined
  readonly error: unknown
  readonly retry: () => void
  rowAt(index: number): JsonObject | undefined
  /** Loads what is missing of a part. */
  need(from: number, to: number): void
}

/** Loads rows window by window. */
export function useRows(
  source: Source,
  request: Omit<RowsRequest, 'offset' | 'limit'>,
  version: string
): LoadedRows {
  const windows = useRef(new Map<number, readonly JsonObject[] | 'asked'>())
  const turn = useRef(new AbortController())
  const [head, setHead] = useState<RowsAnswer>()
  const [error, setError] = useState<unknown>()
  const [, setCount] = useState(0)
  const [attempt, setAttempt] = useState(0)
  const key = JSON.stringify([request, version])

  const load = useCallback(
    (index: number): void => {
      if (windows.current.has(index)) return
      windows.current.set(index, 'asked')
      const { signal } = turn.current
      source.rows({ ...request, offset: index * WINDOW, limit: WINDOW }, { signal }).then(
        (answer) => {
          if (signal.aborted) return
          windows.current.set(index, answer.rows)
          if (index === 0) setHead(answer)
          setCount((count) => count + 1)
        },
        (reason) => {
          if (signal.aborted || isAbort(reason)) return
          windows.current.delete(index)
          setError(reason)
        }
      )
    },
    [source, key]
  )

  useEffect(() => {
    turn.current = new AbortController()
    windows.current = new Map()
    setError(undefined)
    load(0)
    const { current } = turn
    return () => current.abort()
  }, [source, key, attempt])

  return {
    head,
    error,
    retry: () => setAttempt(attempt + 1),
    rowAt(index) {
      const rows = windows.current.get(Math.floor(index / WINDOW))
      return rows === undefined || rows === 'asked' ? undefined : rows[index % WINDOW]
    },
    need(from, to) {
      if (head === undefined || head.total === 0) return
      for (let at = Math.floor(from / WINDOW); at <= Math.floor(to / WINDOW); at++) load(at)
    }
  }
}

/** So many rows are read at once where all are wanted. */
const BATCH = 5000

/** Reads all rows that pass, as a table. */
export async function readTable(
  source: Source,
  request: Omit<RowsRequest, 'offset' | 'limit'>
): Promise<CsvTable> {
  const rows: JsonObject[] = []
  for (;;) {
    const answer = await source.rows({ ...request, offset: rows.length, limit: BATCH })
    rows.push(...answer.rows)
    if (answer.rows.length > 0 && rows.length < answer.total) continue
    const head = answer.columns.map(({ name }) => name)
    return { head, rows: rows.map((row) => head.map((column) => row[column])) }
  }
}
