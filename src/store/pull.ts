import { isCoded, reasonOf } from '../base/errors.ts'
import { randomId } from '../base/ids.ts'
import { editRecord } from '../format/edit.ts'
import { experimentOfRef, MAIN_REF } from '../format/paths.ts'
import { gitErrors } from '../git/errors.ts'
import type { Oid } from '../git/objects.ts'
import { modelErrors } from '../model/errors.ts'
import { aboutRef, orDamaged } from './damage.ts'
import { storeErrors } from './errors.ts'
import { integrate } from './integrate.ts'
import type { ProjectStore } from './project-store.ts'
import { projectRefOf, remoteRefOf, trackingPrefix, trackingRef } from './ref-map.ts'
import type { RemoteSettings } from './remote-config.ts'
import type { RemoteLink } from './remote-link.ts'
import type { SyncedRef } from './sync-report.ts'

/** What is pulled. */
export interface PullOptions {
  /** Only these experiments, and `main`. Default: all that the remote has. */
  readonly experiments?: readonly string[]
  /** Takes the remote's project in, though its id is another. Default: false. */
  readonly join?: boolean
  /** How many commits of each history are brought, `Infinity` for all. Default: as far as what is here goes. */
  readonly depth?: number
  /** What the remote has just said that it has. Default: it is asked. */
  readonly advertised?: ReadonlyMap<string, Oid>
}

/** What a pull came to. */
export interface PullReport {
  readonly synced: readonly SyncedRef[]
  readonly receivedBytes: number
}

/**
 * Brings what a remote has and joins it with what is here, branch by branch.
 *
 * @throws STORE_NOT_A_PROJECT_THERE, STORE_RECORD_THERE, STORE_OTHER_PROJECT; STORE_MERGE_TOO_NEW after the other branches
 * were joined.
 */
export async function pull(
  store: ProjectStore,
  remote: RemoteSettings,
  link: RemoteLink,
  options: PullOptions = {}
): Promise<PullReport> {
  const advertised = projectRefs(remote, options.advertised ?? (await link.refs()))
  const wanted = new Map([...advertised].filter(([ref]) => isWanted(ref, options)))
  const { depth } = options
  const { incoming, receivedBytes } = await bring(store, remote, link, wanted, depth)
  try {
    const theirId = await readProjectId(store, remote, wanted.get(MAIN_REF))
    if (!options.join) await checkProject(store, remote, theirId)
    const synced: SyncedRef[] = []
    for (const [ref, headOid] of wanted) {
      const unhide = options.experiments?.includes(experimentOfRef(ref) ?? '') ?? false
      const take = (): Promise<SyncedRef> =>
        ref.startsWith('refs/tags/')
          ? takeTag(store, remote.name, ref, headOid)
          : integrate(store, { remote: remote.name, ref, headOid, unhide })
      const deepen = async (): Promise<void> => {
        incoming.push(
          ...(await bring(store, remote, link, new Map([[ref, headOid]]), Number.POSITIVE_INFINITY))
            .incoming
        )
      }
      synced.push(await orDamaged(remote.name, ref, () => withHistory(take, deepen)))
    }
    if (options.join && theirId !== undefined) await adoptId(store, theirId)
    synced.push(...(await listDeletedThere(store, remote.name, advertised, options)))
    return { synced, receivedBytes }
  } finally {
    await store.repository.refs.update(incoming.map((ref) => ({ ref, value: null })))
  }
}

/** Does what needs to know more of history than is here, if it does, when that was brought. */
export async function withHistory<T>(
  body: () => Promise<T>,
  deepen: () => Promise<void>
): Promise<T> {
  try {
    return await body()
  } catch (error) {
    if (!gitErrors.is(error, 'GIT_HISTORY_CUT')) throw error
    await deepen()
    return body()
  }
}

/** Returns the refs of a project on a remote, by their names in the project. */
export function projectRefs(
  remote: Pick<RemoteSettings, 'name' | 'url' | 'prefix'>,
  advertised: ReadonlyMap<string, Oid>
): ReadonlyMap<string, Oid> {
  const found = new Map<string, Oid>()
  for (const [name, oid] of advertised) {
    const ref = projectRefOf(remote.prefix, name)
    if (ref !== undefined) found.set(ref, oid)
  }
  if (!found.has(MAIN_REF) && advertised.size > 0 && remote.prefix === '') {
    throw storeErrors.create('STORE_NOT_A_PROJECT_THERE', { remote: remote.name, url: remote.url })
  }
  return found
}

/** Brings refs of a remote under names that nobody else uses, so that nothing takes their objects. */
async function bring(
  store: ProjectStore,
  remote: RemoteSettings,
  link: RemoteLink,
  wanted: ReadonlyMap<string, Oid>,
  depth: number | undefined
): Promise<{ readonly incoming: string[]; readonly receivedBytes: number }> {
  const token = randomId(store.host.platform.random, 12)
  const targets = new Map<string, string>()
  for (const ref of wanted.keys()) {
    targets.set(remoteRefOf(remote.prefix, ref), `refs/runtree/incoming/${token}/${ref.slice(5)}`)
  }
  const { receivedBytes } = await link.fetch(store, targets, {
    ...(remote.partial === undefined ? {} : { filter: remote.partial }),
    ...(depth === undefined ? {} : { depth })
  })
  return { incoming: [...targets.values()], receivedBytes }
}

/** Reads the id of the project at a remote. @throws STORE_NOT_A_PROJECT_THERE, STORE_RECORD_THERE */
async function readProjectId(
  store: ProjectStore,
  remote: RemoteSettings,
  mainOid: Oid | undefined
): Promise<string | undefined> {
  if (mainOid === undefined) return undefined
  const view = await store.viewAt(mainOid)
  const theirs = await view.record<'project'>({ kind: 'project' }).catch((error: unknown) => {
    const isRecords = isCoded(error) && /^(?:FORMAT|MODEL)_/.test(error.code)
    if (!isRecords || modelErrors.is(error, 'MODEL_SCHEMA_TOO_NEW')) throw error
    const reason = reasonOf(error).replace(/\.$/, '')
    const place = { remote: remote.name, url: remote.url, branch: 'main' }
    throw storeErrors.create('STORE_RECORD_THERE', { ...place, reason }, error)
  })
  if (theirs !== undefined) return theirs.id
  throw storeErrors.create('STORE_NOT_A_PROJECT_THERE', { remote: remote.name, url: remote.url })
}

/** Checks that what a remote has on `main`, which is here, is this project. @throws STORE_OTHER_PROJECT */
export async function checkSameProject(
  store: ProjectStore,
  remote: RemoteSettings,
  mainOid: Oid
): Promise<void> {
  await checkProject(store, remote, await readProjectId(store, remote, mainOid))
}

async function checkProject(
  store: ProjectStore,
  remote: RemoteSettings,
  theirId: string | undefined
): Promise<void> {
  const own = await (await store.view(MAIN_REF))?.record<'project'>({ kind: 'project' })
  if (own === undefined || theirId === undefined || own.id === theirId) return
  throw storeErrors.create('STORE_OTHER_PROJECT', { remote: remote.name, ownId: own.id, theirId })
}

/** Decides that the joined project is the remote's: its other copies know it by that id. */
async function adoptId(store: ProjectStore, theirId: string): Promise<void> {
  const key = { kind: 'project' } as const
  const record = await (await store.view(MAIN_REF))?.record<'project'>(key)
  if (record === undefined || (record.id === theirId && !record.conflicts?.id)) return
  await store.transact([MAIN_REF], 'update', async (transaction) => {
    const own = await transaction.read<'project'>(key)
    if (own === undefined) return
    const stamp = transaction.stamp(own)
    transaction.write<'project'>(key, editRecord('project', own, { id: theirId }, stamp))
  })
}

/** Takes a snapshot over; one of that name that holds something else stays. */
async function takeTag(
  store: ProjectStore,
  remote: string,
  ref: string,
  headOid: Oid
): Promise<SyncedRef> {
  const { refs } = store.repository
  const before = await refs.read(ref)
  const noted = { ref: trackingRef(remote, ref), value: headOid }
  if (before === headOid) {
    await refs.update([noted])
    return { ref, remote, status: 'unchanged', after: headOid }
  }
  if (before !== undefined) return { ref, remote, status: 'diverged', before, after: headOid }
  const update = await refs.update([{ ref, expected: null, value: headOid }, noted])
  if (update.status === 'changed') return takeTag(store, remote, ref, headOid)
  return { ref, remote, status: 'new', after: headOid }
}

/** Lists the branches that a remote once had and has no more. */
async function listDeletedThere(
  store: ProjectStore,
  remote: string,
  advertised: ReadonlyMap<string, Oid>,
  options: PullOptions
): Promise<readonly SyncedRef[]> {
  const gone: SyncedRef[] = []
  const prefix = trackingPrefix(remote)
  for (const [tracking, before] of await store.repository.refs.list(prefix)) {
    const ref = `refs/${tracking.slice(prefix.length)}`
    if (advertised.has(ref) || !isWanted(ref, options)) continue
    gone.push({ ...aboutRef(remote, ref), status: 'deleted-there', before })
  }
  return gone
}

function isWanted(ref: string, { experiments }: PullOptions): boolean {
  if (experiments === undefined || ref === MAIN_REF) return true
  const experiment = experimentOfRef(ref)
  return experiment !== undefined && experiments.includes(experiment)
}
