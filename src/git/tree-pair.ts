import type { GitObject } from './objects.ts'
import { parseTree, type TreeEntry } from './tree.ts'

/** The entries of two trees, without those that are the same at the beginning and at the end of both. */
export interface TreePairEntries {
  readonly entries: readonly TreeEntry[]
  readonly others: readonly TreeEntry[]
}

/**
 * Parses of two trees what lies between their first and their last difference: of a large folder in which
 * something changed that is mostly one entry.
 *
 * @throws GIT_OBJECT_DAMAGED, GIT_OBJECT_TYPE
 */
export function parseDifference(tree: GitObject, other: GitObject): TreePairEntries {
  const [a, b] = [tree.bytes, other.bytes]
  const start = sharedStart(a, b)
  let end = 0
  const most = Math.min(a.length, b.length) - start
  while (end < most && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  // What is alike may begin within an entry: all of those that both have as a whole are left out.
  const stop = boundaryFrom(a, start, a.length - end)
  const otherStop = b.length - (a.length - stop)
  const isShared = stop <= a.length && boundaryFrom(b, start, otherStop) === otherStop
  return {
    entries: parseTree(tree, start, isShared ? stop : a.length),
    others: parseTree(other, start, isShared ? otherStop : b.length)
  }
}

/** Returns where the first entry begins that two trees don't share. */
function sharedStart(a: Uint8Array, b: Uint8Array): number {
  let start = 0
  for (let at = 0; at < a.length; ) {
    while (a[at] !== 0 && a[at] === b[at]) at++
    const next = at + 21
    if (a[at] !== b[at] || next > a.length || next > b.length) return start
    for (; at < next; at++) if (a[at] !== b[at]) return start
    start = at
  }
  return start
}

/** Returns the first place from `least` on at which an entry begins or the tree ends; more if it is damaged. */
function boundaryFrom(bytes: Uint8Array, start: number, least: number): number {
  let at = start
  while (at < least) {
    while (at < bytes.length && bytes[at] !== 0) at++
    at += 21
  }
  return at
}
