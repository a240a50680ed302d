import { EXPERIMENT_REF_PREFIX, experimentOfRef, MAIN_REF } from '../format/paths.ts'
import { isAncestor } from '../git/ancestry.ts'
import type { ProjectStore } from './project-store.ts'
import { trackingRef } from './ref-map.ts'
import { readRemoteMemory } from './remote-memory.ts'
import { SNAPSHOT_REF_PREFIX } from './snapshot.ts'
import type { SyncedRef, SyncStatus } from './sync-report.ts'

/**
 * Tells how branches and snapshots stand to what a remote had when it was last asked; asks nobody.
 *
 * `ahead`: there is something to push. `new`: the remote never had it. `deleted-there`: it had it, and
 * had it no more. `rewound`: its history there was replaced.
 */
export async function compareWithRemote(
  store: ProjectStore,
  remote: string
): Promise<readonly SyncedRef[]> {
  const { refs, objects } = store.repository
  const { gone, rewound } = await readRemoteMemory(store, remote)
  const prefixes = [EXPERIMENT_REF_PREFIX, SNAPSHOT_REF_PREFIX]
  const listed = await Promise.all(prefixes.map((prefix) => refs.list(prefix)))
  const branches = [MAIN_REF, ...listed.flatMap((found) => [...found.keys()])]
  const compared: SyncedRef[] = []
  for (const ref of branches) {
    const [own, theirs] = [await refs.read(ref), await refs.read(trackingRef(remote, ref))]
    if (own === undefined) continue
    let status: SyncStatus = 'new'
    if (gone.includes(ref)) status = 'deleted-there'
    else if (rewound.includes(ref)) status = 'rewound'
    else if (theirs === own) status = 'unchanged'
    else if (theirs !== undefined) {
      const isAhead = await isAncestor(objects, theirs, own)
      const isBehind = !isAhead && (await isAncestor(objects, own, theirs))
      status = isAhead ? 'ahead' : isBehind ? 'behind' : 'diverged'
    }
    const experiment = experimentOfRef(ref)
    compared.push({
      ref,
      remote,
      status,
      before: own,
      ...(theirs === undefined ? {} : { after: theirs }),
      ...(experiment === undefined ? {} : { experiment })
    })
  }
  return compared
}
