import type { Platform } from '../base/platform.ts'
import { backoffMs } from '../base/tasks.ts'
import { remoteErrors } from './errors.ts'

/** How often what failed for a moment is tried again if nothing else is said. */
export const RETRIES = 2
const FIRST_MS = 250
const CAP_MS = 4000
/** A server that asks for more patience is told of instead. */
export const MAX_RETRY_AFTER_MS = 30_000

/** Statuses by which a server, or a proxy before it, says that it can't just now. */
const MOMENTARY: ReadonlySet<number> = new Set([429, 502, 503, 504])

/** Who tries again, and how often. */
export interface RetryOptions {
  /** Default: 2. */
  readonly retries?: number
  /** Default: none. */
  readonly signal?: AbortSignal
}

/**
 * Runs a body again, after growing pauses or those that the server asks for, where it failed by something
 * that may pass in a moment: a connection that broke, or a server that says so. Only for what may be done
 * twice. What takes long to fail, such as a host that does not answer, is not tried again.
 *
 * @throws what the last try threw.
 */
export async function retry<T>(
  { timers, random }: Pick<Platform, 'timers' | 'random'>,
  { retries = RETRIES, signal }: RetryOptions,
  body: (attempt: number) => Promise<T>
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await body(attempt)
    } catch (error) {
      signal?.throwIfAborted()
      const pauseMs = pauseAfter(error, attempt, (random.bytes(1)[0] as number) / 255)
      if (pauseMs === undefined || attempt >= retries) throw error
      await timers.sleep(pauseMs, signal)
    }
  }
}

/** Returns how long to wait before another try; `undefined` if there is no sense in one. */
function pauseAfter(error: unknown, attempt: number, random: number): number | undefined {
  const growing = backoffMs(attempt, { firstMs: FIRST_MS, capMs: CAP_MS, random })
  if (remoteErrors.is(error, 'REMOTE_HTTP')) {
    const { status, retryAfterMs = 0 } = error.data
    if (!MOMENTARY.has(status) || retryAfterMs > MAX_RETRY_AFTER_MS) return undefined
    return Math.max(retryAfterMs, growing)
  }
  const isBroken = remoteErrors.is(error, 'REMOTE_UNREACHABLE') && error.data.cause === 'reset'
  return isBroken ? growing : undefined
}

/** Reads the header `Retry-After`, seconds or a date (RFC 9110, 10.2.3); `undefined` if it says nothing. */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  const text = header.trim()
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const atMs = /^[A-Z][a-z]{2},/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs)
}
