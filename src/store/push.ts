import { backoffMs } from '../base/tasks.ts'
import { experimentOfRef, MAIN_REF } from '../format/paths.ts'
import type { Oid } from '../git/objects.ts'
import type { PushUpdate } from '../remote/push.ts'
import { aboutRef, damagedRef, isDamage, orDamaged } from './damage.ts'
import { storeErrors } from './errors.ts'
import type { ProjectStore } from './project-store.ts'
import { projectRefs, pull } from './pull.ts'
import { choosePushed, planRef } from './push-plan.ts'
import { pushSummaries } from './push-summaries.ts'
import { remoteRefOf, trackingRef } from './ref-map.ts'
import type { RemoteSettings } from './remote-config.ts'
import type { RemoteLink } from './remote-link.ts'
import { recordRemote } from './remote-record.ts'
import type { SyncedRef } from './sync-report.ts'
import { Turns } from './turns.ts'

/** What is pushed. */
export interface PushOptions {
  /**
   * Only these experiments, and `main` if the remote has none; with an empty list only `main`.
   * Default: everything.
   */
  readonly experiments?: readonly string[]
  /** Pushes again what was deleted there. Default: false. */
  readonly recreate?: boolean
  /**
   * Leaves a summary of each branch there, by which those who read through the API of a forge get its runs
   * with one request (docs/FORMAT.md). Default: false.
   */
  readonly summary?: boolean
  /** Default: none. */
  readonly signal?: AbortSignal
}

/** How often a push is tried that others were faster than. */
const MAX_ATTEMPTS = 100

/**
 * Brings what is here to a remote: what both sides changed is merged first, and each branch is moved
 * only from the state that was seen.
 *
 * @throws STORE_NOT_A_PROJECT_THERE, STORE_OTHER_PROJECT, STORE_MERGE_TOO_NEW; STORE_BUSY if others were
 * faster each time
 */
export async function push(
  store: ProjectStore,
  remote: RemoteSettings,
  openLink: (signal?: AbortSignal) => Promise<RemoteLink>,
  options: PushOptions = {}
): Promise<readonly SyncedRef[]> {
  const done = new Map<string, SyncedRef>()
  const merged = new Map<string, SyncedRef>()
  const sent = new Map<string, Oid | null>()
  const turns = new Turns(store, remote)
  const { todo: own, damaged } = await choosePushed(store, options.experiments)
  for (const [ref, error] of damaged) done.set(ref, damagedRef(remote.name, ref, error))
  let todo = own
  let isMerged = false
  try {
    for (let lost = 0; lost < MAX_ATTEMPTS; ) {
      options.signal?.throwIfAborted()
      const link = await openLink(options.signal)
      try {
        const listed = await link.refs('push')
        if (await turns.wait(link, listed, todo)) continue
        const progress = { done, merged, sent }
        const left = await pushOnce(store, remote, link, { listed, todo }, options, progress)
        if (left.todo.length === 0) return [...done.values()]
        todo = left.todo
        // What was merged just now is pushed at once: each moment is one in which others may push.
        const isOvertaken = left.isLost || isMerged
        isMerged = !left.isLost
        if (isOvertaken) {
          lost += 1
          await turns.overtaken(link, todo)
        }
        if (isMerged) continue
      } finally {
        await link.close()
      }
      const { random, timers } = store.host.platform
      const spread = (random.bytes(1)[0] as number) / 255
      await timers.sleep(backoffMs(lost - 1, { firstMs: 20, capMs: 500, random: spread }))
    }
  } finally {
    await turns.end(openLink)
  }
  throw storeErrors.create('STORE_BUSY', { ref: todo.join(', '), attempts: MAX_ATTEMPTS })
}

interface Progress {
  /** What is settled, by ref. */
  readonly done: Map<string, SyncedRef>
  /** What was merged on the way, by ref. */
  readonly merged: Map<string, SyncedRef>
  /** What was sent, by ref, and what the remote had held before. */
  readonly sent: Map<string, Oid | null>
}

/** What a push leaves for the next: refs that were merged here, or that somebody else was faster with. */
interface LeftToPush {
  readonly todo: readonly string[]
  readonly isLost: boolean
}

/** Pushes what can be pushed, or else merges what has to be merged before. */
async function pushOnce(
  store: ProjectStore,
  remote: RemoteSettings,
  link: RemoteLink,
  { listed, todo }: { readonly listed: ReadonlyMap<string, Oid>; readonly todo: readonly string[] },
  options: PushOptions,
  progress: Progress
): Promise<LeftToPush> {
  const there = projectRefs(remote, listed)
  if (there.size > 0 && !there.has(MAIN_REF)) {
    throw storeErrors.create('STORE_NOT_A_PROJECT_THERE', { remote: remote.name, url: remote.url })
  }
  const { recreate = false } = options
  const behind: string[] = []
  const updates: PushUpdate[] = []
  for (const ref of todo) {
    if (ref === MAIN_REF && there.has(ref) && options.experiments?.length) {
      // Who may push an experiment need not be allowed to push `main`; it must be this project's.
      const seenOid = await store.repository.refs.read(trackingRef(remote.name, ref))
      if (seenOid !== there.get(ref)) behind.push(ref)
      continue
    }
    const replaced = progress.merged.get(ref)?.replaced
    const plan = await orDamaged(remote.name, ref, () =>
      planRef(store, remote, ref, { thereOid: there.get(ref), replaced, recreate })
    )
    if (plan === 'behind') behind.push(ref)
    else if ('status' in plan) progress.done.set(ref, creditSent(plan, progress))
    else updates.push(plan)
  }
  if (behind.length > 0) {
    const joined = await joinRefs(store, remote, link, behind, progress)
    return { todo: [...joined, ...updates.map(({ ref }) => ref)], isLost: false }
  }
  const recorded = await recordIn(store, remote, updates, progress)
  // A remote without `main` gets it first: the branch that HEAD shall point at.
  const first = recorded.filter(({ ref, expected }) => ref === MAIN_REF && expected === null)
  const rest = recorded.filter((update) => !first.includes(update))
  const stale: string[] = []
  for (const group of [first, rest]) {
    if (group.length > 0) stale.push(...(await sendSound(store, remote, link, group, progress)))
  }
  if (stale.length === 0) {
    const settled = { refs: listed, branches: [...progress.done.values()] }
    const { summary: isWished = false, signal } = options
    const wish = { isWished, ...(signal === undefined ? {} : { signal }) }
    for (const refused of await pushSummaries(store, remote, link, settled, wish)) {
      progress.done.set(refused.ref, refused)
    }
  }
  return { todo: stale, isLost: true }
}

/** Writes into what is about to be pushed where its copy will lie; what is refused before is not touched. */
async function recordIn(
  store: ProjectStore,
  remote: RemoteSettings,
  updates: readonly PushUpdate[],
  { done }: Progress
): Promise<readonly PushUpdate[]> {
  const recorded: PushUpdate[] = []
  for (const update of updates) {
    const { ref } = update
    const record = await orDamaged(remote.name, ref, () => recordRemote(store, remote, ref))
    if (record !== undefined) done.set(ref, record)
    else recorded.push({ ...update, value: (await store.repository.refs.read(ref)) ?? null })
  }
  return recorded
}

/** Returns the report of a ref that was sent, and whose answer was lost: what holds it now has taken it. */
function creditSent(report: SyncedRef, { sent }: Progress): SyncedRef {
  const before = sent.get(report.ref)
  if (report.status !== 'unchanged' || before === undefined) return report
  return before === null ? { ...report, status: 'new' } : { ...report, status: 'updated', before }
}

/** Merges what others pushed into the branches here; returns those that can be pushed then. */
async function joinRefs(
  store: ProjectStore,
  remote: RemoteSettings,
  link: RemoteLink,
  behind: readonly string[],
  progress: Progress
): Promise<readonly string[]> {
  const experiments = behind.map((ref) => experimentOfRef(ref)).filter((slug) => slug !== undefined)
  const { synced } = await pull(store, remote, link, { experiments })
  const again: string[] = []
  for (const report of synced) {
    if (!behind.includes(report.ref)) continue
    if (['rewound', 'deleted-there', 'damaged'].includes(report.status)) {
      progress.done.set(report.ref, report)
      continue
    }
    progress.merged.set(report.ref, report)
    again.push(report.ref)
  }
  return again
}

/** Sends refs together; if what one of them leads to is damaged here, each alone. */
async function sendSound(
  store: ProjectStore,
  remote: RemoteSettings,
  link: RemoteLink,
  updates: readonly PushUpdate[],
  progress: Progress
): Promise<readonly string[]> {
  try {
    return await send(store, remote, link, updates, progress)
  } catch (error) {
    if (!isDamage(error) || updates.some(({ ref }) => ref === MAIN_REF)) throw error
  }
  const stale: string[] = []
  for (const update of updates) {
    const sending = (): Promise<readonly string[]> => send(store, remote, link, [update], progress)
    const sent = await orDamaged(remote.name, update.ref, sending)
    if ('status' in sent) progress.done.set(update.ref, sent)
    else stale.push(...sent)
  }
  return stale
}

async function send(
  store: ProjectStore,
  remote: RemoteSettings,
  link: RemoteLink,
  updates: readonly PushUpdate[],
  { done, merged, sent: sending }: Progress
): Promise<readonly string[]> {
  for (const { ref, expected } of updates) sending.set(ref, expected)
  const sent = updates.map((update) => ({ ...update, ref: remoteRefOf(remote.prefix, update.ref) }))
  const outcomes = await link.push(store, sent)
  const stale: string[] = []
  for (const { ref, expected, value } of updates) {
    const outcome = outcomes.get(remoteRefOf(remote.prefix, ref))
    const report = aboutRef(remote.name, ref)
    const after = value === null ? {} : { after: value }
    if (outcome === undefined || outcome.status === 'stale') stale.push(ref)
    else if (outcome.status === 'rejected') {
      done.set(ref, { ...report, status: 'rejected', reason: outcome.reason, ...after })
    } else {
      await store.repository.refs.update([{ ref: trackingRef(remote.name, ref), value }])
      const joined = merged.get(ref)
      const conflicts = joined?.conflicts === undefined ? {} : { conflicts: joined.conflicts }
      const status = expected === null ? 'new' : joined?.status === 'merged' ? 'merged' : 'updated'
      const before = expected === null ? {} : { before: expected }
      done.set(ref, { ...report, status, ...before, ...after, ...conflicts })
    }
  }
  return stale
}
