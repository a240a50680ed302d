import type { EndWatcher, ProcessHooks } from '../../base/process-hooks.ts'

/** The signals by which a person or a scheduler ends a program. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/** For how long a signal is held back. */
const SIGNAL_WAIT_MS = 1000

/** Returns the hooks of this process; its listeners are there only while somebody watches. */
export function createNodeProcessHooks(): ProcessHooks {
  const watchers = new Set<EndWatcher>()
  let uninstall: (() => void) | undefined
  return {
    watch(watcher) {
      watchers.add(watcher)
      uninstall ??= install(watchers)
      return () => {
        if (!watchers.delete(watcher) || watchers.size > 0) return
        uninstall?.()
        uninstall = undefined
      }
    }
  }
}

function install(watchers: ReadonlySet<EndWatcher>): () => void {
  let uncaught: unknown
  const onUncaught = (error: unknown): void => {
    // With a handler of its own the program goes on, and a later end has another reason.
    if (process.listenerCount('uncaughtException') === 0) uncaught = error
  }
  const onDrained = (exitCode: number): void => {
    for (const watcher of [...watchers]) watcher.drained(exitCode)
  }
  const onExit = (exitCode: number): void => {
    for (const watcher of [...watchers]) watcher.exiting(exitCode, uncaught)
  }
  const onSignal = (signal: NodeJS.Signals): void => {
    const handled = process.listenerCount(signal) > 1
    const told = [...watchers].map((watcher) => watcher.signalled(signal, handled))
    if (handled) return
    const wait = new Promise<void>((resolve) => setTimeout(resolve, SIGNAL_WAIT_MS))
    void Promise.race([Promise.allSettled(told), wait]).then(() => {
      process.removeListener(signal, onSignal)
      process.kill(process.pid, signal)
    })
  }
  process.on('uncaughtExceptionMonitor', onUncaught)
  process.on('beforeExit', onDrained)
  process.on('exit', onExit)
  for (const signal of SIGNALS) process.on(signal, onSignal)
  return () => {
    process.removeListener('uncaughtExceptionMonitor', onUncaught)
    process.removeListener('beforeExit', onDrained)
    process.removeListener('exit', onExit)
    for (const signal of SIGNALS) process.removeListener(signal, onSignal)
  }
}
