import type { Platform } from '../../base/platform.ts'
import { mapLimited } from '../../base/tasks.ts'
import { parseCommit } from '../../git/commit.ts'
import { gitErrors } from '../../git/errors.ts'
import type { ObjectStore } from '../../git/object-store.ts'
import type { GitObject, Oid } from '../../git/objects.ts'
import type { ShallowChange } from '../../git/shallow.ts'
import type { PackRequest } from '../remote.ts'
import { findSummary, type SummaryRef } from '../summary-ref.ts'
import type { Forge } from './forge.ts'
import { openWholePack, readFirstCommit, readPackObjects, type WholePack } from './forge-pack.ts'

/** How many histories are looked at at a time. */
const AT_ONCE = 4
/** Where what is here is not met after so many commits, history is cut. */
const MOST_COMMITS = 400
const MOST_NAMES = 256

/** How much of history is wanted. */
interface Wish {
  readonly depth: number
  /** Whether what is here is to become deeper. */
  readonly isDeeper: boolean
}

/** What a fetch brings. */
export interface Collected {
  readonly packs: readonly WholePack[]
  readonly objects: readonly GitObject[]
}

/**
 * Collects what refs of a forge hold: commits down to what is here or as deep as is wished, and the trees of
 * the newest. Where a summary was left there, most of that comes with it.
 */
export class ForgeFetch {
  readonly #forge: Forge
  readonly #platform: Platform
  readonly #objects: Pick<ObjectStore, 'has' | 'listHeld'>
  readonly #refs: ReadonlyMap<string, Oid>
  readonly #summaries: { readonly ref: string; readonly bytes: Uint8Array }[] = []
  readonly #found = new Map<Oid, GitObject>()
  /** The commits of summaries, which lie in their packs. */
  readonly #summarized = new Map<Oid, GitObject>()
  /** What lies in those packs, where that must be known. */
  readonly #names = new Set<Oid>()
  /** The commits that were listed, whether they are here or not. */
  readonly #walked = new Map<Oid, GitObject>()

  constructor(
    forge: Forge,
    platform: Platform,
    objects: Pick<ObjectStore, 'has' | 'listHeld'>,
    refs: ReadonlyMap<string, Oid>
  ) {
    this.#forge = forge
    this.#platform = platform
    this.#objects = objects
    this.#refs = refs
  }

  /** Brings what is wanted, and tells how the edge of history moves with it. */
  async collect({ wants, haves, history }: PackRequest): Promise<Collected> {
    const { edge = [], depth = Number.POSITIVE_INFINITY } = history ?? {}
    const isDeeper = edge.length > 0 && history?.depth === Number.POSITIVE_INFINITY
    const here = new Set<Oid>(isDeeper ? [] : [...(await haves.next(MOST_NAMES)), ...edge])
    await mapLimited([...new Set(wants)], AT_ONCE, async (want) => {
      await this.#bring(want, here, { depth, isDeeper })
    })
    history?.onMove(await this.#moveEdge(edge))
    return this.#join()
  }

  async #bring(want: Oid, here: ReadonlySet<Oid>, wish: Wish): Promise<void> {
    const { depth, isDeeper } = wish
    const summary = isDeeper ? undefined : await this.#takeSummary(want)
    const isFirst = here.size === 0
    const tip = summary?.commit === want ? this.#summarized.get(want) : undefined
    if (tip === undefined || !isFirst) {
      const stop = summary === undefined ? here : new Set([...here, summary.commit])
      const isFree = isFirst && summary === undefined
      await this.#walk(want, stop, isFree || isDeeper ? depth : MOST_COMMITS)
    }
    const commit = tip ?? this.#walked.get(want)
    if (commit === undefined) throw gitErrors.create('GIT_OBJECT_MISSING', { oid: want })
    // Trees of the past are brought when they are looked at.
    if (isDeeper) return
    const { tree } = parseCommit(commit)
    const isKnown = (oid: Oid): Promise<boolean> => this.#isKnown(oid)
    if (tip !== undefined || (await isKnown(tree))) return
    const whole = await this.#forge.trees({ commit: want, tree }, isKnown)
    // One by one, to look for what is not here would take longer than to fetch it.
    const held = new Set(await this.#objects.listHeld(whole.map(({ oid }) => oid)))
    for (const object of whole) {
      const { oid } = object
      if (!held.has(oid) && !this.#names.has(oid)) this.#found.set(oid, object)
    }
  }

  /** Brings commits until all that is missing of a history is a known commit, or `count` are there. */
  async #walk(want: Oid, stop: ReadonlySet<Oid>, count: number): Promise<void> {
    const open = new Set<Oid>([want])
    let taken = 0
    for await (const commit of this.#forge.commits(want, count)) {
      // What lies below a known commit is listed between the others.
      if (!open.delete(commit.oid)) continue
      this.#walked.set(commit.oid, commit)
      if (!this.#summarized.has(commit.oid) && !(await this.#objects.has(commit.oid))) {
        this.#found.set(commit.oid, commit)
      }
      for (const parent of parseCommit(commit).parents) {
        if (!stop.has(parent) && !this.#walked.has(parent)) open.add(parent)
      }
      if (open.size === 0 || ++taken >= count) return
    }
  }

  /** Takes the summary of a branch whose tip is not here yet. */
  async #takeSummary(want: Oid): Promise<SummaryRef | undefined> {
    const summary = findSummary(this.#refs, want)
    if (summary === undefined || (await this.#objects.has(summary.commit))) return undefined
    const blob = await this.#forge.blob(summary.blob)
    if (blob === undefined) return undefined
    const pack = openWholePack(this.#platform, summary.ref, blob.bytes)
    const commit = readFirstCommit(this.#platform, summary.ref, pack)
    if (commit.oid !== summary.commit || this.#summarized.has(commit.oid)) return undefined
    this.#summaries.push({ ref: summary.ref, bytes: blob.bytes })
    this.#summarized.set(commit.oid, commit)
    if (commit.oid !== want) {
      for (const { oid } of await readPackObjects(this.#platform, summary.ref, blob.bytes)) {
        this.#names.add(oid)
      }
    }
    return summary
  }

  /** Lets nothing come twice: of a summary that has what another has, too, only the rest comes. */
  async #join(): Promise<Collected> {
    const packs: WholePack[] = []
    const seen = new Set<Oid>()
    const objects = new Map<Oid, GitObject>()
    for (const { ref, bytes } of this.#summaries) {
      const inside = await readPackObjects(this.#platform, ref, bytes)
      if (inside.some(({ oid }) => seen.has(oid))) {
        for (const object of inside) if (!seen.has(object.oid)) objects.set(object.oid, object)
      } else {
        packs.push(openWholePack(this.#platform, ref, bytes))
      }
      for (const { oid } of inside) seen.add(oid)
    }
    for (const [oid, object] of this.#found) if (!seen.has(oid)) objects.set(oid, object)
    return { packs, objects: [...objects.values()] }
  }

  async #isKnown(oid: Oid): Promise<boolean> {
    return this.#found.has(oid) || this.#names.has(oid) || this.#objects.has(oid)
  }

  /** Finds the commits whose parents are not here, and those at the edge whose parents now are. */
  async #moveEdge(edge: readonly Oid[]): Promise<ShallowChange> {
    const shallow: Oid[] = []
    const unshallow: Oid[] = []
    const isThere = async (oid: Oid): Promise<boolean> =>
      this.#found.has(oid) || this.#summarized.has(oid) || this.#objects.has(oid)
    for (const [oid, commit] of new Map([...this.#walked, ...this.#summarized])) {
      let isWhole = true
      for (const parent of parseCommit(commit).parents) isWhole &&= await isThere(parent)
      if (isWhole && edge.includes(oid)) unshallow.push(oid)
      if (!isWhole && !(await this.#objects.has(oid))) shallow.push(oid)
    }
    return { shallow, unshallow }
  }
}
