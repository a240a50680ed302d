import { closeOver, writeCruftPack } from './cruft-pack.ts'
import { gitErrors } from './errors.ts'
import { readGcRoots, readShallow } from './gc-roots.ts'
import { findUnreachable, type ObjectSurvey, openMovable, surveyObjects } from './gc-survey.ts'
import { sweepTemporary } from './gc-sweep.ts'
import { readFileClock } from './liveness.ts'
import { runMaintenance } from './maintenance-lock.ts'
import { walkNewObjects } from './object-walk.ts'
import type { Oid } from './objects.ts'
import { Pace } from './pace.ts'
import { sweepNewPacks } from './pack-file-write.ts'
import { removePacks } from './pack-remove.ts'
import { repack } from './repack.ts'
import { RepackPlan } from './repack-plan.ts'
import type { Repository } from './repository.ts'

/** What nothing reaches is kept for this long after it was written or touched last. */
export const GRACE_MS = 14 * 86_400_000
/** Somebody waits for it, so that others in this process get their turn every 50 ms or so. */
const STRETCH = 1 << 16
/** How long another process that maintains the repository is waited for. */
const WAIT_MS = 60_000

/** How garbage is collected. */
export interface CollectGarbageOptions {
  /**
   * How long what nothing reaches is kept; less is safe only while nobody else writes. Default: 14
   * days.
   */
  readonly graceMs?: number
  /** Objects that are kept with all that they reach, beside what refs and reflogs lead to. Default: none. */
  readonly extraRoots?: Iterable<Oid>
  /** Default: none. */
  readonly signal?: AbortSignal
  /** Hears of progress. Default: nobody. */
  readonly onProgress?: (progress: GarbageProgress) => void
}

export interface GarbageProgress {
  readonly phase: 'finding objects' | 'packing' | 'checking'
  readonly done: number
  /** 0 while it is not known. */
  readonly total: number
}

/** What a collection of garbage did. */
export interface GarbageReport {
  readonly packsBefore: number
  readonly packsAfter: number
  readonly looseBefore: number
  readonly looseAfter: number
  /** How many objects were dropped because nothing reaches them. */
  readonly removedObjects: number
  readonly bytesBefore: number
  readonly bytesAfter: number
}

/**
 * Builds one pack with deltas of all that refs, reflogs and `HEAD` reach, and drops what nothing
 * reaches and nobody has touched for the time of grace. What is younger goes into a pack of its own
 * that remembers the time of each object, as `git gc --cruft` does.
 *
 * Others may read and write meanwhile, and a crash at any moment loses nothing: what is there is
 * removed only when the new pack is durable and was read back. Packs with a `.keep` stay as they are;
 * so do all packs of a partial clone, and in a repository with work trees nothing is dropped.
 *
 * @throws GIT_QUEUE_BUSY, GIT_OBJECT_MISSING, GIT_OBJECT_DAMAGED, GIT_REF_DAMAGED; then nothing is removed.
 */
export async function collectGarbage(
  repository: Repository,
  options: CollectGarbageOptions = {}
): Promise<GarbageReport> {
  const report = await runMaintenance(repository, WAIT_MS, () => collect(repository, options))
  return report as GarbageReport
}

async function collect(
  repository: Repository,
  options: CollectGarbageOptions
): Promise<GarbageReport> {
  const { storage } = repository
  const pace = new Pace(storage.platform.timers, options.signal, STRETCH)
  await sweepNewPacks(storage)
  // What is written from here on is not in the survey, and so is left alone. What was written before
  // and is in no ref yet bears a `.keep`, or is young.
  const survey = await surveyObjects(storage, pace)
  const isPartial = survey.kept.some(({ isPromisor }) => isPromisor)
  const removed = isPartial ? 0 : await rebuild(repository, survey, options, pace)
  const now = await readFileClock(storage.fs, storage.platform, storage.folders.own.packs.folder)
  await sweepTemporary(storage, now)
  await storage.folders.scan()
  const after = await surveyObjects(storage, pace)
  return {
    packsBefore: survey.free.length + survey.kept.length,
    packsAfter: after.free.length + after.kept.length,
    looseBefore: survey.loose.size,
    looseAfter: after.loose.size,
    removedObjects: removed,
    bytesBefore: survey.sizeBytes,
    bytesAfter: after.sizeBytes
  }
}

/** Writes the new packs and removes what they replace; returns how many objects were dropped. */
async function rebuild(
  repository: Repository,
  survey: ObjectSurvey,
  options: CollectGarbageOptions,
  pace: Pace
): Promise<number> {
  const { storage, objects } = repository
  const { plan, reached, hasWorkTrees } = await planReachable(repository, survey, options, pace)
  const unreachable = await findUnreachable(storage, survey, (oid) => reached.has(oid), pace)
  const young = hasWorkTrees
    ? new Set(unreachable.keys())
    : await findYoung(repository, survey, unreachable, options.graceMs ?? GRACE_MS, pace)
  const kept = new Map([...unreachable].filter(([oid]) => young.has(oid)))
  const names: string[] = []
  if (plan.count > 0) {
    const onProgress = (done: number): void =>
      options.onProgress?.({ phase: 'packing', done, total: plan.count })
    names.push(await repack(storage, objects, plan, pace, onProgress))
  }
  if (kept.size > 0) names.push(await writeCruftPack(storage, objects, kept, pace))
  await checkPacks(repository, names, options, pace)
  options.signal?.throwIfAborted()
  await removePacks(
    storage,
    survey.free.map(({ pack: { path }, modifiedMs }) => ({ path, modifiedMs }))
  )
  for (const { path, modifiedMs } of survey.loose.values()) {
    await removeUntouched(repository, path, modifiedMs)
    await pace.work(30)
  }
  const dropped = unreachable.size - kept.size
  if (dropped > 0) await removeCommitGraph(repository)
  return dropped
}

async function planReachable(
  repository: Repository,
  survey: ObjectSurvey,
  { extraRoots = [], onProgress }: CollectGarbageOptions,
  pace: Pace
): Promise<{ plan: RepackPlan; reached: ReadonlySet<Oid>; hasWorkTrees: boolean }> {
  const { objects, storage } = repository
  const isMovable = openMovable(storage, survey)
  const roots = await readGcRoots(repository, extraRoots)
  const remembered: Oid[] = []
  for (const oid of roots.remembered) if (await objects.has(oid)) remembered.push(oid)
  const plan = new RepackPlan()
  const reached = new Set<Oid>()
  const reader = readShallow(objects, roots.shallow)
  for await (const item of walkNewObjects(reader, [...roots.oids, ...remembered], [])) {
    if (reached.has(item.oid)) continue
    reached.add(item.oid)
    if (isMovable(item.oid)) plan.add(item)
    else if (item.type === 'blob' && !(await objects.has(item.oid))) {
      throw gitErrors.create('GIT_OBJECT_MISSING', { oid: item.oid, type: item.type })
    }
    if (reached.size % 256 === 1) {
      onProgress?.({ phase: 'finding objects', done: reached.size, total: 0 })
    }
    await pace.work(40)
  }
  return { plan, reached, hasWorkTrees: roots.hasWorkTrees }
}

/** Finds what is young, what that leads to, and what a write leads to whose ref has not moved. */
async function findYoung(
  { storage, objects }: Repository,
  { kept }: ObjectSurvey,
  unreachable: ReadonlyMap<Oid, number>,
  graceMs: number,
  pace: Pace
): Promise<ReadonlySet<Oid>> {
  const now = await readFileClock(storage.fs, storage.platform, storage.folders.own.packs.folder)
  const starts = [...unreachable].filter(([, timeMs]) => now - timeMs < graceMs).map(([oid]) => oid)
  for (const { pack, isHeld } of kept) {
    if (!isHeld) continue
    for (let at = 0; at < pack.index.count; at++) starts.push(pack.index.oidAt(at))
  }
  return closeOver(objects, unreachable, starts, pace)
}

/** Reads the new packs from beginning to end; each object must have the name that it is found by. */
async function checkPacks(
  { storage }: Repository,
  names: readonly string[],
  { onProgress }: CollectGarbageOptions,
  pace: Pace
): Promise<void> {
  const { packs } = storage.folders.own
  for (const name of names) {
    const path = `${packs.folder}/${name}`
    const pack = [...packs.all].find((each) => each.path === path)
    const { count } = pack?.index ?? { count: 0 }
    const order = Uint32Array.from({ length: count }, (_, at) => at)
    const offsets = Float64Array.from(order, (at) => pack?.index.offsetAt(at) ?? 0)
    order.sort((a, b) => (offsets[a] as number) - (offsets[b] as number))
    for (const [done, at] of order.entries()) {
      const object = await pack?.read(at)
      if (object === undefined) {
        const data = { path: `${path}.pack`, reason: 'its file is gone' }
        throw gitErrors.create('GIT_PACK_DAMAGED', data)
      }
      if (done % 256 === 0) onProgress?.({ phase: 'checking', done, total: count })
      await pace.work(20 + object.bytes.length / 128)
    }
  }
}

/** Removes a loose object's file unless somebody has touched it. */
async function removeUntouched(
  { storage: { fs } }: Repository,
  path: string,
  modifiedMs: number
): Promise<void> {
  const aside = `${path.slice(0, path.lastIndexOf('/'))}/tmp_obj_${path.slice(-38)}`
  if (!(await fs.rename(path, aside))) return
  if ((await fs.stat(aside))?.modifiedMs === modifiedMs) await fs.remove(aside)
  else await fs.rename(aside, path)
}

/** Removes what would name commits that are gone; the git program makes it anew. */
async function removeCommitGraph({ storage: { fs, folders } }: Repository): Promise<void> {
  await fs.remove(`${folders.own.path}/info/commit-graph`)
  await fs.removeFolder(`${folders.own.path}/info/commit-graphs`, { recursive: true })
}
