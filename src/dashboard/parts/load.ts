import { effect, signal } from '@preact/signals'
import { useCallback, useEffect, useLayoutEffect, useState } from 'preact/hooks'
import { isAbort } from './failure.ts'

/** What is loaded. The last value stays while the next one comes, or fails. */
export interface Loaded<T> {
  readonly value: T | undefined
  readonly error: unknown
  readonly isLoading: boolean
  readonly reload: () => void
}

/** How many things are under way; the shell shows a line for it. */
export const workCount = signal(0)

/** Does something, and lets the shell show that it is under way. */
export async function withWork<T>(work: () => Promise<T>): Promise<T> {
  workCount.value++
  try {
    return await work()
  } finally {
    workCount.value--
  }
}

/** Resolves when something was under way, and then nothing was for so long. */
export function whenQuiet(ms: number): Promise<void> {
  return new Promise((resolve) => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let hasBegun = false
    const stop = effect(() => {
      const isBusy = workCount.value > 0
      hasBegun ||= isBusy
      clearTimeout(timer)
      if (isBusy || !hasBegun) return
      timer = setTimeout(() => {
        stop()
        resolve()
      }, ms)
    })
  })
}

/**
 * Loads something when a component appears and whenever one of `inputs` changes; what is no longer wanted
 * is aborted. `keep`: shows the value of other inputs meanwhile. Default: false.
 */
export function useLoad<T>(
  load: (signal: AbortSignal) => Promise<T>,
  inputs: readonly unknown[],
  options: { readonly keep?: boolean } = {}
): Loaded<T> {
  const [state, setState] = useState<Omit<Loaded<T>, 'reload'>>(START)
  const [turn, setTurn] = useState(0)
  // It is asked for before what was there is painted, not a frame later.
  useLayoutEffect(() => {
    const controller = new AbortController()
    setState((state) =>
      state.isLoading && state.error === undefined
        ? state
        : { value: state.value, error: undefined, isLoading: true }
    )
    withWork(() => load(controller.signal)).then(
      (value) => {
        if (!controller.signal.aborted) setState({ value, error: undefined, isLoading: false })
      },
      (error) => {
        if (controller.signal.aborted || isAbort(error)) return
        setState(({ value }) => ({ value, error, isLoading: false }))
      }
    )
    return () => {
      controller.abort()
      if (options.keep !== true) setState(START)
    }
  }, inputs as unknown[])
  useEffect(() => {
    if (turn === 0) return
    const controller = new AbortController()
    withWork(() => load(controller.signal)).then(
      (value) => {
        if (!controller.signal.aborted) setState({ value, error: undefined, isLoading: false })
      },
      (error) => {
        if (!controller.signal.aborted)
          setState(({ value }) => ({ value, error, isLoading: false }))
      }
    )
    return () => controller.abort()
  }, [turn])
  const reload = useCallback(() => setTurn((count) => count + 1), [])
  return { ...state, reload }
}

const START = { value: undefined, error: undefined, isLoading: true }
