import { gitErrors } from './errors.ts'
import { runQueued } from './queue-lock.ts'
import type { Repository } from './repository.ts'

const LOCK = 'maintenance'
/** Git itself takes its own mark for left behind after this time. */
const GIT_GC_MS = 12 * 3_600_000

/**
 * Runs a body while no other process maintains the repository; `undefined` if one does and it is not
 * to be waited for.
 *
 * @throws GIT_QUEUE_BUSY if another process is at it for longer than `waitMs`.
 */
export async function runMaintenance<T>(
  { storage: { fs, platform }, path }: Repository,
  waitMs: number,
  body: () => Promise<T>
): Promise<T | undefined> {
  let isHeld = false
  try {
    return await runQueued(
      fs,
      platform,
      `${path}/runtree/locks`,
      LOCK,
      () => {
        isHeld = true
        return body()
      },
      { timeoutMs: waitMs }
    )
  } catch (error) {
    if (!isHeld && waitMs === 0 && gitErrors.is(error, 'GIT_QUEUE_BUSY')) return undefined
    throw error
  }
}

/** Tells whether a `git gc` is under way. */
export async function isGitCollecting({ storage, path }: Repository): Promise<boolean> {
  const stat = await storage.fs.stat(`${path}/gc.pid`)
  return stat !== undefined && storage.platform.clock.now() - stat.modifiedMs < GIT_GC_MS
}
