import { decodeUtf8 } from '../base/bytes.ts'
import { randomId } from '../base/ids.ts'
import type { FileSystem, Platform } from '../base/platform.ts'
import { backoffMs } from '../base/tasks.ts'
import { gitErrors } from './errors.ts'
import {
  describeOwner,
  formatOwner,
  isNameless,
  isOwnerDead,
  parseOwner,
  TOUCH_EVERY_MS
} from './liveness.ts'
import { OwnFile } from './own-file.ts'

/** How other processes in a queue are waited for. */
export interface QueueOptions {
  /** Default: 60000. */
  readonly timeoutMs?: number
  /** Names this process; lock files are made as links to it. Default: a file is made and removed. */
  readonly own?: OwnFile
}

type QueuePlatform = Pick<Platform, 'clock' | 'random' | 'timers' | 'processes'>

/** A try each this often looks whether the holder still lives; the others only try. */
const JUDGE_EVERY = 8

/**
 * Runs a body while this process holds the lock file of a name.
 *
 * The lock is a hard link to a file that names the holder, so it never exists without a name in it.
 * The lock of a dead process is taken away, and so is one whose name a power cut has torn. Inside a process callers are to queue beforehand.
 *
 * @throws GIT_QUEUE_BUSY
 */
export async function runQueued<T>(
  fs: FileSystem,
  platform: QueuePlatform,
  folder: string,
  name: string,
  body: () => Promise<T>,
  options: QueueOptions = {}
): Promise<T> {
  const lock = `${folder}/${encodeURIComponent(name)}.lock`
  const own = options.own ?? openQueueOwn(fs, platform, folder)
  const { content } = own
  try {
    await take(fs, platform, { own, lock, name, timeoutMs: options.timeoutMs ?? 60_000 })
  } finally {
    if (options.own === undefined) await own.remove()
  }
  const stop = platform.timers.every(TOUCH_EVERY_MS, () => void fs.touch(lock).catch(() => false))
  try {
    return await body()
  } finally {
    stop()
    // Somebody who took this process for dead may have the lock by now.
    if ((await readText(fs, lock)) === content) await fs.remove(lock)
  }
}

/** Makes what names this process in the locks of a folder. */
export function openQueueOwn(fs: FileSystem, platform: QueuePlatform, folder: string): OwnFile {
  const token = randomId(platform.random, 12)
  const content = formatOwner({ ...platform.processes.self, ...{ token } })
  return new OwnFile(fs, platform, folder, content)
}

interface Taking {
  readonly own: OwnFile
  readonly lock: string
  readonly name: string
  readonly timeoutMs: number
}

async function take(fs: FileSystem, platform: QueuePlatform, taking: Taking): Promise<void> {
  const { own, lock, timeoutMs } = taking
  const start = platform.clock.now()
  for (let attempt = 0; !(await own.link(lock)); attempt++) {
    if (attempt % JUDGE_EVERY === 0 && (await breakDead(fs, platform, lock))) continue
    const waitedMs = platform.clock.now() - start
    if (waitedMs >= timeoutMs) throw await busy(fs, taking, waitedMs)
    const random = (platform.random.bytes(1)[0] as number) / 256
    const wait = backoffMs(Math.min(attempt, 16), { firstMs: 1, capMs: 25, random })
    await platform.timers.sleep(Math.min(wait, timeoutMs - waitedMs))
  }
}

/**
 * Takes away the lock of a dead process; tells whether the lock is worth another try at once.
 *
 * Between the judgement and the break another process may have broken the lock and taken it, so the
 * lock is moved aside first and given back if it is not the one that was judged.
 */
async function breakDead(fs: FileSystem, platform: QueuePlatform, lock: string): Promise<boolean> {
  const judged = await readText(fs, lock)
  if (judged === undefined) return true
  const owner = parseOwner(judged)
  const isDead =
    owner === undefined
      ? await isNameless(fs, platform, lock)
      : await isOwnerDead(fs, platform, lock, owner)
  if (!isDead) return false
  const aside = `${lock}-${randomId(platform.random, 12)}.tmp`
  if (!(await fs.rename(lock, aside))) return true
  const isJudged = (await readText(fs, aside)) === judged
  if (!isJudged) await fs.link(aside, lock)
  await fs.remove(aside)
  return isJudged
}

async function busy(fs: FileSystem, { lock, name }: Taking, waitedMs: number): Promise<Error> {
  const owner = parseOwner((await readText(fs, lock)) ?? '')
  return gitErrors.create('GIT_QUEUE_BUSY', {
    name,
    path: lock,
    waitedMs,
    owner: owner === undefined ? 'Another process' : describeOwner(owner)
  })
}

async function readText(fs: FileSystem, path: string): Promise<string | undefined> {
  const bytes = await fs.read(path)
  return bytes === undefined ? undefined : decodeUtf8(bytes)
}
