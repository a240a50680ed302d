import { gitErrors } from '../git/errors.ts'
import type { Oid } from '../git/objects.ts'
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
  promised.deepen = () => deepen(store, options)
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
    for (const tracking of (await refs.list(prefix)).keys()) {
      const ref = `refs/${tracking.slice(prefix.length)}`
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
    if (!isUnreachable(error)) throw error
    const data = { project: store.slug, remote: remote.name, url: remote.url }
    throw storeErrors.create('STORE_LEFT_THERE', data, error)
  } finally {
    await link?.close()
    store.maintenance.note()
  }
}
