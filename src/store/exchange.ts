import { isCoded } from '../base/errors.ts'
import { withoutCredentials } from '../base/redact.ts'
import { experimentRef, MAIN_REF } from '../format/paths.ts'
import type { ObjectStore } from '../git/object-store.ts'
import { remoteErrors } from '../remote/errors.ts'
import type { ExchangeProgress } from '../remote/exchange.ts'
import { openRemote } from '../remote/open-remote.ts'
import { type RemoteInfo, readRemoteInfo } from '../remote/remote-info.ts'
import { parseRemoteUrl } from '../remote/url.ts'
import { type ClonedProject, type CloneOptions, cloneProject } from './clone.ts'
import { storeErrors } from './errors.ts'
import type { StoreHost } from './host.ts'
import type { ProjectStore } from './project-store.ts'
import { type PullOptions, type PullReport, pull, withHistory } from './pull.ts'
import { type PushOptions, push } from './push.ts'
import type { RemoteSettings } from './remote-config.ts'
import { RemoteLink } from './remote-link.ts'
import { answerOf, OFFLINE_MS, readRemoteMemory, writeRemoteMemory } from './remote-memory.ts'
import type { SyncedRef } from './sync-report.ts'
import type { WorkspaceStore } from './workspace-store.ts'

/** How a remote is used. */
export interface ExchangeOptions {
  /** Credentials for this call alone. Default: the environment, and `git credential`. */
  readonly credential?: {
    readonly username?: string
    readonly password?: string
    readonly token?: string
  }
  /** Refuses what goes over a network. Default: false. */
  readonly offline?: boolean
  /** How long the first answer of the other side may take, in milliseconds. Default: 10000. */
  readonly connectTimeoutMs?: number
  /** How long nothing may move once it has answered, in milliseconds. Default: 30000. */
  readonly silenceTimeoutMs?: number
  /**
   * How often what failed for a moment is tried again: a connection that broke, a server that says it can't
   * just now. Default: 2.
   */
  readonly retries?: number
  /** Default: nobody. */
  readonly onProgress?: (progress: ExchangeProgress) => void
  /** Default: none. */
  readonly signal?: AbortSignal
}

/** Codes of failures that mean that a remote could not be reached at all. */
const UNREACHABLE = ['REMOTE_UNREACHABLE', 'REMOTE_TIMEOUT', 'REMOTE_OFFLINE']

/** Tells whether an error means that a remote could not be reached. */
export function isUnreachable(error: unknown): boolean {
  return isCoded(error) && UNREACHABLE.includes(error.code)
}

/** Opens a remote for one operation. @throws REMOTE_ADDRESS, REMOTE_OFFLINE, STORE_NO_REMOTES_HERE */
export async function openLink(
  store: ProjectStore,
  url: string,
  options: ExchangeOptions = {}
): Promise<RemoteLink> {
  const { onProgress, ...opening } = options
  const { signal } = options
  const { remotes } = store.host
  if (remotes === undefined) throw storeErrors.create('STORE_NO_REMOTES_HERE', { url })
  const remote = await openRemote(remotes, store.repository.objects, url, opening)
  return new RemoteLink(remote, {
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal })
  })
}

/** Returns an address as it is kept: absolute, and without credentials. @throws REMOTE_ADDRESS */
export function normalizeUrl(store: ProjectStore, url: string): string {
  return parseRemoteUrl(url).kind === 'path'
    ? absolutePath(store.host, url)
    : withoutCredentials(parseRemoteUrl(url).url)
}

function absolutePath({ remotes }: Pick<StoreHost, 'remotes'>, url: string): string {
  const { path = url } = parseRemoteUrl(url) as { readonly path?: string }
  return remotes?.resolvePath(path) ?? path
}

/** Brings what a remote has and joins it with what is here. */
export async function pullFrom(
  store: ProjectStore,
  remote: RemoteSettings,
  options: PullOptions & ExchangeOptions = {}
): Promise<PullReport> {
  const link = await openLink(store, remote.url, options)
  try {
    const report = await pull(store, remote, link, options)
    await writeRemoteMemory(store, remote.name, answerOf(report.synced))
    return report
  } catch (error) {
    await noteFailure(store, remote, error)
    throw error
  } finally {
    await link.close()
    store.maintenance.note()
  }
}

/** Brings what is here to a remote. */
export async function pushTo(
  store: ProjectStore,
  remote: RemoteSettings,
  options: PushOptions & ExchangeOptions = {}
): Promise<readonly SyncedRef[]> {
  try {
    const { signal: _, ...opening } = options
    const open = (signal?: AbortSignal): Promise<RemoteLink> =>
      openLink(store, remote.url, signal === undefined ? opening : { ...opening, signal })
    const deepen = async (): Promise<void> => store.repository.promised.deepen?.()
    const synced = await withHistory(() => push(store, remote, open, options), deepen)
    await writeRemoteMemory(store, remote.name, answerOf(synced))
    return synced
  } catch (error) {
    await noteFailure(store, remote, error)
    throw error
  } finally {
    // What the remote had beside it was brought here, too.
    store.maintenance.note()
  }
}

/** Notes that a remote could not be reached; one that was not to be asked says nothing of that. */
async function noteFailure(
  store: ProjectStore,
  remote: RemoteSettings,
  error: unknown
): Promise<void> {
  if (!isUnreachable(error) || remoteErrors.is(error, 'REMOTE_OFFLINE')) return
  await writeRemoteMemory(store, remote.name, { failed: true })
}

/** Brings a project from an address into a workspace. */
export async function cloneFrom(
  workspace: WorkspaceStore,
  url: string,
  options: Omit<CloneOptions, 'connect'> &
    ExchangeOptions & { readonly connect?: CloneOptions['connect'] } = {}
): Promise<ClonedProject> {
  // What is kept must not depend on the current folder.
  const place = parseRemoteUrl(url).kind === 'path' ? absolutePath(workspace.host, url) : url
  const open = (store: ProjectStore): Promise<RemoteLink> => openLink(store, place, options)
  const cloned = await cloneProject(workspace, open, { connect: () => undefined, ...options })
  await writeRemoteMemory(cloned.store, cloned.remote.name, answerOf(cloned.synced))
  cloned.store.maintenance.note()
  return cloned
}

/** What a remote is asked with that is to give and take nothing. */
const NO_OBJECTS: ObjectStore = {
  read: async () => undefined,
  readMany: async function* () {},
  has: async () => false,
  listHeld: async () => [],
  findByPrefix: async () => [],
  write: async () => ({ release: async () => undefined }),
  close: async () => undefined
}

/** Asks a remote what it is. */
export async function inspectRemote(
  { remotes, platform }: StoreHost,
  url: string,
  options: ExchangeOptions & { readonly timeoutMs?: number } = {}
): Promise<RemoteInfo> {
  if (remotes === undefined) throw storeErrors.create('STORE_NO_REMOTES_HERE', { url })
  const { onProgress: _, timeoutMs, ...opening } = options
  const remote = await openRemote(remotes, NO_OBJECTS, url, opening)
  return readRemoteInfo(remote, platform, timeoutMs === undefined ? {} : { timeoutMs })
}

/** How fresh an experiment is after `refresh`. */
export type Freshness = 'local' | 'fetched' | 'merged' | 'stale'

/** Look-ups under way: those who ask for the same at once share the answer. */
const underWay = new WeakMap<ProjectStore, Map<string, Promise<Freshness>>>()

/**
 * Brings an experiment, or else `main`, up to date with a remote, unless it was asked less than
 * `maxAgeMs` ago. One that could not be reached in the last minute is not asked; then what is here is
 * `stale`.
 */
export async function refresh(
  store: ProjectStore,
  remote: RemoteSettings,
  experiment: string | undefined,
  options: ExchangeOptions & { readonly maxAgeMs?: number } = {}
): Promise<Freshness> {
  const { maxAgeMs = 10_000, offline = false } = options
  const memory = await readRemoteMemory(store, remote.name)
  const now = store.host.platform.clock.now()
  const isOffline = memory.failed !== undefined && now - memory.failed < OFFLINE_MS
  if (offline || isOffline) return 'stale'
  const ref = experiment === undefined ? MAIN_REF : experimentRef(experiment)
  if (now - (memory.asked[ref] ?? Number.NEGATIVE_INFINITY) < maxAgeMs) return 'local'
  const shared = underWay.get(store) ?? new Map<string, Promise<Freshness>>()
  underWay.set(store, shared)
  const name = `${remote.name} ${ref}`
  const known = shared.get(name)
  if (known !== undefined) return known
  const asking = ask(store, remote, experiment, options).finally(() => shared.delete(name))
  shared.set(name, asking)
  return asking
}

async function ask(
  store: ProjectStore,
  remote: RemoteSettings,
  experiment: string | undefined,
  options: ExchangeOptions
): Promise<Freshness> {
  try {
    const experiments = experiment === undefined ? [] : [experiment]
    const { synced } = await pullFrom(store, remote, { ...options, experiments })
    const ref = experiment === undefined ? MAIN_REF : experimentRef(experiment)
    const found = synced.find((each) => each.ref === ref)?.status
    return found === 'merged'
      ? 'merged'
      : found === 'new' || found === 'updated'
        ? 'fetched'
        : 'local'
  } catch (error) {
    if (isUnreachable(error)) return 'stale'
    throw error
  }
}
