import { equalBytes } from '../base/bytes.ts'
import { gitErrors } from './errors.ts'
import type { ObjectStore } from './object-store.ts'
import type { GitObject, Oid } from './objects.ts'
import type { PackIndex } from './pack-index.ts'
import type { PackFile } from './pack-read.ts'

/** How a pack is compared. */
export interface CollisionOptions {
  /** Objects that the pack has from the store. Default: none. */
  readonly ownOids?: ReadonlySet<Oid>
  /** Default: none. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Refuses a pack that has other bytes for an object than the store, or than the pack itself elsewhere:
 * two contents of one SHA-1 can be made, and nobody shall get one in the place of the other. An object
 * of the store that is damaged is no reason: what comes may be there to mend it.
 *
 * @throws GIT_OBJECT_COLLISION, GIT_OBJECT_DAMAGED
 */
export async function checkCollisions(
  pack: PackFile,
  store: Pick<ObjectStore, 'read' | 'listHeld'>,
  { ownOids, signal }: CollisionOptions = {}
): Promise<void> {
  const { index, path: where } = pack
  for (let position = 1; position < index.count; position++) {
    if (index.compare(position, index, position - 1) !== 0) continue
    requireEqual(await pack.read(position - 1), await pack.read(position), where)
  }
  for (const oid of await store.listHeld(oidsOf(index))) {
    signal?.throwIfAborted()
    if (ownOids?.has(oid)) continue
    requireEqual(await readSound(store, oid), await pack.read(index.find(oid)), where)
  }
}

/** Gives the names one at a time: of a whole project they would be more than all else that is held. */
function* oidsOf(index: PackIndex): Iterable<Oid> {
  for (let position = 0; position < index.count; position++) yield index.oidAt(position)
}

function requireEqual(
  held: GitObject | undefined,
  other: GitObject | undefined,
  where: string
): void {
  if (held === undefined || other === undefined) return
  if (held.type === other.type && equalBytes(held.bytes, other.bytes)) return
  throw gitErrors.create('GIT_OBJECT_COLLISION', { oid: held.oid, where })
}

async function readSound(
  store: Pick<ObjectStore, 'read'>,
  oid: Oid
): Promise<GitObject | undefined> {
  try {
    return await store.read(oid)
  } catch (error) {
    if (gitErrors.is(error, 'GIT_OBJECT_DAMAGED')) return undefined
    throw error
  }
}
