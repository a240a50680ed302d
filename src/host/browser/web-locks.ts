import { KeyedMutex } from '../../base/tasks.ts'
import { gitErrors } from '../../git/errors.ts'

/** How long whoever has a lock is waited for. */
const WAIT_MS = 60_000

const own = new KeyedMutex()

/** Returns the browser's locks; pages that came over plain HTTP have none. */
export function webLocks(): LockManager | undefined {
  return typeof navigator === 'undefined' ? undefined : navigator.locks
}

/**
 * Runs a body while no tab or worker of the site runs another of the same lock. Without web locks,
 * other tabs are not waited for.
 *
 * @throws GIT_QUEUE_BUSY
 */
export function runLocked<T>(lock: string, name: string, body: () => Promise<T>): Promise<T> {
  const locks = webLocks()
  // Those of this page queue here, so that the wait for others is what is timed.
  if (locks === undefined) return own.run(lock, body)
  return own.run(lock, async () => {
    const waiting = new AbortController()
    const timer = setTimeout(() => waiting.abort(), WAIT_MS)
    try {
      return (await locks.request(`runtree ${lock}`, { signal: waiting.signal }, () => {
        clearTimeout(timer)
        return body()
      })) as T
    } catch (error) {
      if (!waiting.signal.aborted) throw error
      const data = { name, path: lock, waitedMs: WAIT_MS, owner: 'Another tab' }
      throw gitErrors.create('GIT_QUEUE_BUSY', data, error)
    } finally {
      clearTimeout(timer)
    }
  })
}
