import { isAncestor } from '../git/ancestry.ts'
import type { NewObject, Oid } from '../git/objects.ts'
import type { PushUpdate } from '../remote/push.ts'
import { listSummaries, summaryRefOf } from '../remote/summary-ref.ts'
import type { ProjectStore } from './project-store.ts'
import { remoteRefOf } from './ref-map.ts'
import type { RemoteSettings } from './remote-config.ts'
import type { RemoteLink } from './remote-link.ts'
import { buildSummary } from './summary.ts'
import type { SyncedRef } from './sync-report.ts'

/** What is to become of the summaries at a remote. */
export interface SummaryWish {
  /** Whether new ones are made. */
  readonly isWished: boolean
  readonly signal?: AbortSignal
}

/** Statuses of branches that the remote has as they are here. */
const EQUAL: readonly SyncedRef['status'][] = ['new', 'updated', 'merged', 'unchanged']

/**
 * Brings the summaries of branches that were pushed to where the branches are, if that is wished: each
 * branch keeps the newest only. Those of a history that is no more go in any case: what was purged must not
 * stay in them. Returns those that the remote refused.
 */
export async function pushSummaries(
  store: ProjectStore,
  remote: RemoteSettings,
  link: RemoteLink,
  there: { readonly refs: ReadonlyMap<string, Oid>; readonly branches: readonly SyncedRef[] },
  wish: SummaryWish
): Promise<readonly SyncedRef[]> {
  const updates: PushUpdate[] = []
  const blobs: NewObject[] = []
  for (const { ref, status, after } of there.branches) {
    if (!ref.startsWith('refs/heads/') || !EQUAL.includes(status) || after === undefined) continue
    const branch = remoteRefOf(remote.prefix, ref)
    const present = listSummaries(there.refs, branch)
    if (wish.isWished && link.kind === 'bundle') {
      return [{ ref, remote: remote.name, status: 'rejected', reason: 'bundles take no summaries' }]
    }
    if (wish.isWished && !present.some(({ commit }) => commit === after)) {
      const { signal } = wish
      const blob = await buildSummary(store, after, signal === undefined ? {} : { signal })
      blobs.push(blob)
      updates.push({ ref: summaryRefOf(branch, after), expected: null, value: blob.oid })
    }
    for (const old of present) {
      if (old.commit === after) continue
      if (!wish.isWished && !(await isGone(store, old.commit, after))) continue
      updates.push({ ref: old.ref, expected: old.blob, value: null })
    }
  }
  if (updates.length === 0) return []
  const outcomes = await link.push(store, updates, { further: blobs })
  return [...outcomes].flatMap(([ref, outcome]) =>
    outcome.status === 'rejected'
      ? [{ ref, remote: remote.name, status: 'rejected', reason: outcome.reason } as const]
      : []
  )
}

/** Tells whether a commit is no part of a branch's history. */
async function isGone({ repository }: ProjectStore, commit: Oid, head: Oid): Promise<boolean> {
  const { objects, edge } = repository
  // Beyond the edge of history nobody can tell.
  if (!(await objects.has(commit))) return edge.oids.size === 0
  return edge.oids.size === 0 && !(await isAncestor(objects, commit, head))
}
