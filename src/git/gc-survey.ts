import { readCruftTimes } from './cruft-pack.ts'
import { listLoose } from './loose-pack.ts'
import type { Oid } from './objects.ts'
import type { Pace } from './pace.ts'
import { type SurveyedPack, surveyPacks } from './pack-survey.ts'
import type { RepositoryStorage } from './repository.ts'

/** A loose object's file, as it was found. */
export interface SurveyedLoose {
  readonly path: string
  readonly sizeBytes: number
  readonly modifiedMs: number
}

/** What lies in a repository's own folder of objects. */
export interface ObjectSurvey {
  /** Packs that may be replaced. */
  readonly free: readonly SurveyedPack[]
  /** Packs that are left alone. */
  readonly kept: readonly SurveyedPack[]
  readonly loose: ReadonlyMap<Oid, SurveyedLoose>
  readonly sizeBytes: number
}

/** Lists packs and loose objects, with their sizes and times. */
export async function surveyObjects(storage: RepositoryStorage, pace: Pace): Promise<ObjectSurvey> {
  const packs = await surveyPacks(storage)
  const loose = new Map<Oid, SurveyedLoose>()
  let sizeBytes = packs.reduce((sum, { totalBytes }) => sum + totalBytes, 0)
  for (const { oid, path } of await listLoose(storage)) {
    const stat = await storage.fs.stat(path)
    if (stat === undefined) continue
    loose.set(oid, { path, sizeBytes: stat.sizeBytes, modifiedMs: stat.modifiedMs })
    sizeBytes += stat.sizeBytes
    await pace.work(10)
  }
  return {
    free: packs.filter(({ isKept, isPromisor }) => !isKept && !isPromisor),
    kept: packs.filter(({ isKept, isPromisor }) => isKept || isPromisor),
    loose,
    sizeBytes
  }
}

/** Makes what tells whether an object is to be moved: it lies in no pack that stays. */
export function openMovable(
  { folders }: RepositoryStorage,
  { free, loose }: ObjectSurvey
): (oid: Oid) => boolean {
  const packs = new Set(free.map(({ pack }) => pack))
  return (oid) => {
    const pack = folders.own.packs.find(oid)?.pack
    return loose.has(oid) || (pack !== undefined && packs.has(pack))
  }
}

/** Finds the objects that nothing reaches, and when each was touched last. */
export async function findUnreachable(
  storage: RepositoryStorage,
  { free, loose }: ObjectSurvey,
  isReached: (oid: Oid) => boolean,
  pace: Pace
): Promise<Map<Oid, number>> {
  const found = new Map<Oid, number>()
  const note = (oid: Oid, modifiedMs: number): void => {
    if (!isReached(oid)) found.set(oid, Math.max(found.get(oid) ?? 0, modifiedMs))
  }
  for (const { pack, modifiedMs } of free) {
    const timeOf = pack.isCruft ? await readCruftTimes(storage, pack) : undefined
    for (let at = 0; at < pack.index.count; at++) {
      note(pack.index.oidAt(at), timeOf?.(at) ?? modifiedMs)
      if (at % 256 === 0) await pace.work(256)
    }
  }
  for (const [oid, { modifiedMs }] of loose) note(oid, modifiedMs)
  return found
}
