import type { FileSystem, Platform } from '../base/platform.ts'
import { backoffMs } from '../base/tasks.ts'
import { gitErrors } from './errors.ts'

/** How locks of other programs are waited for. */
export interface LockOptions {
  /** Default: 10000. */
  readonly timeoutMs?: number
}

/** A lock file in git's manner, as long as it is held. */
export interface LockFile {
  readonly path: string
  /** Makes bytes durable that `commit` will put in place. */
  write(bytes: Uint8Array): Promise<void>
  /** Moves the lock over the file that it guards, which ends it. */
  commit(): Promise<void>
  /** Ends the lock; the file that it guards stays as it was. Does nothing after `commit`. */
  release(): Promise<void>
}

/**
 * Takes the lock `<path>.lock` as git does, by making the file, and waits for whoever has it.
 *
 * @throws GIT_REF_LOCKED, `ENOENT` if there is no such folder.
 */
export async function takeLock(
  fs: FileSystem,
  platform: Pick<Platform, 'clock' | 'random' | 'timers'>,
  path: string,
  options: LockOptions & { readonly ref: string }
): Promise<LockFile> {
  const lock = `${path}.lock`
  const deadline = platform.clock.now() + (options.timeoutMs ?? 10_000)
  for (let attempt = 0; !(await fs.create(lock, new Uint8Array())); attempt++) {
    const left = deadline - platform.clock.now()
    if (left <= 0) {
      const modifiedMs = (await fs.stat(lock))?.modifiedMs
      const ageMs =
        modifiedMs === undefined ? undefined : Math.max(0, platform.clock.now() - modifiedMs)
      throw gitErrors.create('GIT_REF_LOCKED', { ref: options.ref, path: lock, ageMs })
    }
    const random = (platform.random.bytes(1)[0] as number) / 256
    await platform.timers.sleep(
      Math.min(left, backoffMs(Math.min(attempt, 16), { firstMs: 2, capMs: 50, random }))
    )
  }
  return openLock(fs, path, lock)
}

function openLock(fs: FileSystem, path: string, lock: string): LockFile {
  let isHeld = true
  return {
    path: lock,
    write: (bytes) => fs.write(lock, bytes, { sync: true }),
    async commit() {
      await fs.rename(lock, path)
      isHeld = false
    },
    async release() {
      if (isHeld) await fs.remove(lock)
      isHeld = false
    }
  }
}
