import { useEffect, useRef, useState } from 'preact/hooks'
import type { CallOptions, CallProgress } from '../source/source.ts'
import { isAbort } from './failure.ts'
import { withWork } from './load.ts'

/** A part of a list. */
export interface Page<T> {
  readonly entries: readonly T[]
  /** What the next one is asked for with; `undefined` if it is the last. */
  readonly next: string | undefined
}

/** Which part of a list is asked for. */
export interface PageWish {
  /** `next` of the page before; `undefined` for the first. */
  readonly from: string | undefined
  readonly limit: number
}

/** A list that comes page by page, as far as somebody wants it. */
export interface Pages<T> {
  /** What has come; `undefined` before anything has. */
  readonly entries: readonly T[] | undefined
  readonly isLoading: boolean
  readonly progress: CallProgress | undefined
  readonly error: unknown
  /** Whether there is more to ask for. */
  readonly hasMore: boolean
  /** Asks for the next page, or again for one that failed or was stopped. */
  readonly more: () => void
  readonly stop: () => void
}

type State<T> = Omit<Pages<T>, 'more' | 'stop'> & { readonly next: string | undefined }

const START = {
  entries: undefined,
  isLoading: false,
  progress: undefined,
  error: undefined,
  hasMore: true,
  next: undefined
} as const

/**
 * Loads the first page when a component appears, and the others when they are asked for. When one of `inputs`
 * changes, as much as was there is loaded anew, and what was there stays until then.
 */
export function usePages<T>(
  load: (wish: PageWish, call: CallOptions) => Promise<Page<T>>,
  inputs: readonly unknown[],
  size: number
): Pages<T> {
  const [state, setState] = useState<State<T>>(START)
  const running = useRef<AbortController | undefined>(undefined)
  const ask = (before: readonly T[], wish: PageWish): void => {
    running.current?.abort()
    const controller = new AbortController()
    running.current = controller
    const { signal } = controller
    const set = (change: Partial<State<T>>): void => {
      if (running.current === controller) setState((known) => ({ ...known, ...change }))
    }
    set({ isLoading: true, error: undefined, progress: undefined })
    const onProgress = (progress: CallProgress): void => set({ progress })
    withWork(() => load(wish, { signal, onProgress })).then(
      ({ entries, next }) =>
        set({
          entries: [...before, ...entries],
          next,
          hasMore: next !== undefined,
          isLoading: false
        }),
      (error: unknown) => set({ isLoading: false, error: isAbort(error) ? undefined : error })
    )
  }
  useEffect(() => {
    const limit = Math.max(size, state.entries?.length ?? 0)
    ask([], { from: undefined, limit })
    return () => {
      running.current?.abort()
      running.current = undefined
    }
  }, inputs as unknown[])
  return {
    ...state,
    more: () => ask(state.entries ?? [], { from: state.next, limit: size }),
    stop: () => running.current?.abort()
  }
}
