import { randomId } from '../base/ids.ts'
import type { FileSystem, Platform, ProcessIdentity } from '../base/platform.ts'
import { isOwnerDead } from './liveness.ts'

const ENDING = '.mark'

/** What `link` says on file systems that know no second names, or not between these folders. */
const UNLINKABLE = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV', 'EMLINK'])

/** Gives a file a second name, or makes a copy where there are none; `false` if the name is taken. */
export async function linkOrCreate(fs: FileSystem, from: string, to: string): Promise<boolean> {
  try {
    return await fs.link(from, to)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!UNLINKABLE.has(code)) throw error
    return fs.create(to, (await fs.read(from)) ?? new Uint8Array(), { sync: true })
  }
}

/**
 * Returns a path for a new mark: a file whose name says which process made it. A lock that is the
 * same file as a mark belongs to that process, whatever it holds.
 */
export function markPath(
  platform: Pick<Platform, 'processes' | 'random'>,
  folder: string,
  ending = ENDING
): string {
  const { host, bootId, pidNamespace, pid, started = '' } = platform.processes.self
  const token = randomId(platform.random, 12)
  const parts = [host, bootId, pidNamespace, `${pid}`, started, token]
  return `${folder}/${parts.map(encodeURIComponent).join(',')}${ending}`
}

/**
 * Takes away a lock if a dead process of this program left it.
 *
 * The lock is moved aside first and given back if it is not the one that was judged.
 */
export async function breakDeadLock(
  fs: FileSystem,
  platform: Pick<Platform, 'processes' | 'random'>,
  folder: string,
  lock: string
): Promise<void> {
  const judged = (await fs.stat(lock))?.fileId
  if (judged === undefined || judged === '') return
  for (const { name } of (await fs.list(folder)) ?? []) {
    const owner = parseMark(name)
    const mark = `${folder}/${name}`
    if (owner === undefined || (await fs.stat(mark))?.fileId !== judged) continue
    if (!(await isOwnerDead(fs, platform, mark, owner))) return
    const aside = `${folder}/${randomId(platform.random, 12)}.tmp`
    if (!(await fs.rename(lock, aside))) return
    if ((await fs.stat(aside))?.fileId !== judged) await fs.link(aside, lock)
    await fs.remove(aside)
    await fs.remove(mark)
    return
  }
}

function parseMark(name: string): ProcessIdentity | undefined {
  if (!name.endsWith(ENDING)) return undefined
  const parts = decodeParts(name.slice(0, -ENDING.length).split(','))
  if (parts?.length !== 6) return undefined
  const [host, bootId, pidNamespace, pid, started] = parts as Six
  const owner = { host, bootId, pidNamespace, pid: Number(pid) }
  return started === '' ? owner : { ...owner, started }
}

type Six = readonly [string, string, string, string, string, string]

/** Whatever lies in the folder must stop nobody. */
function decodeParts(parts: readonly string[]): readonly string[] | undefined {
  try {
    return parts.map(decodeURIComponent)
  } catch {
    return undefined
  }
}
