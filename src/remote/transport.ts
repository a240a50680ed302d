import type { Timers } from '../base/platform.ts'
import type { Advertisement, Service } from './advertisement.ts'
import { remoteErrors } from './errors.ts'

/** How long a transport waits, and who may stop it. */
export interface TransportOptions {
  /** How long the first answer of the other side may take. Default: 10000. */
  readonly connectTimeoutMs?: number
  /** How long nothing may move, in either direction, once it has answered. Default: 30000. */
  readonly silenceTimeoutMs?: number
  /** How often what failed for a moment is tried again. Default: 2. */
  readonly retries?: number
  /** Default: none. */
  readonly signal?: AbortSignal
}

export const CONNECT_TIMEOUT_MS = 10_000
export const SILENCE_TIMEOUT_MS = 30_000

/** How a remote was asked what it has; no credentials are in it. */
export interface ConnectionMark {
  /** Where it was asked at last. */
  readonly base: string
  /** Whether it took credentials. */
  readonly isAuthorized: boolean
  readonly version?: 2
}

/** A way to a repository on which git's packets travel. */
export interface Connection {
  readonly url: string
  /** Whether each exchange begins anew, as over HTTP; otherwise it goes to and fro. */
  readonly isStateless: boolean
  /**
   * Asks for a service, and what the remote says first; with `version`, in that version of the protocol,
   * which the remote may not know. Exchanges keep to it.
   */
  advertise(service: Service, options?: { readonly version?: 2 }): Promise<Advertisement>
  /**
   * Sends a request to the service that was last asked for, and returns the answer while it comes.
   *
   * Where the connection is not stateless, the answer comes while the request is still being sent.
   */
  exchange(service: Service, request: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>
  /**
   * Tells how the remote was asked last, so that another connection to it can go on from there. Absent where
   * each begins with what the remote says first.
   */
  mark?(): ConnectionMark
  /** Lets exchanges go as after such an answer, which is not asked for again. */
  resume?(mark: ConnectionMark): Promise<void>
  /** Ends the connection, whatever is under way. */
  close(): Promise<void>
}

/** Notices when nothing moves any more. */
export class Watch {
  readonly #timers: Timers
  #beats = 0

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** Notes that something moved. */
  beat(): void {
    this.#beats++
  }

  /** Returns the outcome of a body; fails when `ms` go by in which nothing moves. */
  async guard<T>(body: Promise<T>, ms: number, onSilence: () => Error): Promise<T> {
    const stop = new AbortController()
    const expire = async (): Promise<never> => {
      for (let seen = -1; seen !== this.#beats; ) {
        seen = this.#beats
        await this.#timers.sleep(ms, stop.signal)
      }
      throw onSilence()
    }
    const expired = expire()
    expired.catch(() => undefined)
    body.catch(() => undefined)
    try {
      const outcome = await Promise.race([body, expired])
      this.beat()
      return outcome
    } finally {
      stop.abort()
    }
  }

  /** Passes a stream on; fails when it falls silent. */
  async *stream(
    source: AsyncIterable<Uint8Array>,
    ms: number,
    onSilence: () => Error
  ): AsyncGenerator<Uint8Array> {
    const iterator = source[Symbol.asyncIterator]()
    let isSilent = false
    const silent = (): Error => {
      isSilent = true
      return onSilence()
    }
    try {
      for (;;) {
        const { value, done } = await this.guard(iterator.next(), ms, silent)
        if (done) return
        yield value
      }
    } finally {
      // What is silent would not end the wait for its end either.
      if (!isSilent) await iterator.return?.()
      else iterator.return?.()?.catch(() => undefined)
    }
  }

  /** Passes a stream on and notes each of its pieces. */
  async *beats(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      this.beat()
      yield chunk
    }
    this.beat()
  }
}

/** Makes a signal of one's own that also aborts with another; `unlink` ends that. */
export function linkSignal(signal: AbortSignal | undefined): {
  readonly controller: AbortController
  unlink(): void
} {
  const controller = new AbortController()
  const abort = (): void => controller.abort(signal?.reason)
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort, { once: true })
  return { controller, unlink: () => signal?.removeEventListener('abort', abort) }
}

/** Makes the error of a timeout. */
export function timeoutError(
  url: string,
  phase: 'connect' | 'silence' | 'check',
  timeoutMs: number
): Error {
  return remoteErrors.create('REMOTE_TIMEOUT', { url, phase, timeoutMs })
}
