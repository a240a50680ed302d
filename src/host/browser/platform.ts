import type { Platform, Timers } from '../../base/platform.ts'
import { browserHash } from './hash.ts'
import { type BrowserProcesses, createBrowserProcesses } from './processes.ts'
import { browserZlib } from './zlib.ts'

/** What the core needs of a browser. */
export interface BrowserPlatform extends Platform {
  readonly processes: BrowserProcesses
}

/** Returns what the core needs of this tab or worker. */
export function createBrowserPlatform(): BrowserPlatform {
  return {
    clock: { now: () => Date.now() },
    random: { bytes: (count) => crypto.getRandomValues(new Uint8Array(count)) },
    hash: browserHash,
    zlib: browserZlib,
    timers: browserTimers,
    processes: createBrowserProcesses()
  }
}

const browserTimers: Timers = {
  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const abort = (): void => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }, ms)
      signal?.addEventListener('abort', abort, { once: true })
    })
  },
  every(ms, body) {
    const timer = setInterval(body, ms)
    return () => clearInterval(timer)
  }
}
