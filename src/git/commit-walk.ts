import { CommitGraph, type CommitNode, CommitQueue } from './commit-graph.ts'
import type { ObjectReader } from './object-store.ts'
import type { Oid } from './objects.ts'

/** How history is walked. */
export interface WalkCommitsOptions {
  /** Leaves out these commits and all in their history. Those that are absent are passed over. Default: none. */
  readonly stop?: Iterable<Oid>
}

/**
 * Walks the commits in the history of some heads, each once, the newest by the committer's time
 * first.
 *
 * With `stop`, the walk is planned before the first commit comes. Where clocks were wrong by more
 * than the history between is long, it may give commits that lie below a stop.
 *
 * @throws GIT_OBJECT_MISSING
 */
export async function* walkCommits(
  objects: Pick<ObjectReader, 'read'>,
  heads: Iterable<Oid>,
  options: WalkCommitsOptions = {}
): AsyncGenerator<CommitNode> {
  const stops = [...(options.stop ?? [])]
  if (stops.length > 0) {
    yield* await planWalk(objects, heads, stops)
    return
  }
  const graph = new CommitGraph(objects)
  const seen = new Set<Oid>()
  const queue = new CommitQueue()
  const reach = async (oid: Oid): Promise<void> => {
    if (seen.has(oid)) return
    seen.add(oid)
    queue.push(await graph.read(oid))
  }
  for (const oid of heads) await reach(oid)
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    yield node
    for (const parent of node.parents) await reach(parent)
  }
}

/** After the last wanted commit the walk goes on for this many, in case a clock was wrong. */
const SLOP = 32

async function planWalk(
  objects: Pick<ObjectReader, 'read'>,
  heads: Iterable<Oid>,
  stops: readonly Oid[]
): Promise<readonly CommitNode[]> {
  const graph = new CommitGraph(objects)
  const queue = new CommitQueue()
  const waiting = new Set<Oid>()
  const visited = new Map<Oid, CommitNode>()
  const stopped = new Set<Oid>()
  /** How many wait that are not stopped. */
  let open = 0
  const stop = (oid: Oid): void => {
    const stack = [oid]
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (stopped.has(next)) continue
      stopped.add(next)
      if (waiting.has(next)) open--
      for (const parent of visited.get(next)?.parents ?? []) stack.push(parent)
    }
  }
  const reach = async (oid: Oid): Promise<void> => {
    if (waiting.has(oid) || visited.has(oid)) return
    queue.push(await graph.read(oid))
    waiting.add(oid)
    if (!stopped.has(oid)) open++
  }
  for (const oid of stops) {
    stop(oid)
    if (await objects.read(oid)) await reach(oid)
  }
  for (const oid of heads) await reach(oid)
  for (let left = SLOP; left > 0; left = open > 0 ? SLOP : left - 1) {
    const node = queue.pop()
    if (node === undefined) break
    waiting.delete(node.oid)
    visited.set(node.oid, node)
    if (!stopped.has(node.oid)) open--
    for (const parent of node.parents) {
      if (stopped.has(node.oid)) stop(parent)
      await reach(parent)
    }
  }
  return [...visited.values()].filter((node) => !stopped.has(node.oid))
}
