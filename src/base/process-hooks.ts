/** Somebody who wants to know how the process ends. */
export interface EndWatcher {
  /** The process has nothing left to do and would end; work that is begun now is waited for. */
  drained(exitCode: number): void
  /**
   * A signal will end the process, unless the program handles it itself (`handled`). At most a second
   * is waited for the promise.
   */
  signalled(signal: string, handled: boolean): Promise<void>
  /** The process ends now; only what is done before this returns is done. */
  exiting(exitCode: number, error: unknown): void
}

/**
 * Tells how the process ends.
 *
 * Watching neither keeps the process alive nor changes how it ends: after the watchers a signal does
 * what it would have done without them.
 */
export interface ProcessHooks {
  /** Begins to watch; returns what ends it. */
  watch(watcher: EndWatcher): () => void
}
