import { hashPath } from './changed-paths.ts'
import { CommitGraph, type CommitNode, CommitQueue } from './commit-graph.ts'
import { gitErrors } from './errors.ts'
import type { ObjectReader } from './object-store.ts'
import { EMPTY_TREE, type Oid } from './objects.ts'
import type { PathIndex } from './path-index.ts'
import { TreesAhead } from './read-ahead.ts'
import { findTreeEntry, isFolder, type TreeEntry } from './tree.ts'

/**
 * Lists the commits that touched a path, the newest by the committer's time first: those in which
 * the file or folder there differs from the one in every parent. A first commit counts if it has
 * the path.
 *
 * As in `git log -- <path>`, of a merge that took the path over from a parent only that parent's
 * history is followed, so what a merge threw away is not listed.
 *
 * An index that has the head spares the look at commits that can't have touched the path.
 *
 * @throws GIT_OBJECT_MISSING; GIT_HISTORY_CUT where the edge of a shallow history is reached.
 */
export async function* commitsTouching(
  objects: ObjectReader,
  headOid: Oid,
  path: string,
  index?: PathIndex
): AsyncGenerator<CommitNode> {
  const head = index?.find(headOid) ?? -1
  if (index !== undefined && head >= 0) {
    yield* walkIndex(objects, index, head, path)
    return
  }
  const graph = new CommitGraph(objects)
  const names = path.split('/')
  const trees = new TreesAhead(objects, graph, names)
  const seen = new Set<Oid>([headOid])
  const queue = new CommitQueue()
  queue.push(await graph.read(headOid))
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    await trees.cover(node)
    const same = await findSameParent(graph, trees, node, names)
    if (same === undefined && !(await isRootWithout(trees, node, names))) {
      // Whether it brought the path about, only what lies before it tells.
      if (node.isEdge) throw gitErrors.create('GIT_HISTORY_CUT', { oid: node.oid })
      yield node
    }
    for (const parent of same === undefined ? node.parents : [same]) {
      if (seen.has(parent)) continue
      seen.add(parent)
      queue.push(await graph.read(parent))
    }
  }
}

/**
 * Walks as `commitsTouching` does, and looks only at commits that may have touched the path: of the
 * others it is known that they have it as their first parent has.
 */
async function* walkIndex(
  objects: ObjectReader,
  index: PathIndex,
  head: number,
  path: string
): AsyncGenerator<CommitNode> {
  const graph = new CommitGraph(objects)
  const names = path.split('/')
  const trees = new TreesAhead(objects, graph, names)
  const hash = hashPath(path)
  const seen = new Uint8Array(index.count)
  const queue = new CommitQueue<{ readonly position: number; readonly epochSeconds: number }>()
  const reach = (position: number): void => {
    if (position < 0 || seen[position] !== 0) return
    seen[position] = 1
    queue.push({ position, epochSeconds: index.timeAt(position) })
  }
  reach(head)
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { position } = next
    if (!index.mayTouch(position, hash)) {
      reach(index.firstParentAt(position))
      continue
    }
    const node = await graph.read(index.oidAt(position))
    const same = await findSameParent(graph, trees, node, names)
    if (same === undefined && !(await isRootWithout(trees, node, names))) yield node
    for (const parent of same === undefined ? node.parents : [same]) reach(index.find(parent))
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
