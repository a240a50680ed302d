import { CommitGraph, type CommitNode, CommitQueue } from './commit-graph.ts'
import { gitErrors } from './errors.ts'
import type { ObjectReader } from './object-store.ts'
import type { Oid } from './objects.ts'

/** Reached from the one side, from the other, or below a commit that is reached from both. */
const ONE = 1
const OTHER = 2
const BOTH = ONE | OTHER
const BELOW = 4

/**
 * Tells whether a commit is another, or lies in its history.
 *
 * @throws GIT_OBJECT_MISSING; GIT_HISTORY_CUT if that lies beyond the edge of a shallow history.
 */
export async function isAncestor(
  objects: Pick<ObjectReader, 'read'>,
  ancestorOid: Oid,
  descendantOid: Oid
): Promise<boolean> {
  if (ancestorOid === descendantOid) return true
  const graph = new CommitGraph(objects)
  const painted = await paint(graph, ancestorOid, descendantOid)
  if (((painted.get(ancestorOid) ?? 0) & OTHER) !== 0) return true
  await checkEdge(graph, painted, [OTHER])
  return false
}

/**
 * Returns the best common ancestors of two commits, the newest first: none of them lies in the
 * history of another. Empty if the two have no history in common.
 *
 * @throws GIT_OBJECT_MISSING; GIT_HISTORY_CUT if that lies beyond the edge of a shallow history.
 */
export async function mergeBases(
  objects: Pick<ObjectReader, 'read'>,
  oneOid: Oid,
  otherOid: Oid
): Promise<readonly Oid[]> {
  if (oneOid === otherOid) return [oneOid]
  const graph = new CommitGraph(objects)
  const painted = await paint(graph, oneOid, otherOid)
  await checkEdge(graph, painted, [ONE, OTHER])
  const common = [...painted].filter(([, colour]) => colour === BOTH).map(([oid]) => oid)
  const best: CommitNode[] = []
  for (const oid of common) {
    if (!(await isBelowAny(graph, oid, common))) best.push(await graph.read(oid))
  }
  best.sort((a, b) => b.epochSeconds - a.epochSeconds || (a.oid < b.oid ? -1 : 1))
  return best.map((node) => node.oid)
}

/** Refuses to judge where history that is not here could be what the one side has of the other. */
async function checkEdge(
  graph: CommitGraph,
  painted: ReadonlyMap<Oid, number>,
  open: readonly number[]
): Promise<void> {
  for (const [oid, colour] of painted) {
    if (!open.includes(colour) || !(await graph.read(oid)).isEdge) continue
    throw gitErrors.create('GIT_HISTORY_CUT', { oid })
  }
}

/** A clock that was wrong can leave a common ancestor unpainted though it is below another. */
async function isBelowAny(graph: CommitGraph, oid: Oid, others: readonly Oid[]): Promise<boolean> {
  for (const other of others) {
    if (other === oid) continue
    const painted = await paint(graph, oid, other)
    if ((painted.get(oid) ?? 0) & OTHER) return true
  }
  return false
}

/**
 * Paints the history of two commits, the newest first, until all that is left lies below a common
 * ancestor. The times decide only what is visited in vain: a commit that is reached again with a
 * further colour is visited again, so every common ancestor that is a best one is found.
 */
async function paint(graph: CommitGraph, oneOid: Oid, otherOid: Oid): Promise<Map<Oid, number>> {
  const colours = new Map<Oid, number>()
  const queue = new CommitQueue()
  const waiting = new Map<Oid, number>()
  let open = 0
  const reach = async (oid: Oid, colour: number): Promise<void> => {
    const before = colours.get(oid) ?? 0
    const after = before | colour
    if (after === before) return
    const times = waiting.get(oid) ?? 0
    // What waits already and falls below a common ancestor no longer keeps the walk going.
    if ((after & BELOW) !== 0 && (before & BELOW) === 0) open -= times
    if ((after & BELOW) === 0) open++
    colours.set(oid, after)
    waiting.set(oid, times + 1)
    queue.push(await graph.read(oid))
  }
  await reach(oneOid, ONE)
  await reach(otherOid, OTHER)
  while (open > 0) {
    const node = queue.pop() as CommitNode
    waiting.set(node.oid, (waiting.get(node.oid) ?? 0) - 1)
    const colour = colours.get(node.oid) ?? 0
    if ((colour & BELOW) === 0) open--
    const passed = (colour & BOTH) === BOTH ? colour | BELOW : colour
    for (const parent of node.parents) await reach(parent, passed)
  }
  return colours
}
