import { decodeUtf8 } from '../base/bytes.ts'
import { isOwnerDead, parseOwner } from './liveness.ts'
import type { PackFile } from './pack-read.ts'
import type { RepositoryStorage } from './repository.ts'

/** A pack of the repository itself, as maintenance found it. */
export interface SurveyedPack {
  readonly pack: PackFile
  /** That of the pack and all files that belong to it. */
  readonly totalBytes: number
  readonly sizeBytes: number
  readonly modifiedMs: number
  /** Whether a `.keep` asks to leave it alone: a writer's whose ref has not moved, or a person's. */
  readonly isKept: boolean
  /** Whether the `.keep` is one of this program's. */
  readonly isHeld: boolean
  /** Whether it was got from a remote that promised further objects (`.promisor`). */
  readonly isPromisor: boolean
  /** What belongs to it: `.pack`, `.idx` and more. */
  readonly endings: readonly string[]
}

const OWN_KEEP = /^runtree (\{.*\})\s*$/

/** Lists the packs of a repository; takes away what dead processes of this program kept them by. */
export async function surveyPacks(storage: RepositoryStorage): Promise<readonly SurveyedPack[]> {
  const { fs, folders } = storage
  await folders.scan()
  const { folder } = folders.own.packs
  const endings = new Map<string, string[]>()
  for (const { name } of (await fs.list(folder)) ?? []) {
    const match = /^(pack-[^.]+)(\..+)$/.exec(name)
    if (match === null) continue
    const [, pack, ending] = match as unknown as [string, string, string]
    endings.set(pack, [...(endings.get(pack) ?? []), ending])
  }
  const found: SurveyedPack[] = []
  for (const pack of folders.own.packs.all) {
    const surveyed = await survey(storage, pack, endings.get(pack.path.slice(folder.length + 1)))
    if (surveyed !== undefined) found.push(surveyed)
  }
  return found
}

async function survey(
  storage: RepositoryStorage,
  pack: PackFile,
  endings: readonly string[] = []
): Promise<SurveyedPack | undefined> {
  const { fs } = storage
  // A `.keep` comes before its pack is seen, so one that is not there now has been removed for good.
  const keep = await readKeep(storage, `${pack.path}.keep`)
  let totalBytes = 0
  for (const ending of endings) totalBytes += (await fs.stat(pack.path + ending))?.sizeBytes ?? 0
  const stat = await fs.stat(`${pack.path}.pack`)
  if (stat === undefined) return undefined
  const { sizeBytes, modifiedMs } = stat
  return {
    pack,
    totalBytes,
    sizeBytes,
    modifiedMs,
    isKept: keep !== 'none',
    isHeld: keep === 'own',
    isPromisor: endings.includes('.promisor'),
    endings
  }
}

async function readKeep(
  { fs, platform }: RepositoryStorage,
  path: string
): Promise<'none' | 'own' | 'foreign'> {
  const bytes = await fs.read(path)
  if (bytes === undefined) return 'none'
  const line = OWN_KEEP.exec(decodeUtf8(bytes))?.[1]
  const owner = line === undefined ? undefined : parseOwner(line)
  if (owner === undefined) return 'foreign'
  if (!(await isOwnerDead(fs, platform, path, owner))) return 'own'
  await fs.remove(path)
  return 'none'
}
