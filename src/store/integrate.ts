import type { Oid } from '../git/objects.ts'
import { aboutRef } from './damage.ts'
import { readHidden, writeHidden } from './deleted.ts'
import { type MergeStatus, mergeHeads } from './merge-commits.ts'
import type { ProjectStore } from './project-store.ts'
import { trackingRef } from './ref-map.ts'
import { isRewound } from './rewound.ts'
import type { SyncedRef, SyncStatus } from './sync-report.ts'

const STATUS_OF_MERGE: { readonly [S in MergeStatus]: SyncStatus } = {
  equal: 'unchanged',
  ahead: 'ahead',
  behind: 'updated',
  merged: 'merged',
  reapplied: 'merged'
}

/** What a remote has of a branch, brought here. */
export interface Incoming {
  /** The remote's name. */
  readonly remote: string
  /** The branch's name in the project. */
  readonly ref: string
  readonly headOid: Oid
  /** Brings a branch back that was deleted here. Default: false. */
  readonly unhide?: boolean
}

/**
 * Joins what a remote has of a branch with what is here: takes it over, moves on, or merges. The branch
 * and the note of what the remote has move together, durably.
 *
 * @throws STORE_MERGE_TOO_NEW
 */
export async function integrate(store: ProjectStore, incoming: Incoming): Promise<SyncedRef> {
  const { refs, objects } = store.repository
  const { remote, ref, headOid } = incoming
  const report = aboutRef(remote, ref)
  const { experiment } = report
  const tracking = trackingRef(remote, ref)
  for (;;) {
    const [trackedOid, localOid] = [await refs.read(tracking), await refs.read(ref)]
    if (trackedOid !== undefined && (await isRewound(objects, trackedOid, headOid))) {
      return { ...report, status: 'rewound', before: trackedOid, after: headOid }
    }
    const noted = { ref: tracking, expected: trackedOid ?? null, value: headOid }
    if (localOid === undefined) {
      if (!incoming.unhide && (await isHidden(store, experiment))) {
        return { ...report, status: 'hidden', after: headOid }
      }
      const update = await refs.update([{ ref, expected: null, value: headOid }, noted])
      if (update.status === 'changed') continue
      await show(store, experiment)
      return { ...report, status: 'new', after: headOid }
    }
    const merged = await mergeHeads(objects, store.host.platform.hash, localOid, headOid)
    const moved = { ref, expected: localOid, value: merged.headOid }
    const edits = merged.headOid === localOid ? [noted] : [moved, noted]
    const update = await store.repository.commit(merged.created, edits)
    if (update.status === 'changed') continue
    return {
      ...report,
      status: STATUS_OF_MERGE[merged.status],
      before: localOid,
      after: merged.headOid,
      ...(merged.status === 'reapplied' ? { replaced: headOid } : {}),
      ...(merged.conflicts.length === 0 ? {} : { conflicts: merged.conflicts })
    }
  }
}

async function isHidden(store: ProjectStore, experiment: string | undefined): Promise<boolean> {
  if (experiment === undefined) return false
  return (await readHidden(store.host.files, store.folder)).has(experiment)
}

/** Takes an experiment off the list of what was deleted here. */
async function show(store: ProjectStore, experiment: string | undefined): Promise<void> {
  if (experiment === undefined) return
  await writeHidden(store.host.files, store.repository, experiment, false)
}
