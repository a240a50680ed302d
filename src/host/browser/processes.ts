import type { Processes, ProcessIdentity } from '../../base/platform.ts'
import { webLocks } from './web-locks.ts'

/** The host of all tabs and workers of a site. */
const HOST = 'browser'
const PREFIX = 'runtree process '
/** How old what is known of other tabs may become. */
const REFRESH_MS = 5000

/** Tabs and workers as processes: each holds a lock of the browser for as long as it lives. */
export interface BrowserProcesses extends Processes {
  /** Asks the browser which tabs and workers live. */
  refresh(): Promise<void>
}

/** Returns what this tab or worker knows of itself and of the others. */
export function createBrowserProcesses(): BrowserProcesses {
  const [random = 1] = crypto.getRandomValues(new Uint32Array(1))
  const self: ProcessIdentity = {
    host: HOST,
    bootId: '',
    pidNamespace: '',
    pid: (random >>> 1) + 1,
    started: `${Date.now()}`
  }
  const locks = webLocks()
  let living = new Set<number>()
  let askedMs = 0
  let refreshing: Promise<void> | undefined
  // Held until the page is gone.
  const isHeld = locks && hold(locks, `${PREFIX}${self.pid}`)
  const ask = async (): Promise<void> => {
    await isHeld
    const startMs = Date.now()
    const held = (await locks?.query())?.held ?? []
    const pids = held.flatMap(({ name }) =>
      name?.startsWith(PREFIX) ? [Number(name.slice(PREFIX.length))] : []
    )
    living = new Set(pids)
    askedMs = startMs
  }
  const refresh = (): Promise<void> => {
    refreshing ??= ask().finally(() => {
      refreshing = undefined
    })
    return refreshing
  }
  return {
    self,
    refresh,
    isAlive(other) {
      if (other.host !== HOST) return undefined
      if (other.pid === self.pid) return true
      if (locks === undefined) return undefined
      if (Date.now() - askedMs > REFRESH_MS) void refresh()
      if (living.has(other.pid)) return true
      // One that began since may hold its lock by now.
      return Number(other.started) < askedMs ? false : undefined
    }
  }
}

function hold(locks: LockManager, name: string): Promise<void> {
  return new Promise((resolve) => {
    void locks.request(name, () => {
      resolve()
      return new Promise(() => undefined)
    })
  })
}
