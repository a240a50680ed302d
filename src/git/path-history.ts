import { hashPath } from './changed-paths.ts'
import { CommitGraph, type CommitNode, CommitQueue } from './commit-graph.ts'
import { gitErrors } from './errors.ts'
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

/**
 * Lists the commits that touched a path, the newest by the committer's time first: those in which
 * the file or folder there differs from the one in every parent. A first commit counts if it has
 * the path.
 *
 * As in `git log -- <path>`, of a merge that took the path over from a parent only that parent's
 * history is followed, so what a merge threw away is not listed.
 *
 * An index spares the look at those of its commits that can't have touched the path; it may have any part
 * of the history.
 *
 * @throws GIT_OBJECT_MISSING; GIT_HISTORY_CUT where the edge of a shallow history is reached.
 */
export async function* commitsTouching(
  objects: ObjectReader,
  headOid: Oid,
  path: string,
  index: PathIndex = new PathIndex()
): AsyncGenerator<CommitNode> {
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
  readonly #others = new Set<Oid>()
  readonly #queue = new CommitQueue<Reached>()

  constructor(graph: CommitGraph, index: PathIndex) {
    this.#graph = graph
    this.#index = index
    this.#count = index.count
    this.#seen = new Uint8Array(index.count)
  }

  next(): Reached | undefined {
    return this.#queue.pop()
  }

  async add(oid: Oid): Promise<void> {
    const position = this.#index.find(oid)
    if (position >= 0 && position < this.#count) return this.#addAt(position)
    if (this.#others.has(oid)) return
    this.#others.add(oid)
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
