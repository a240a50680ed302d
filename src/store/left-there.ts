import { gitErrors } from '../git/errors.ts'
import type { Oid } from '../git/objects.ts'
import type { LogRequest, PromisedObjects, ToldEntry } from '../git/promised-objects.ts'
import { remoteErrors } from '../remote/errors.ts'
import { storeErrors } from './errors.ts'
import { type ExchangeOptions, isUnreachable, openLink } from './exchange.ts'
import type { ProjectStore } from './project-store.ts'
import { remoteRefOf, trackingPrefix } from './ref-map.ts'
import { listRemotes, type RemoteSettings } from './remote-config.ts'
import type { RemoteLink } from './remote-link.ts'

/** What a project is cloned without if nothing else is said: files that no listing needs. */
export const DEFAULT_PARTIAL = 'blob:limit=8k'

/** Lets a project ask its remotes for what a partial or shallow clone left there, when it is needed. */
export function connectLeft(store: ProjectStore, options: ExchangeOptions = {}): void {
  const { promised } = store.repository
  promised.load = (oids) => loadLeft(store, oids, options)
  promised.deepen = shareDeepening((wish) => deepen(store, { ...options, ...wish }))
  promised.log = (request) => askLog(store, request, options)
}

type Deepen = NonNullable<PromisedObjects['deepen']>

/** Lets those who want all history at a time share one request; who started it may also stop it. */
function shareDeepening(begin: Deepen): Deepen {
  let underWay: Promise<void> | undefined
  return async (wish) => {
    while (underWay !== undefined) {
      const isDone = await underWay.then(
        () => true,
        () => false
      )
      if (isDone) return
      wish?.signal?.throwIfAborted()
    }
    underWay = begin(wish).finally(() => {
      underWay = undefined
    })
    await underWay
  }
}

/** Asks those remotes for a list of commits that were brought in part only. */
async function askLog(
  store: ProjectStore,
  request: LogRequest,
  options: ExchangeOptions
): Promise<AsyncIterable<ToldEntry> | undefined> {
  const { signal } = request
  const asking = signal === undefined ? options : { ...options, signal }
  for (const remote of await listRemotes(store)) {
    if (remote.partial === undefined) continue
    const link = await openLink(store, remote.url, asking)
    const entries = link.log(request)
    if (entries !== undefined) return readLog(store, remote, link, entries)
    await link.close()
  }
  return undefined
}

async function* readLog(
  store: ProjectStore,
  remote: RemoteSettings,
  link: RemoteLink,
  entries: AsyncIterable<ToldEntry>
): AsyncGenerator<ToldEntry> {
  try {
    yield* entries
  } catch (error) {
    throw explainReach(store, remote, error)
  } finally {
    await link.close()
  }
}

/**
 * Brings objects that were left at a remote: many with one request.
 *
 * @throws STORE_LEFT_THERE if the remote can't be reached.
 */
async function loadLeft(
  store: ProjectStore,
  oids: readonly Oid[],
  options: ExchangeOptions
): Promise<void> {
  const remotes = (await listRemotes(store)).filter(({ partial }) => partial !== undefined)
  for (const remote of remotes) {
    try {
      await reach(store, remote, options, (link) => link.load(store, oids, filterFor(remote)))
      return
    } catch (error) {
      // One that never had them says so in its own words; they are missing then as anywhere.
      if (!remoteErrors.is(error, 'REMOTE_SAID') && !gitErrors.is(error, 'GIT_OBJECT_MISSING')) {
        throw error
      }
    }
  }
}

/** A tree comes with the trees below it, so that what is looked at next is there too. */
function filterFor({ partial = '' }: RemoteSettings): string {
  return partial.startsWith('blob:') ? partial : DEFAULT_PARTIAL
}

/**
 * Brings all of the history of what the remotes have.
 *
 * @throws STORE_LEFT_THERE if no remote can be reached that has it.
 */
export async function deepen(store: ProjectStore, options: ExchangeOptions = {}): Promise<void> {
  const { refs, edge } = store.repository
  for (const remote of await listRemotes(store)) {
    if (edge.oids.size === 0) return
    const targets = new Map<string, string>()
    const prefix = trackingPrefix(remote.name)
    const tracked = [...(await refs.list(prefix)).keys()].map((ref) => ref.slice(prefix.length))
    // A clone that git made has not noted yet what the remote has.
    const branches = [...(await refs.list('refs/heads/')).keys()].map((ref) => ref.slice(5))
    for (const name of tracked.length > 0 ? tracked : branches) {
      const ref = `refs/${name}`
      targets.set(remoteRefOf(remote.prefix, ref), `refs/runtree/incoming/deeper/${ref.slice(5)}`)
    }
    if (targets.size === 0) continue
    await reach(store, remote, options, async (link) => {
      const filter = remote.partial === undefined ? {} : { filter: remote.partial }
      await link.fetch(store, targets, { ...filter, depth: Number.POSITIVE_INFINITY })
    })
    await refs.update([...targets.values()].map((ref) => ({ ref, value: null })))
  }
}

async function reach<T>(
  store: ProjectStore,
  remote: RemoteSettings,
  options: ExchangeOptions,
  body: (link: RemoteLink) => Promise<T>
): Promise<T> {
  let link: RemoteLink | undefined
  try {
    link = await openLink(store, remote.url, options)
    return await body(link)
  } catch (error) {
    throw explainReach(store, remote, error)
  } finally {
    await link?.close()
    store.maintenance.note()
  }
}

function explainReach(store: ProjectStore, { name, url }: RemoteSettings, error: unknown): unknown {
  if (!isUnreachable(error)) return error
  const data = { project: store.slug, remote: name, url }
  return storeErrors.create('STORE_LEFT_THERE', data, error)
}
