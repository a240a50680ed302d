import type { Hash } from '../base/platform.ts'
import { formatMessage } from '../format/commit-message.ts'
import { FIRST_COMMIT_OID, FIXED_IDENTITY } from '../format/constants.ts'
import { isAncestor, mergeBases } from '../git/ancestry.ts'
import { formatCommit, readCommit } from '../git/commit.ts'
import type { ObjectReader } from '../git/object-store.ts'
import { createObject, type NewObject, type Oid } from '../git/objects.ts'
import type { TreeTarget } from '../git/tree.ts'
import { readPath } from '../git/tree-walk.ts'
import type { MergeConflict } from './merge-context.ts'

/**
 * What two heads come to. To the first one it means:
 *
 * - `equal`, `ahead`: nothing to do; it is, or contains, the second.
 * - `behind`: it moves on to the second, which contains it.
 * - `merged`: both are parents of a new commit.
 * - `reapplied`: one of them contains history that was purged. What it has anew lies on top of the
 *   other, as an ordinary commit; a branch that held it is not an ancestor of the new head.
 */
export type MergeStatus = 'equal' | 'ahead' | 'behind' | 'merged' | 'reapplied'

export interface MergedHeads {
  readonly status: MergeStatus
  readonly headOid: Oid
  /** Objects to be stored before a ref moves; empty unless there is a new commit. */
  readonly created: readonly NewObject[]
  /** Fields that became contested. */
  readonly conflicts: readonly MergeConflict[]
}

type Objects = Pick<ObjectReader, 'read'>

type MergeTrees = typeof import('./merge-trees.ts').mergeTrees

/**
 * Merges two heads of a branch; writes nothing.
 *
 * A new commit is a function of the two heads alone: whoever merges them, in whichever order, makes
 * the same commit, so two machines that merge at once do not diverge.
 *
 * @throws STORE_MERGE_TOO_NEW, GIT_OBJECT_MISSING
 */
export async function mergeHeads(
  objects: Objects,
  hash: Hash,
  aOid: Oid,
  bOid: Oid
): Promise<MergedHeads> {
  const unchanged = { created: [], conflicts: [] }
  if (aOid === bOid) return { status: 'equal', headOid: aOid, ...unchanged }
  const bases = await mergeBases(objects, aOid, bOid)
  if (bases.includes(bOid)) return { status: 'ahead', headOid: aOid, ...unchanged }
  if (bases.includes(aOid)) return { status: 'behind', headOid: bOid, ...unchanged }
  const [oneOid, otherOid] = [aOid, bOid].sort() as [Oid, Oid]
  const [one, other] = [await readCommit(objects, oneOid), await readCommit(objects, otherOid)]
  const oneReplaced = await replacedHeads(objects, oneOid, other.tree)
  const otherReplaced = await replacedHeads(objects, otherOid, one.tree)
  const replaced = [...oneReplaced, ...otherReplaced]
  const parents = [
    ...(oneReplaced.length === 0 ? [oneOid] : []),
    ...(otherReplaced.length === 0 ? [otherOid] : [])
  ]
  // What was replaced is what the newer records of its heir were based on.
  const baseOids = replaced.length === 0 ? bases : replaced
  // What merges is loaded when something is to be merged.
  const { mergeTrees } = await import('./merge-trees.ts')
  const virtual = new VirtualBases(objects, hash, mergeTrees)
  const merged = await mergeTrees(objects, hash, {
    ours: one.tree,
    theirs: other.tree,
    bases: await treesOf(objects, baseOids),
    findInBase: (path) => virtual.find(baseOids, path)
  })
  const { conflicts } = merged
  const kept = parents.length === 1 ? (parents[0] === oneOid ? one : other) : undefined
  if (kept?.tree === merged.treeOid) {
    return { status: 'reapplied', headOid: parents[0] as Oid, ...unchanged }
  }
  const epochSeconds = Math.max(one.committer.epochSeconds, other.committer.epochSeconds)
  const identity = { ...FIXED_IDENTITY, epochSeconds, offset: '+0000' }
  const status = replaced.length === 0 ? 'merged' : 'reapplied'
  const commit = createObject(
    hash,
    'commit',
    formatCommit({
      tree: merged.treeOid,
      parents: parents.length === 0 ? [FIRST_COMMIT_OID] : parents,
      author: identity,
      committer: identity,
      message: formatMessage({ operation: status === 'merged' ? 'merge' : 'reapply', keys: [] })
    })
  )
  return { status, headOid: commit.oid, created: [...merged.created, commit], conflicts }
}

/** Finds the newest heads in a commit's history that another tree lists as replaced by a purge. */
export async function replacedHeads(
  objects: Objects,
  headOid: Oid,
  otherTreeOid: Oid
): Promise<readonly Oid[]> {
  const { readPurgedHeads } = await import('./merge-purged.ts')
  const contained: Oid[] = []
  for (const oid of await readPurgedHeads(objects, otherTreeOid)) {
    // A head that was purged here too is gone with its history.
    if ((await objects.read(oid)) === undefined) continue
    if (await isAncestor(objects, oid, headOid)) contained.push(oid)
  }
  const newest: Oid[] = []
  for (const oid of contained) {
    let isOlder = false
    for (const other of contained) {
      isOlder ||= other !== oid && (await isAncestor(objects, oid, other))
    }
    if (!isOlder) newest.push(oid)
  }
  return newest.sort()
}

async function treesOf(objects: Objects, commitOids: readonly Oid[]): Promise<readonly Oid[]> {
  const trees: Oid[] = []
  for (const oid of commitOids) trees.push((await readCommit(objects, oid)).tree)
  return trees
}

/**
 * Merges merge bases with each other, so that what two of them have from different sides can be
 * compared with one tree. The trees are kept in memory and never stored.
 */
class VirtualBases {
  readonly #objects: Objects
  readonly #hash: Hash
  readonly #mergeTrees: MergeTrees
  readonly #made = new Map<Oid, NewObject>()
  readonly #trees = new Map<string, Promise<Oid>>()

  constructor(objects: Objects, hash: Hash, mergeTrees: MergeTrees) {
    this.#mergeTrees = mergeTrees
    this.#objects = { read: async (oid) => this.#made.get(oid) ?? objects.read(oid) }
    this.#hash = hash
  }

  /** Finds a path in the tree that some commits merge to, whatever their order. */
  async find(commitOids: readonly Oid[], path: string): Promise<TreeTarget | undefined> {
    const sorted = [...commitOids].sort()
    const key = sorted.join(' ')
    const tree = this.#trees.get(key) ?? this.#merge(sorted)
    this.#trees.set(key, tree)
    return readPath(this.#objects, await tree, path)
  }

  async #merge(sorted: readonly Oid[]): Promise<Oid> {
    const [firstOid, ...others] = sorted as readonly [Oid, ...Oid[]]
    let treeOid = (await readCommit(this.#objects, firstOid)).tree
    const merged = [firstOid]
    for (const oid of others) {
      const bases = await this.#commonBases(merged, oid)
      const result = await this.#mergeTrees(this.#objects, this.#hash, {
        ours: treeOid,
        theirs: (await readCommit(this.#objects, oid)).tree,
        bases: await treesOf(this.#objects, bases),
        findInBase: (path) => this.find(bases, path),
        lenient: true
      })
      for (const object of result.created) this.#made.set(object.oid, object)
      treeOid = result.treeOid
      merged.push(oid)
    }
    return treeOid
  }

  async #commonBases(mergedOids: readonly Oid[], oid: Oid): Promise<readonly Oid[]> {
    const bases = new Set<Oid>()
    for (const merged of mergedOids) {
      for (const base of await mergeBases(this.#objects, merged, oid)) bases.add(base)
    }
    return [...bases].sort()
  }
}
