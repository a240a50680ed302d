import { parseHex } from '../base/bytes.ts'
import { hashPath } from './changed-paths.ts'
import { CommitGraph, type CommitNode, CommitQueue } from './commit-graph.ts'
import { gitErrors } from './errors.ts'
import type { LineSkip } from './line-skip.ts'
import { NameSet } from './name-set.ts'
import type { ObjectReader } from './object-store.ts'
import { EMPTY_TREE, type Oid } from './objects.ts'
import { NO_PARENT, PathIndex } from './path-index.ts'
import { TreesAhead } from './read-ahead.ts'
import { findTreeEntry, isFolder, type TreeEntry } from './tree.ts'

/** A commit that a walk comes by: at its place in the index, or else -1. */
interface Reached {
  readonly oid: Oid
  readonly position: number
  readonly epochSeconds: number
}

/** So many commits are looked at one by one before it pays to make ready for more. */
const PATIENCE = 256
/** Where each commit touches the path, a skip is tried after twice as many every time, up to so many. */
const MOST_PATIENCE = 1024

/** What helps a walk. */
export interface CommitsTouchingOptions {
  /** Spares the look at those of its commits that can't have touched the path; has any part of the history. Default: none. */
  readonly index?: PathIndex | undefined
  /** Passes over commits that don't touch the path; for the same path. Default: none. */
  readonly skip?: LineSkip | undefined
  /** How many commits are looked at one by one before that is tried. Default: 256. */
  readonly patience?: number
}

/**
 * Lists the commits that touched a path, the newest by the committer's time first: those in which
 * the file or folder there differs from the one in every parent. A first commit counts if it has
 * the path.
 *
 * As in `git log -- <path>`, of a merge that took the path over from a parent only that parent's
 * history is followed, so what a merge threw away is not listed.
 *
 * @throws GIT_OBJECT_MISSING; GIT_HISTORY_CUT where the edge of a shallow history is reached.
 */
export async function* commitsTouching(
  objects: ObjectReader,
  headOid: Oid,
  path: string,
  options: CommitsTouchingOptions = {}
): AsyncGenerator<CommitNode> {
  const { index = new PathIndex(), skip } = options
  let patience = options.patience ?? PATIENCE
  let looked = 0
  const graph = new CommitGraph(objects)
  const names = path.split('/')
  const trees = new TreesAhead(objects, graph, names)
  const reached = new ReachedCommits(graph, index)
  const hash = hashPath(path)
  await reached.add(headOid)
  for (let next = reached.next(); next !== undefined; next = reached.next()) {
    const { oid, position } = next
    if (position >= 0 && !index.mayTouch(position, hash)) {
      await reached.addParentOf(position)
      continue
    }
    // While others wait, their order matters, and that is told by looking at each.
    if (skip !== undefined && reached.isEmpty && looked++ >= patience) {
      const stop = await skip.skip(oid, (name) => reached.knows(name))
      patience = stop === oid ? Math.min(patience * 2 + 1, MOST_PATIENCE) : 1
      looked = 0
      if (stop !== oid) {
        trees.lookNear()
        await reached.add(stop)
        continue
      }
    }
    const node = await graph.read(oid)
    if (position < 0) await trees.cover(node)
    const same = await findSameParent(graph, trees, node, names)
    if (same === undefined && !(await isRootWithout(trees, node, names))) {
      // Whether it brought the path about, only what lies before it tells.
      if (node.isEdge) throw gitErrors.create('GIT_HISTORY_CUT', { oid })
      yield node
    }
    for (const parent of same === undefined ? node.parents : [same]) await reached.add(parent)
  }
}

/** Commits to look at, each once, the newest first. */
class ReachedCommits {
  readonly #graph: CommitGraph
  readonly #index: PathIndex
  /** What others add to the index meanwhile counts as not there. */
  readonly #count: number
  readonly #seen: Uint8Array
  readonly #others = new NameSet()
  readonly #queue = new CommitQueue<Reached>()

  constructor(graph: CommitGraph, index: PathIndex) {
    this.#graph = graph
    this.#index = index
    this.#count = index.count
    this.#seen = new Uint8Array(index.count)
  }

  get isEmpty(): boolean {
    return this.#queue.size === 0
  }

  /** Tells of a commit, by the 20 bytes of its name, whether it was reached or is in the index. */
  knows(name: Uint8Array): boolean {
    const position = this.#index.findName(name)
    return (position >= 0 && position < this.#count) || this.#others.find(name, 0) >= 0
  }

  next(): Reached | undefined {
    return this.#queue.pop()
  }

  async add(oid: Oid): Promise<void> {
    const position = this.#index.find(oid)
    if (position >= 0 && position < this.#count) return this.#addAt(position)
    const { count } = this.#others
    if (this.#others.add(parseHex(oid), 0) < count) return
    const { epochSeconds } = await this.#graph.read(oid)
    this.#queue.push({ oid, position: -1, epochSeconds })
  }

  /** Adds the first parent of a commit of the index. */
  async addParentOf(position: number): Promise<void> {
    const parent = this.#index.firstParentAt(position)
    if (parent === NO_PARENT) return
    if (parent >= 0 && parent < this.#count) return this.#addAt(parent)
    const [first] = (await this.#graph.read(this.#index.oidAt(position))).parents
    if (first !== undefined) await this.add(first)
  }

  #addAt(position: number): void {
    if (this.#seen[position] !== 0) return
    this.#seen[position] = 1
    const [oid, epochSeconds] = [this.#index.oidAt(position), this.#index.timeAt(position)]
    this.#queue.push({ oid, position, epochSeconds })
  }
}

async function isRootWithout(
  trees: TreesAhead,
  { parents, tree }: CommitNode,
  names: readonly string[]
): Promise<boolean> {
  return parents.length === 0 && !(await differs(trees, tree, EMPTY_TREE, names))
}

async function findSameParent(
  graph: CommitGraph,
  trees: TreesAhead,
  node: CommitNode,
  names: readonly string[]
): Promise<Oid | undefined> {
  for (const parent of node.parents) {
    if (!(await differs(trees, node.tree, (await graph.read(parent)).tree, names))) return parent
  }
  return undefined
}

/** Tells whether two trees differ at a path; stops at the first folder that they share. */
async function differs(
  trees: TreesAhead,
  one: Oid,
  other: Oid,
  names: readonly string[]
): Promise<boolean> {
  let a: TreeEntry | undefined = { mode: '40000', name: '', oid: one }
  let b: TreeEntry | undefined = { mode: '40000', name: '', oid: other }
  for (const name of names) {
    if (a?.oid === b?.oid && a?.mode === b?.mode) return false
    a = await findIn(trees, a, name)
    b = await findIn(trees, b, name)
  }
  return a?.oid !== b?.oid || a?.mode !== b?.mode
}

async function findIn(
  trees: TreesAhead,
  folder: TreeEntry | undefined,
  name: string
): Promise<TreeEntry | undefined> {
  if (folder === undefined || !isFolder(folder) || folder.oid === EMPTY_TREE) return undefined
  return findTreeEntry(await trees.read(folder.oid), name)
}
