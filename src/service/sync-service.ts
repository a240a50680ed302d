import { type CodedError, reasonOf } from '../base/errors.ts'
import { experimentOfRef, experimentRef, keyOfPath, MAIN_REF } from '../format/paths.ts'
import { isDamage, listOwnRefs } from '../store/damage.ts'
import { cloneFrom, isUnreachable, pullFrom, pushTo } from '../store/exchange.ts'
import { sumHeldBack } from '../store/held-back.ts'
import { DEFAULT_PARTIAL } from '../store/left-there.ts'
import { type ContestedField, listConflicts } from '../store/list-conflicts.ts'
import type { ProjectStore } from '../store/project-store.ts'
import { readPushQueue, unqueueAround } from '../store/push-queue.ts'
import { listRemotes, type RemoteSettings } from '../store/remote-config.ts'
import { OFFLINE_MS, readRemoteMemory } from '../store/remote-memory.ts'
import type { SyncedRef } from '../store/sync-report.ts'
import { compareWithRemote } from '../store/sync-state.ts'
import { addressOf, connectProject, exchangeOptions, type ServiceContext } from './context.ts'
import { projectOf, remoteOf } from './remote-service.ts'
import type {
  CloneReport,
  CloneRequest,
  ProjectStatus,
  Published,
  PublishRequest,
  PullRequest,
  PushRequest,
  StatusRequest,
  SyncReport
} from './sync.ts'

/** Statuses in which a branch here moved. */
const MOVED = ['new', 'updated', 'merged']

/** Brings what is here to a remote, merged with what others brought there. */
export async function pushProject(
  context: ServiceContext,
  request: PushRequest = {}
): Promise<SyncReport> {
  const store = await projectOf(context, request)
  const remote = await remoteOf(store, request.remote)
  const refs = await unqueueAround(store, remote.name, () =>
    pushTo(store, remote, { ...request, ...exchangeOptions(context, request) })
  )
  return report(context, store, remote, { refs, receivedBytes: 0 })
}

/** As `pushProject`; that the remote can't be reached is part of the report, one entry a branch. */
export async function pushStored(
  context: ServiceContext,
  request: PushRequest & { readonly experiments: readonly string[] }
): Promise<SyncReport> {
  try {
    return await pushProject(context, request)
  } catch (error) {
    if (!isUnreachable(error)) throw error
    const store = await projectOf(context, request)
    const remote = await remoteOf(store, request.remote)
    const [experiment] = request.experiments
    const ref = experiment === undefined ? MAIN_REF : experimentRef(experiment)
    const what = { ref, ...(experiment === undefined ? {} : { experiment }) }
    const refs = [
      { ...what, remote: remote.name, status: 'offline', reason: reasonOf(error) } as const
    ]
    return report(context, store, remote, { refs, receivedBytes: 0 })
  }
}

/** Brings what a remote has and joins it with what is here. */
export async function pullProject(
  context: ServiceContext,
  request: PullRequest = {}
): Promise<SyncReport> {
  const store = await projectOf(context, request)
  const remote = await remoteOf(store, request.remote)
  const { synced, receivedBytes } = await pullFrom(store, remote, {
    ...request,
    ...exchangeOptions(context, request)
  })
  return report(context, store, remote, { refs: synced, receivedBytes })
}

/** Puts files on a branch of a remote that holds nothing of the project. @throws TypeError if it does. */
export async function publishSite(
  context: ServiceContext,
  request: PublishRequest
): Promise<Published> {
  const { branch } = request
  if (branch === 'main' || /^(experiments|runtree)\//.test(branch)) {
    throw new TypeError(`the branch ${branch} is the project's own`)
  }
  const store = await projectOf(context, request)
  const remote = await remoteOf(store, request.remote)
  const { publishFiles } = await import('../store/publish.ts')
  return publishFiles(store, remote, request, exchangeOptions(context, request))
}

/** Tells whether a text is a filter of git's that a clone can go by. */
export function isFilter(text: string): boolean {
  return /^(blob:none|blob:limit=\d+[kmg]?|tree:\d+)$/.test(text)
}

/**
 * Brings a project from an address into the workspace.
 *
 * @throws TypeError if `partial` is a text that is no filter, or `depth` no whole number from 1 on.
 */
export async function cloneProject(
  context: ServiceContext,
  url: string,
  { partial, ...request }: CloneRequest = {}
): Promise<CloneReport> {
  const filter = partial === true ? DEFAULT_PARTIAL : partial
  const { depth } = request
  if (typeof filter === 'string' && !isFilter(filter)) {
    throw new TypeError(`partial is no filter of git's: ${filter}`)
  }
  if (
    depth !== undefined &&
    !(depth >= 1 && (Number.isInteger(depth) || depth === Number.POSITIVE_INFINITY))
  ) {
    throw new TypeError(`depth is no number of commits: ${depth}`)
  }
  const asking = exchangeOptions(context, request)
  const cloned = await cloneFrom(context.workspace, url, {
    ...request,
    ...asking,
    ...(filter === undefined || filter === false ? {} : { partial: filter }),
    connect: (fresh) => connectProject(context, fresh, asking)
  })
  const { store, remote, synced, receivedBytes, wasHere, ignored } = cloned
  const synchronized = await report(context, store, remote, { refs: synced, receivedBytes })
  return { ...synchronized, wasHere, ignored }
}

/** Tells how a project stands to its remotes, and what is contested; asks nobody. */
export async function readStatus(
  context: ServiceContext,
  request: StatusRequest = {}
): Promise<ProjectStatus> {
  const store = await projectOf(context, request)
  const now = store.host.platform.clock.now()
  const remotes: ProjectStatus['remotes'][number][] = []
  for (const remote of await listRemotes(store)) {
    const { asked, failed } = await readRemoteMemory(store, remote.name)
    const times = Object.values(asked)
    remotes.push({
      remote,
      refs: await compareWithRemote(store, remote.name),
      ...(times.length === 0 ? {} : { askedMs: Math.max(...times) }),
      isOffline: failed !== undefined && now - failed < OFFLINE_MS,
      queue: await readPushQueue(store, remote.name)
    })
  }
  const { conflicts = true } = request
  const contested = await listContested(store, conflicts)
  return { project: store.slug, remotes, ...contested }
}

async function report(
  { events }: ServiceContext,
  store: ProjectStore,
  remote: RemoteSettings,
  exchange: { readonly refs: readonly SyncedRef[]; readonly receivedBytes: number }
): Promise<SyncReport> {
  const heldBack = { count: 0, sizeBytes: 0 }
  for (const synced of exchange.refs) {
    const { ref, status, before, after, conflicts } = synced
    if (!MOVED.includes(status)) continue
    events.emit('sync', {
      project: store.slug,
      ref,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after })
    })
    for (const { path, fieldPath = '' } of conflicts ?? []) {
      const key = keyOfPath(path)
      const address = key === undefined ? `${store.slug}/${path}` : addressOf(store, key)
      events.emit('conflict', { address, fieldPath })
    }
    if (after === undefined || ref.startsWith('refs/tags/')) continue
    // To look would bring all that was left there.
    if (store.repository.promised.isPartial) continue
    const more = await sumHeldBack(store, before, after)
    heldBack.count += more.count
    heldBack.sizeBytes += more.sizeBytes
  }
  return { project: store.slug, remote: remote.name, url: remote.url, ...exchange, heldBack }
}

/** Lists the branches that can't be read, and, if that is wished, contested fields in the others. */
async function listContested(
  store: ProjectStore,
  isWished: boolean
): Promise<Pick<ProjectStatus, 'conflicts' | 'damaged'>> {
  const found: ContestedField[] = []
  const damaged = new Map<string, CodedError>((await listOwnRefs(store.repository.refs)).damaged)
  const places = (await store.experiments()).map((experiment) => ({
    ref: experimentRef(experiment),
    key: { kind: 'experiment', experiment } as const,
    folder: `experiments/${experiment}`
  }))
  const main = { ref: MAIN_REF, key: { kind: 'project' } as const, folder: 'datasets' }
  for (const { ref, key, folder } of [main, ...places]) {
    try {
      const view = await store.viewOf(key)
      if (view !== undefined && isWished) found.push(...(await listConflicts(view, folder)))
    } catch (error) {
      if (!isDamage(error)) throw error
      damaged.set(ref, error)
    }
  }
  return {
    conflicts: found.map(({ key, fieldPath }) => ({ address: addressOf(store, key), fieldPath })),
    damaged: [...damaged].map(([ref, error]) => {
      const experiment = experimentOfRef(ref)
      const what = experiment === undefined ? {} : { experiment }
      return { ref, ...what, code: error.code, reason: error.message }
    })
  }
}
