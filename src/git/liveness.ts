import { encodeUtf8 } from '../base/bytes.ts'
import { randomId } from '../base/ids.ts'
import type { FileSystem, Platform, ProcessIdentity } from '../base/platform.ts'

/** How often the holder of a file that names it touches the file. */
export const TOUCH_EVERY_MS = 10_000

/** After this long without a touch, a process that cannot be seen from here counts as dead. */
export const SILENT_MS = 15 * 60_000

/** After this long without a touch, a file that names nobody, as a power cut may leave it, is nobody's. */
const NAMELESS_MS = 2 * TOUCH_EVERY_MS

/**
 * Tells whether the process that a file names is dead: gone from this machine, or, where it runs on
 * another, silent for 15 minutes by the file system's own clock.
 */
export async function isOwnerDead(
  fs: FileSystem,
  platform: Pick<Platform, 'processes' | 'random'>,
  path: string,
  owner: ProcessIdentity
): Promise<boolean> {
  const isAlive = platform.processes.isAlive(owner)
  return isAlive === undefined ? isSilent(fs, platform, path, SILENT_MS) : !isAlive
}

/**
 * Tells whether a file that should name its holder and doesn't was left by a power cut: a holder would
 * touch it.
 */
export async function isNameless(
  fs: FileSystem,
  platform: Pick<Platform, 'random'>,
  path: string
): Promise<boolean> {
  return isSilent(fs, platform, path, NAMELESS_MS)
}

async function isSilent(
  fs: FileSystem,
  platform: Pick<Platform, 'random'>,
  path: string,
  ms: number
): Promise<boolean> {
  const before = await fs.stat(path)
  if (before === undefined) return false
  const now = await readFileClock(fs, platform, path.slice(0, path.lastIndexOf('/')))
  return now - before.modifiedMs > ms
}

/** Returns the time by the clock of whatever serves a folder: that of a file made just now. */
export async function readFileClock(
  fs: FileSystem,
  platform: Pick<Platform, 'random'>,
  folder: string
): Promise<number> {
  const probe = `${folder}/probe-${randomId(platform.random, 12)}.tmp`
  try {
    await fs.create(probe, encodeUtf8('clock\n'))
    return (await fs.stat(probe))?.modifiedMs ?? 0
  } finally {
    // A full disk makes a file, though it takes nothing of what is in it.
    await fs.remove(probe).catch(() => false)
  }
}

/** Formats who holds something, as one line of JSON. */
export function formatOwner(owner: ProcessIdentity): string {
  return `${JSON.stringify(owner)}\n`
}

/** Parses what `formatOwner` wrote; `undefined` if it is something else. */
export function parseOwner(text: string): ProcessIdentity | undefined {
  try {
    const owner: unknown = JSON.parse(text)
    return isOwner(owner) ? owner : undefined
  } catch {
    return undefined
  }
}

/** Describes a process to a person. */
export function describeOwner(owner: ProcessIdentity): string {
  return `Process ${owner.pid} on ${owner.host}`
}

function isOwner(value: unknown): value is ProcessIdentity {
  if (typeof value !== 'object' || value === null) return false
  const { host, bootId, pidNamespace, pid } = value as Partial<Record<string, unknown>>
  return (
    [host, bootId, pidNamespace].every((field) => typeof field === 'string') &&
    typeof pid === 'number'
  )
}
