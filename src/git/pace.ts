import type { Timers } from '../base/platform.ts'

/** What is done at a stretch in the background: some milliseconds of work. */
const STRETCH = 4096

/**
 * Lets others come to their turn during long work. Files of moderate size are read and written
 * synchronously, so awaiting them alone leaves nobody else a turn.
 */
export class Pace {
  readonly #timers: Timers
  readonly #signal: AbortSignal | undefined
  readonly #stretch: number
  #done = 0

  constructor(timers: Timers, signal: AbortSignal | undefined, stretch = STRETCH) {
    this.#stretch = stretch
    this.#timers = timers
    this.#signal = signal
  }

  /** Counts work, a unit for about a microsecond, and waits a moment now and then. */
  async work(units: number): Promise<void> {
    this.#done += units
    if (this.#done < this.#stretch) return
    this.#done = 0
    this.#signal?.throwIfAborted()
    await this.#timers.sleep(0, this.#signal)
  }
}
