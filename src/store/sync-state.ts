import { MAIN_REF } from '../format/paths.ts'
import { isAncestor } from '../git/ancestry.ts'
import { gitErrors } from '../git/errors.ts'
import type { ObjectReader } from '../git/object-store.ts'
import type { Oid } from '../git/objects.ts'
import { aboutRef, damagedRef, listOwnRefs, orDamaged } from './damage.ts'
import type { ProjectStore } from './project-store.ts'
import { trackingRef } from './ref-map.ts'
import { readRemoteMemory } from './remote-memory.ts'
import type { SyncedRef, SyncStatus } from './sync-report.ts'

async function compareHeads(
  objects: Pick<ObjectReader, 'read'>,
  own: Oid,
  theirs: Oid
): Promise<SyncStatus> {
  try {
    if (await isAncestor(objects, theirs, own)) return 'ahead'
    return (await isAncestor(objects, own, theirs)) ? 'behind' : 'diverged'
  } catch (error) {
    // Where history is cut before the two meet, each has something that the other has not.
    if (gitErrors.is(error, 'GIT_HISTORY_CUT')) return 'diverged'
    throw error
  }
}

/**
 * Tells how branches and snapshots stand to what a remote had when it was last asked; asks nobody.
 *
 * `ahead`: there is something to push. `new`: the remote never had it. `deleted-there`: it had it, and
 * had it no more. `rewound`: its history there was replaced. `damaged`: it can't be read here.
 */
export async function compareWithRemote(
  store: ProjectStore,
  remote: string
): Promise<readonly SyncedRef[]> {
  const { refs, objects } = store.repository
  const { gone, rewound } = await readRemoteMemory(store, remote)
  const { found, damaged } = await listOwnRefs(refs)
  const compared = [...damaged].map(([ref, error]) => damagedRef(remote, ref, error))
  for (const ref of [MAIN_REF, ...found]) {
    const [own, theirs] = [await refs.read(ref), await refs.read(trackingRef(remote, ref))]
    if (own === undefined) continue
    const state = await orDamaged(remote, ref, async (): Promise<SyncedRef> => {
      let status: SyncStatus = 'new'
      if (gone.includes(ref)) status = 'deleted-there'
      else if (rewound.includes(ref)) status = 'rewound'
      else if (theirs === own) status = 'unchanged'
      else if (theirs !== undefined) status = await compareHeads(objects, own, theirs)
      return { ...aboutRef(remote, ref), status, before: own }
    })
    compared.push(theirs === undefined ? state : { ...state, after: theirs })
  }
  return compared
}
