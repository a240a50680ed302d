import { isAncestor } from '../git/ancestry.ts'
import { readCommit } from '../git/commit.ts'
import type { ObjectReader } from '../git/object-store.ts'
import type { Oid } from '../git/objects.ts'
import { replacedHeads } from './merge-commits.ts'

/**
 * Tells whether a remote's head was moved back: it does not contain what the remote had, and does not
 * say either that it takes the place of history that was purged.
 */
export async function isRewound(
  objects: ObjectReader,
  trackedOid: Oid,
  headOid: Oid
): Promise<boolean> {
  if (await isAncestor(objects, trackedOid, headOid)) return false
  const { tree } = await readCommit(objects, headOid)
  return (await replacedHeads(objects, trackedOid, tree)).length === 0
}
