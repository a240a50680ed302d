import type { FileSystem, Platform, WriteFileOptions } from '../base/platform.ts'
import { backoffMs } from '../base/tasks.ts'
import { gitErrors } from './errors.ts'
import { breakDeadLock, linkOrCreate, markPath } from './lock-mark.ts'

/** How locks of other programs are waited for. */
export interface LockOptions {
  /** Default: 10000. */
  readonly timeoutMs?: number
}

/** What is locked. */
export interface LockPlace {
  /** The file that the lock guards. */
  readonly path: string
  /** What it holds, for the message of an error. */
  readonly ref: string
  /** The folder in which this program marks its locks as its own. */
  readonly marks: string
  /** What `commit` will put in place, made durable before the lock is taken. Default: see `write`. */
  readonly content?: Uint8Array | undefined
  /** Resolves when the lock may be taken. Default: it may. */
  readonly stored?: Promise<unknown> | undefined
}

/** A lock file in git's manner, as long as it is held. */
export interface LockFile {
  /** Makes bytes durable that `commit` will put in place. */
  write(bytes: Uint8Array): Promise<void>
  /** Moves the lock over the file that it guards. */
  commit(): Promise<void>
  /** Ends the lock; the file that it guards stays as it was, or as `commit` made it. */
  release(): Promise<void>
}

/** A try each this often looks whether the lock is one that a dead process of ours left. */
const JUDGE_EVERY = 8

/**
 * Takes the lock `<path>.lock` as git does, by making the file, and waits for whoever has it.
 *
 * The file is a second name of a mark that says whose it is, so that a lock of this program whose
 * process died is taken away. A lock of git never is.
 *
 * @throws GIT_REF_LOCKED, `ENOENT` if there is no such folder.
 */
export async function takeLock(
  fs: FileSystem,
  platform: Pick<Platform, 'clock' | 'random' | 'timers' | 'processes'>,
  place: LockPlace,
  options: LockOptions = {}
): Promise<LockFile> {
  const lock = `${place.path}.lock`
  const mark = markPath(platform, place.marks)
  const content = place.content ?? new Uint8Array()
  await createIn(fs, place.marks, mark, content, { sync: place.content !== undefined })
  try {
    await place.stored
    const deadline = platform.clock.now() + (options.timeoutMs ?? 10_000)
    for (let attempt = 1; !(await linkOrCreate(fs, mark, lock)); attempt++) {
      if (attempt % JUDGE_EVERY === 4) await breakDeadLock(fs, platform, place.marks, lock)
      const left = deadline - platform.clock.now()
      if (left <= 0) throw await refuse(fs, platform, place.ref, lock)
      const random = (platform.random.bytes(1)[0] as number) / 256
      const wait = backoffMs(Math.min(attempt, 16), { firstMs: 1, capMs: 50, random })
      await platform.timers.sleep(Math.min(left, wait))
    }
  } catch (error) {
    await fs.remove(mark)
    throw error
  }
  return openLock(fs, place.path, lock, mark)
}

/** Makes a file, and its folder where that isn't there. */
async function createIn(
  fs: FileSystem,
  folder: string,
  path: string,
  bytes: Uint8Array,
  options: WriteFileOptions
): Promise<void> {
  try {
    await fs.create(path, bytes, options)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    await fs.makeFolder(folder)
    await fs.create(path, bytes, options)
  }
}

function openLock(fs: FileSystem, path: string, lock: string, mark: string): LockFile {
  let isHeld = true
  let isMarked = true
  return {
    write: (bytes) => fs.write(lock, bytes, { sync: true }),
    async commit() {
      await fs.rename(lock, path)
      isHeld = false
    },
    async release() {
      const [wasHeld, wasMarked] = [isHeld, isMarked]
      isHeld = false
      isMarked = false
      if (wasHeld) await fs.remove(lock)
      if (wasMarked) await fs.remove(mark)
    }
  }
}

async function refuse(
  fs: FileSystem,
  platform: Pick<Platform, 'clock'>,
  ref: string,
  lock: string
): Promise<Error> {
  const modifiedMs = (await fs.stat(lock))?.modifiedMs
  const ageMs =
    modifiedMs === undefined ? undefined : Math.max(0, platform.clock.now() - modifiedMs)
  return gitErrors.create('GIT_REF_LOCKED', { ref, path: lock, ageMs })
}
