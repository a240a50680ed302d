import { isCoded } from '../base/errors.ts'
import { estimateLoose, packLoose } from './loose-pack.ts'
import { isGitCollecting, runMaintenance } from './maintenance-lock.ts'
import { Pace } from './pace.ts'
import { sweepNewPacks } from './pack-file-write.ts'
import { mergePacks, openMergeSource } from './pack-merge.ts'
import type { PackFile } from './pack-read.ts'
import { removePacks } from './pack-remove.ts'
import { type SurveyedPack, surveyPacks } from './pack-survey.ts'
import type { Repository, RepositoryStorage } from './repository.ts'

/** How many packs there may be. */
export interface PackBound {
  /** With more, some are merged. */
  readonly most: number
  /** A merge leaves at most this many packs that it does not take in. */
  readonly spared: number
}

/** With more packs than this, some are merged. */
export const MAX_PACKS = 40
const OWN_PACKS: PackBound = { most: MAX_PACKS, spared: 16 }
/** Of packs that say that a remote promised more, which are never merged with others. */
const PROMISED_PACKS: PackBound = { most: 8, spared: 4 }
/** Larger packs are left to a collection of garbage: merging them would take seconds. */
const LARGE_PACK_BYTES = 256 << 20
/** With more loose objects than about this many, they are packed. */
const MAX_LOOSE = 1000
/** How often what to merge is planned anew because another program removed a pack. */
const MAX_PLANS = 4

/** How packs are consolidated. */
export interface ConsolidateOptions {
  /** Ends it early; what is done by then stays. Default: none. */
  readonly signal?: AbortSignal
}

/** What consolidation did. */
export interface Consolidated {
  readonly packsBefore: number
  readonly packsAfter: number
  /** How many loose objects were packed. */
  readonly packedLoose: number
  /** What is wrong with damaged packs, which were left as they are. */
  readonly damages: readonly unknown[]
}

/**
 * Tells whether there are so many packs that some are to be merged, as far as this process knows: more than
 * the last consolidation left, of which some may have to stay. Default: it is not known what that was.
 */
export function hasManyPacks({ folders }: RepositoryStorage, leftPacks = 0): boolean {
  return folders.own.packs.count > Math.max(MAX_PACKS, leftPacks + 1)
}

/**
 * Merges small packs so that each is at least twice as large as all smaller ones together, and packs
 * loose objects where there are many. An object is copied a number of times that grows with the
 * logarithm of their number; nothing is dropped. `undefined` if another process is at it.
 *
 * Packs that a write not yet done or a person keeps are left alone, and those that a partial clone got are
 * merged with one another. Others may read and write meanwhile, and a crash at any moment loses nothing.
 */
export async function consolidate(
  repository: Repository,
  options: ConsolidateOptions = {}
): Promise<Consolidated | undefined> {
  if (await isGitCollecting(repository)) return undefined
  return runMaintenance(repository, 0, () => run(repository.storage, options))
}

async function run(
  storage: RepositoryStorage,
  { signal }: ConsolidateOptions
): Promise<Consolidated> {
  const pace = new Pace(storage.platform.timers, signal)
  await sweepNewPacks(storage)
  await storage.folders.scan()
  const packsBefore = storage.folders.own.packs.count
  const isLittered = (await estimateLoose(storage)) > MAX_LOOSE
  const packedLoose = isLittered ? await packLoose(storage, pace) : 0
  const damaged = new Map<string, unknown>()
  for (const isPromised of [false, true]) {
    const bound = isPromised ? PROMISED_PACKS : OWN_PACKS
    for (let plan = 0; plan < MAX_PLANS; plan++) {
      const free = (await surveyPacks(storage)).filter((each) => isFree(each, damaged))
      const packs = free.filter(({ isPromisor }) => isPromisor === isPromised)
      const chosen = chooseMerge(packs, ({ sizeBytes }) => sizeBytes, bound)
      if (chosen.length < 2) break
      if (await tryMerge(storage, chosen, damaged, pace)) break
    }
  }
  const packsAfter = storage.folders.own.packs.count
  return { packsBefore, packsAfter, packedLoose, damages: [...damaged.values()] }
}

function isFree(surveyed: SurveyedPack, damaged: ReadonlyMap<string, unknown>): boolean {
  if (surveyed.isKept || surveyed.pack.isCruft) return false
  return surveyed.sizeBytes < LARGE_PACK_BYTES && !damaged.has(`${surveyed.pack.path}.pack`)
}

/**
 * Chooses what to merge: the smallest, up to the first that is at least twice as large as all before
 * it together, provided that few enough are left. Nothing if there are few at all. The default bound is
 * that of packs which nothing was promised for.
 */
export function chooseMerge<T>(
  packs: readonly T[],
  sizeOf: (pack: T) => number,
  { most, spared }: PackBound = OWN_PACKS
): readonly T[] {
  if (packs.length <= most) return []
  const sorted = [...packs].sort((a, b) => sizeOf(a) - sizeOf(b))
  let total = 0
  for (const [at, pack] of sorted.entries()) {
    if (sorted.length - at <= spared && sizeOf(pack) >= total * 2) return sorted.slice(0, at)
    total += sizeOf(pack)
  }
  return sorted
}

/** Merges packs and removes them; `false` if one turned out to be damaged or gone. */
async function tryMerge(
  storage: RepositoryStorage,
  chosen: readonly SurveyedPack[],
  damaged: Map<string, unknown>,
  pace: Pace
): Promise<boolean> {
  // The largest comes first: of what several have, its copy is taken, so that deltas stay deltas.
  const packs = chosen.map(({ pack }) => pack).reverse()
  let name: string
  try {
    const sources = []
    for (const pack of packs) sources.push(await openMergeSource(storage, pack))
    name = await mergePacks(storage, sources, pace, { isPromisor: chosen[0]?.isPromisor ?? false })
  } catch (error) {
    const path = damagedPath(error)
    if (path === undefined) throw error
    // One that is gone is not found by the next survey; one that is there is left out of it.
    if ((await storage.fs.stat(path)) !== undefined) damaged.set(path, error)
    return false
  }
  const path = `${storage.folders.own.packs.folder}/${name}`
  if (!(await isReadable(storage, path))) return false
  await removePacks(
    storage,
    packs.map(({ path: removed }) => ({ path: removed }))
  )
  // Whoever freshened an object meanwhile touched the pack that it lay in.
  await storage.fs.touch(`${path}.pack`)
  return true
}

function damagedPath(error: unknown): string | undefined {
  if (!isCoded(error)) return undefined
  const { path, where } = error.data as { readonly path?: unknown; readonly where?: unknown }
  if (error.code === 'GIT_PACK_DAMAGED') return String(path)
  return error.code === 'GIT_OBJECT_DAMAGED' ? String(where) : undefined
}

/** Reads the first and the last object of a pack as anybody would. */
async function isReadable({ folders }: RepositoryStorage, path: string): Promise<boolean> {
  await folders.scan()
  const pack = [...folders.own.packs.all].find((each: PackFile) => each.path === path)
  if (pack === undefined || (await pack.read(0)) === undefined) return false
  return (await pack.read(pack.index.count - 1)) !== undefined
}
