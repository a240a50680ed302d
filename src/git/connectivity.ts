import { gitErrors } from './errors.ts'
import type { ObjectStore } from './object-store.ts'
import { walkNewObjects } from './object-walk.ts'
import type { Oid } from './objects.ts'
import type { Link } from './pack-links.ts'
import type { ReceivedPack } from './pack-receive.ts'

/**
 * Checks that everything that can be reached from some objects is there: in a pack that was
 * received, or in the store. What is reachable from `known` is taken for complete.
 *
 * @throws GIT_OBJECT_MISSING, GIT_OBJECT_TYPE, GIT_OBJECT_DAMAGED
 */
export async function checkConnected(
  objects: Pick<ObjectStore, 'read' | 'has'>,
  pack: Pick<ReceivedPack, 'has' | 'read' | 'outside'> | undefined,
  wanted: Iterable<Oid>,
  known: Iterable<Oid>
): Promise<void> {
  const heads = [...wanted]
  // What names nothing outside of it is whole, as a clone is: nothing needs to be read again.
  if (pack?.outside().length === 0 && heads.every((oid) => pack.has(oid))) return
  const read = async (oid: Oid) => (await pack?.read(oid)) ?? objects.read(oid)
  for await (const { oid, type } of walkNewObjects({ read }, heads, known)) {
    if (type !== 'blob' || pack?.has(oid) || (await objects.has(oid))) continue
    throw gitErrors.create('GIT_OBJECT_MISSING', { oid, type })
  }
}

/**
 * Checks a pack that leaves something out on purpose: what its objects name is in it or in the store,
 * or may be missing.
 *
 * Unlike `checkConnected` this takes what is in the store for complete, whether a ref reaches it or not.
 *
 * @throws GIT_OBJECT_MISSING, GIT_OBJECT_TYPE
 */
export async function checkLinks(
  objects: Pick<ObjectStore, 'has'>,
  pack: Pick<ReceivedPack, 'has' | 'outside'>,
  wanted: Iterable<Oid>,
  mayMiss: (link: Link) => boolean
): Promise<void> {
  for (const oid of wanted) {
    if (pack.has(oid) || (await objects.has(oid))) continue
    throw gitErrors.create('GIT_OBJECT_MISSING', { oid })
  }
  for (const link of pack.outside()) {
    if (mayMiss(link) || (await objects.has(link.oid))) continue
    throw gitErrors.create('GIT_OBJECT_MISSING', link)
  }
}

/**
 * Tells whether everything that can be reached from some objects is in the store. What is reachable
 * from `known` is taken for complete.
 */
export async function areConnected(
  objects: Pick<ObjectStore, 'read' | 'has'>,
  wanted: readonly Oid[],
  known: Iterable<Oid>
): Promise<boolean> {
  try {
    await checkConnected(objects, undefined, wanted, known)
    return true
  } catch (error) {
    if (gitErrors.is(error, 'GIT_OBJECT_MISSING')) return false
    throw error
  }
}
