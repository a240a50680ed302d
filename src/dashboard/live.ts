import { computed, effect, signal } from '@preact/signals'
import { currentRoute } from './navigation.ts'
import { failureOf, isAbort } from './parts/failure.ts'
import { partsOfAddress } from './route.ts'
import type { LiveAnswer } from './source/run-answers.ts'
import type { Source } from './source/source.ts'

const INTERVAL_MS = 1000
/** After a failure it asks again more rarely, up to this. */
const MAX_INTERVAL_MS = 15_000

/** What happened last in the project that is shown; each answer once. */
export const liveAnswer = signal<LiveAnswer | undefined>(undefined)

/** Counts the times that something was committed since the page was opened: what is shown may be old. */
export const dataVersion = signal(0)

/** Why the source doesn't answer; `undefined` while it does. */
export const lostConnection = signal<string | undefined>(undefined)

/** Follows what happens in the project that is shown, while the page can be seen; returns what ends that. */
export function followLive(source: Source): () => void {
  const project = computed(() => partsOfAddress(currentRoute.value.address).project)
  return effect(() => {
    const address = project.value
    if (address === undefined) {
      liveAnswer.value = undefined
      return
    }
    const controller = new AbortController()
    void poll(source, address, controller.signal)
    return () => controller.abort()
  })
}

async function poll(source: Source, address: string, signal: AbortSignal): Promise<void> {
  let cursor: string | undefined
  let version: string | undefined
  let pauseMs = INTERVAL_MS
  while (!signal.aborted) {
    try {
      const request = cursor === undefined ? { address } : { address, cursor }
      const answer = await source.live(request, { signal })
      if (signal.aborted) return
      cursor = answer.cursor
      if (version !== undefined && version !== answer.version) dataVersion.value++
      version = answer.version
      liveAnswer.value = answer
      lostConnection.value = answer.notice
      pauseMs = INTERVAL_MS
    } catch (error) {
      if (signal.aborted || isAbort(error)) return
      const { code, message, hint } = failureOf(error)
      if (code === 'NOT_INCLUDED' || code === 'NOT_FOUND') return
      lostConnection.value = hint === undefined ? message : `${message} ${hint}`
      pauseMs = Math.min(MAX_INTERVAL_MS, pauseMs * 2)
    }
    await pause(pauseMs, signal)
  }
}

/** Waits, and then until the page can be seen. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', look)
      resolve()
    }
    const look = (): void => {
      if (isOver && document.visibilityState === 'visible') done()
    }
    let isOver = false
    const timer = setTimeout(() => {
      isOver = true
      look()
    }, ms)
    document.addEventListener('visibilitychange', look)
    signal.addEventListener('abort', done, { once: true })
  })
}
