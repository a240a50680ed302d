/** A listener for every event, whatever its name. */
export type AnyListener<E extends object> = <N extends keyof E>(name: N, payload: E[N]) => void

/**
 * Sends events to listeners, synchronously and in the order of their subscription.
 *
 * A listener that throws, or whose promise rejects, hurts neither the sender nor the other listeners:
 * what it threw goes to `onListenerError`.
 */
export class Emitter<E extends object> {
  readonly #listeners = new Map<keyof E, Set<(payload: never) => unknown>>()
  readonly #any = new Set<AnyListener<E>>()
  readonly #onListenerError: (error: unknown) => void

  constructor(onListenerError: (error: unknown) => void = () => undefined) {
    this.#onListenerError = onListenerError
  }

  /** Subscribes to one event; returns what ends the subscription. */
  on<N extends keyof E>(name: N, listener: (payload: E[N]) => unknown): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners)
    const own = (payload: E[N]): unknown => listener(payload)
    listeners.add(own)
    return () => void listeners.delete(own)
  }

  /** Subscribes to the next event of a name. */
  once<N extends keyof E>(name: N, listener: (payload: E[N]) => unknown): () => void {
    const stop = this.on(name, (payload) => {
      stop()
      return listener(payload)
    })
    return stop
  }

  /** Subscribes to every event; returns what ends the subscription. */
  onAny(listener: AnyListener<E>): () => void {
    const own: AnyListener<E> = (name, payload) => listener(name, payload)
    this.#any.add(own)
    return () => void this.#any.delete(own)
  }

  /** Tells whether anybody listens to an event. */
  isHeard(name: keyof E): boolean {
    return this.#any.size > 0 || (this.#listeners.get(name)?.size ?? 0) > 0
  }

  emit<N extends keyof E>(name: N, payload: E[N]): void {
    if (!this.isHeard(name)) return
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      this.#guard(() => (listener as (payload: E[N]) => unknown)(payload))
    }
    for (const listener of [...this.#any]) this.#guard(() => listener(name, payload))
  }

  #guard(call: () => unknown): void {
    try {
      const outcome = call()
      if (outcome instanceof Promise) outcome.catch(this.#onListenerError)
    } catch (error) {
      this.#onListenerError(error)
    }
  }
}
