import type { Timers } from './platform.ts'

/** Runs bodies one after another, in the order in which they were asked for. */
export class Mutex {
  #tail: Promise<unknown> = Promise.resolve()

  /** Runs a body when all earlier ones have ended; its outcome is the caller's. */
  run<T>(body: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(body, body)
    this.#tail = result.catch(() => undefined)
    return result
  }
}

/** A mutex for each key; a key that nobody waits for costs nothing. */
export class KeyedMutex {
  readonly #waiting = new Map<string, { readonly mutex: Mutex; count: number }>()

  async run<T>(key: string, body: () => Promise<T>): Promise<T> {
    const entry = this.#waiting.get(key) ?? { mutex: new Mutex(), count: 0 }
    this.#waiting.set(key, entry)
    entry.count++
    try {
      return await entry.mutex.run(body)
    } finally {
      entry.count--
      if (entry.count === 0) this.#waiting.delete(key)
    }
  }
}

/** Maps items with at most `limit` bodies under way; results come in the items' order. */
export async function mapLimited<T, R>(
  items: readonly T[],
  limit: number,
  body: (item: T, index: number) => Promise<R>
): Promise<R[]> {
  const results = new Array<R>(items.length)
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++
      results[index] = await body(items[index] as T, index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  return results
}

/** Returns the wait before try number `attempt` (from 0): doubling, capped, with full jitter. */
export function backoffMs(
  attempt: number,
  options: { readonly firstMs: number; readonly capMs: number; readonly random: number }
): number {
  return Math.min(options.capMs, options.firstMs * 2 ** attempt) * (0.5 + options.random / 2)
}

/** Runs a body for so many milliseconds at most; `undefined` if it took longer, and then its signal says so. */
export async function withinTime<T>(
  timers: Pick<Timers, 'sleep'>,
  ms: number,
  body: (signal: AbortSignal) => Promise<T>
): Promise<T | undefined> {
  const [work, wait] = [new AbortController(), new AbortController()]
  const late = timers.sleep(ms, wait.signal).then(
    () => void work.abort(),
    () => undefined
  )
  try {
    return await Promise.race([body(work.signal), late])
  } finally {
    wait.abort()
  }
}
