import { experimentOfRef, MAIN_REF } from '../format/paths.ts'
import { findPrefix } from '../store/clone.ts'
import { storeErrors } from '../store/errors.ts'
import { inspectRemote, normalizeUrl } from '../store/exchange.ts'
import type { ProjectStore } from '../store/project-store.ts'
import { projectRefOf, trackingRef } from '../store/ref-map.ts'
import {
  isRemoteName,
  listRemotes,
  type RemotePrefix,
  type RemoteSettings,
  removeRemote,
  renameRemote,
  requireRemote,
  writeRemote
} from '../store/remote-config.ts'
import { createSnapshot, listSnapshots } from '../store/snapshot.ts'
import { exchangeOptions, type ServiceContext } from './context.ts'
import type { RemoteChoice, RemoteDescription, RemoteService, SnapshotService } from './sync.ts'

/** Opens the project that a call means. @throws STORE_NOT_FOUND, STORE_NO_PROJECT */
export async function projectOf(
  { book }: ServiceContext,
  options: Pick<RemoteChoice, 'in'> = {}
): Promise<ProjectStore> {
  if (options.in === undefined) return book.current()
  return (await book.require(options.in, ['project'])).store
}

/**
 * Returns the remote that a call means: the named one, else the only one, else `origin`.
 *
 * @throws STORE_NO_REMOTE
 */
export async function remoteOf(
  store: ProjectStore,
  name: string | undefined
): Promise<RemoteSettings> {
  const remotes = await listRemotes(store)
  const wanted = name ?? (remotes.length === 1 ? remotes[0]?.name : 'origin') ?? 'origin'
  const found = remotes.find((remote) => remote.name === wanted)
  if (found !== undefined) return found
  const known = remotes.map((remote) => remote.name)
  throw storeErrors.create('STORE_NO_REMOTE', { project: store.slug, remote: wanted, known })
}

/** Makes the service of remotes. */
export function createRemoteService(context: ServiceContext): RemoteService {
  return {
    list: async (options) => listRemotes(await projectOf(context, options)),

    async add(name, url, options = {}) {
      const store = await projectOf(context, options)
      if ((await listRemotes(store)).some((remote) => remote.name === name)) {
        throw storeErrors.create('STORE_EXISTS', { address: name, kind: 'remote' })
      }
      const remote = { name, url: normalizeUrl(store, url), prefix: options.prefix ?? '' }
      await writeRemote(store, remote)
      return remote
    },

    remove: async (name, options) => removeRemote(await projectOf(context, options), name),

    rename: async (from, to, options) => renameRemote(await projectOf(context, options), from, to),

    async info(nameOrUrl, options = {}) {
      const { in: project, timeoutMs } = options
      const isName = isRemoteName(nameOrUrl)
      const store = isName
        ? await projectOf(context, project === undefined ? {} : { in: project })
        : undefined
      const known = store && (await requireRemote(store, nameOrUrl))
      const info = await inspectRemote(context.workspace.host, known?.url ?? nameOrUrl, {
        ...exchangeOptions(context, options),
        ...(timeoutMs === undefined ? {} : { timeoutMs })
      })
      const prefix = known?.prefix || findPrefix(info.refs)
      const wasProject =
        store &&
        known &&
        (await store.repository.refs.read(trackingRef(known.name, MAIN_REF))) !== undefined
      const isProject = tellProject(info.refs, prefix) ?? (wasProject || undefined)
      return describe(info, prefix, isProject)
    }
  }
}

/** Tells whether refs are those of a project; `undefined` if only looking into `main` would tell. */
function tellProject(
  remoteRefs: ReadonlyMap<string, unknown>,
  prefix: RemotePrefix
): boolean | undefined {
  const refs = [...remoteRefs.keys()].map((ref) => projectRefOf(prefix, ref))
  if (!refs.includes(MAIN_REF)) return false
  const hasExperiment = refs.some((ref) => ref !== undefined && experimentOfRef(ref) !== undefined)
  return prefix !== '' || hasExperiment ? true : undefined
}

function describe(
  info: Awaited<ReturnType<typeof inspectRemote>>,
  prefix: RemotePrefix,
  isProject: boolean | undefined
): RemoteDescription {
  const refs = [...info.refs.keys()].flatMap((ref) => projectRefOf(prefix, ref) ?? [])
  const failures = [info.readFailure, info.pushFailure].filter((failure) => failure !== undefined)
  const problems = new Map(failures.map(({ code, message }) => [code, { code, message }]))
  return {
    url: info.url,
    kind: info.kind,
    isReachable: info.isReachable,
    mayRead: info.mayRead,
    mayPush: info.mayPush,
    problems: [...problems.values()],
    capabilities: info.capabilities,
    ...(info.defaultBranch === undefined ? {} : { defaultBranch: info.defaultBranch }),
    prefix,
    ...(isProject === undefined ? {} : { isProject }),
    isEmpty: info.refs.size === 0,
    experiments: refs.flatMap((ref) => experimentOfRef(ref) ?? [])
  }
}

/** Makes the service of snapshots. */
export function createSnapshotService(context: ServiceContext): SnapshotService {
  return {
    create: async (name, options) => createSnapshot(await projectOf(context, options), name),
    list: async (options) => listSnapshots(await projectOf(context, options))
  }
}
