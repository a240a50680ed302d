import { reasonOf } from '../base/errors.ts'
import { experimentRef, MAIN_REF } from '../format/paths.ts'
import type { Oid } from '../git/objects.ts'
import { listSummaries } from '../remote/summary-ref.ts'
import { type ExchangeOptions, isUnreachable, openLink, pushTo } from './exchange.ts'
import type { ProjectStore } from './project-store.ts'
import { projectRefOf, trackingRef } from './ref-map.ts'
import type { RemoteSettings } from './remote-config.ts'
import { writeRemoteMemory } from './remote-memory.ts'

/** What became of a deletion at a remote. */
export interface RemoteDeletion {
  readonly remote: string
  readonly ref: string
  readonly status: 'deleted' | 'absent' | 'rejected' | 'stale' | 'offline' | 'failed'
  /** Why not. */
  readonly reason?: string
}

/**
 * Deletes an experiment at a remote: its branch, if it holds what it was last seen to hold or what is
 * here, and the copy that was published into `main`. Failures are part of the answer.
 *
 * With `keepsHere` it counts as deleted there from now on, and no push of everything brings it back.
 */
export async function deleteExperimentThere(
  store: ProjectStore,
  remote: RemoteSettings,
  experiment: string,
  options: ExchangeOptions & { readonly keepsHere?: boolean } = {}
): Promise<readonly RemoteDeletion[]> {
  const ref = experimentRef(experiment)
  try {
    const deleted = await deleteRefsThere(store, remote, (each) => each === ref, options)
    const published = await unpublish(store, remote, experiment, options)
    return [...deleted, ...published]
  } catch (error) {
    return [failureOf(remote, ref, error)]
  }
}

/** Says that a remote failed, or could not be reached. */
export function failureOf(
  { name: remote }: RemoteSettings,
  ref: string,
  error: unknown
): RemoteDeletion {
  const status = isUnreachable(error) ? 'offline' : 'failed'
  return { remote, ref, status, reason: reasonOf(error) }
}

/** Deletes all refs of a project at a remote, never the repository. */
export async function deleteProjectThere(
  store: ProjectStore,
  remote: RemoteSettings,
  options: ExchangeOptions = {}
): Promise<readonly RemoteDeletion[]> {
  try {
    return await deleteRefsThere(store, remote, () => true, options)
  } catch (error) {
    return [failureOf(remote, MAIN_REF, error)]
  }
}

async function deleteRefsThere(
  store: ProjectStore,
  remote: RemoteSettings,
  isMeant: (ref: string) => boolean,
  options: ExchangeOptions & { readonly keepsHere?: boolean }
): Promise<readonly RemoteDeletion[]> {
  const { refs } = store.repository
  const link = await openLink(store, remote.url, options)
  try {
    const listed = await link.refs()
    const found = [...listed].flatMap(([remoteRef, oid]) => {
      const ref = projectRefOf(remote.prefix, remoteRef)
      return ref !== undefined && isMeant(ref) ? [{ ref, remoteRef, oid }] : []
    })
    const deletions: RemoteDeletion[] = []
    const commands = []
    for (const { ref, remoteRef, oid } of found) {
      const seen = [await refs.read(trackingRef(remote.name, ref)), await refs.read(ref)]
      if (seen.includes(oid)) {
        commands.push({ ref: remoteRef, expected: oid, value: null })
        for (const { ref: summary, blob } of listSummaries(listed, remoteRef)) {
          commands.push({ ref: summary, expected: blob, value: null })
        }
      } else {
        const reason = 'it has changed since it was last pulled'
        deletions.push({ remote: remote.name, ref, status: 'stale', reason })
      }
    }
    if (found.length === 0) {
      const tracked = await refs.list(trackingRef(remote.name, 'refs/'))
      const forgotten = [...tracked.keys()]
        .map((tracking) => `refs/${tracking.slice(trackingRef(remote.name, 'refs/').length)}`)
        .filter(isMeant)
      if (!options.keepsHere) await forget(store, remote, forgotten)
      return forgotten.map((ref) => ({ remote: remote.name, ref, status: 'absent' }))
    }
    const outcomes = commands.length === 0 ? new Map() : await link.push(store, commands)
    for (const { ref, remoteRef, oid } of found) {
      const outcome = outcomes.get(remoteRef)
      if (outcome === undefined) continue
      if (outcome.status === 'ok') {
        if (options.keepsHere) await noteGone(store, remote, ref, oid)
        else await forget(store, remote, [ref])
        deletions.push({ remote: remote.name, ref, status: 'deleted' })
      } else {
        const { status, reason = 'it moved meanwhile' } = outcome as { reason?: string } & {
          status: 'stale' | 'rejected'
        }
        deletions.push({ remote: remote.name, ref, status, reason })
      }
    }
    return deletions
  } finally {
    await link.close()
  }
}

/** Notes that a remote had a branch and has it no more. */
async function noteGone(
  store: ProjectStore,
  remote: RemoteSettings,
  ref: string,
  oid: Oid
): Promise<void> {
  await store.repository.refs.update([{ ref: trackingRef(remote.name, ref), value: oid }])
  await writeRemoteMemory(store, remote.name, { asked: [ref], gone: [ref] })
}

/** Removes the notes of what a remote had: what was deleted on purpose is not missed. */
async function forget(
  store: ProjectStore,
  remote: RemoteSettings,
  refs: readonly string[]
): Promise<void> {
  const edits = refs.map((ref) => ({ ref: trackingRef(remote.name, ref), value: null }))
  if (edits.length > 0) await store.repository.refs.update(edits)
}

/** Takes the copy of an experiment out of `main`, here and there. */
async function unpublish(
  store: ProjectStore,
  remote: RemoteSettings,
  experiment: string,
  options: ExchangeOptions
): Promise<readonly RemoteDeletion[]> {
  const key = { kind: 'experiment', experiment } as const
  const main = await store.view(MAIN_REF)
  if (main === undefined || !(await main.has(key))) return []
  await store.transact([MAIN_REF], 'delete', async (transaction) => {
    transaction.removeFile({ kind: 'project' }, `experiments/${experiment}`)
  })
  const [pushed] = await pushTo(store, remote, { ...options, experiments: [] })
  const isGone = ['updated', 'merged', 'new', 'unchanged'].includes(pushed?.status ?? '')
  if (isGone) return [{ remote: remote.name, ref: MAIN_REF, status: 'deleted' }]
  const reason = pushed?.reason ?? 'it could not be pushed'
  return [{ remote: remote.name, ref: MAIN_REF, status: 'rejected', reason }]
}
