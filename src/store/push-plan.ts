import type { CodedError } from '../base/errors.ts'
import { experimentOfRef, MAIN_REF } from '../format/paths.ts'
import { isAncestor } from '../git/ancestry.ts'
import type { Oid } from '../git/objects.ts'
import type { PushUpdate } from '../remote/push.ts'
import { aboutRef, listOwnRefs } from './damage.ts'
import type { ProjectStore } from './project-store.ts'
import { checkSameProject } from './pull.ts'
import { trackingRef } from './ref-map.ts'
import type { RemoteSettings } from './remote-config.ts'
import { isRewound } from './rewound.ts'
import type { SyncedRef } from './sync-report.ts'

/** Chooses what is pushed, and tells what of it can't be read. */
export async function choosePushed(
  store: ProjectStore,
  experiments: readonly string[] | undefined
): Promise<{
  readonly todo: readonly string[]
  readonly damaged: ReadonlyMap<string, CodedError>
}> {
  const { found, damaged } = await listOwnRefs(store.repository.refs)
  const isWanted = (ref: string): boolean =>
    experiments === undefined || experiments.includes(experimentOfRef(ref) ?? '')
  return {
    todo: [MAIN_REF, ...found.filter(isWanted)],
    damaged: new Map([...damaged].filter(([ref]) => isWanted(ref)))
  }
}

interface RefPlan {
  readonly thereOid: Oid | undefined
  /** The head there whose history was purged and which the one here takes the place of. */
  readonly replaced: Oid | undefined
  /** Pushes again what was deleted there. */
  readonly recreate: boolean
}

/** Decides what a ref needs: an update there, a merge here before (`behind`), or nothing. */
export async function planRef(
  store: ProjectStore,
  remote: RemoteSettings,
  ref: string,
  { thereOid, replaced, recreate }: RefPlan
): Promise<PushUpdate | SyncedRef | 'behind'> {
  const { refs, objects } = store.repository
  const ownOid = await refs.read(ref)
  const report = aboutRef(remote.name, ref)
  const tracking = trackingRef(remote.name, ref)
  if (ownOid === undefined || ownOid === thereOid) {
    if (ownOid !== undefined) await refs.update([{ ref: tracking, value: ownOid }])
    return {
      ...report,
      status: 'unchanged',
      ...(thereOid === undefined ? {} : { after: thereOid })
    }
  }
  if (thereOid === undefined) {
    const before = await refs.read(tracking)
    if (before !== undefined && !recreate) {
      return { ...report, status: 'deleted-there', before }
    }
    return { ref, expected: null, value: ownOid }
  }
  if (ref.startsWith('refs/tags/')) {
    return { ...report, status: 'diverged', before: thereOid, after: ownOid }
  }
  if (thereOid === replaced) return { ref, expected: thereOid, value: ownOid }
  const isHere = await objects.has(thereOid)
  const trackedOid = await refs.read(tracking)
  if (isHere && trackedOid !== undefined && (await isRewound(objects, trackedOid, thereOid))) {
    // What looks as if it had been moved back may be another project in its place.
    if (ref === MAIN_REF) await checkSameProject(store, remote, thereOid)
    return { ...report, status: 'rewound', before: trackedOid, after: thereOid }
  }
  const isBehind = !isHere || !(await isAncestor(objects, thereOid, ownOid))
  return isBehind ? 'behind' : { ref, expected: thereOid, value: ownOid }
}
