import type { ObjectStore } from '../git/object-store.ts'
import type { NewObject, Oid } from '../git/objects.ts'
import type { LogRequest, ToldEntry } from '../git/promised-objects.ts'
import type { Advertisement } from '../remote/advertisement.ts'
import type { ExchangeContext, ExchangeProgress } from '../remote/exchange.ts'
import { type FetchOptions, fetchRefs } from '../remote/fetch.ts'
import { type PushedRef, type PushUpdate, pushRefs } from '../remote/push.ts'
import { fetchLost, fetchObjects } from '../remote/receive.ts'
import type { Remote } from '../remote/remote.ts'
import type { ProjectStore } from './project-store.ts'

/** More of what just came is not held where most of it is read beside this thread. */
const ASIDE_HELD_BYTES = 16 << 20

/** Who hears of an exchange, and who stops it. */
export interface LinkOptions {
  /** Default: nobody. */
  readonly onProgress?: (progress: ExchangeProgress) => void
  /** Default: none. */
  readonly signal?: AbortSignal
}

/** What is known of objects that are pushed. */
export interface PushedObjects {
  /** Objects that are not stored here. Default: none. */
  readonly further?: readonly NewObject[]
  /** Commits that the remote is known to have besides what it lists. Default: none. */
  readonly haves?: readonly Oid[]
}

/** A remote that was opened for one operation on a project. */
export class RemoteLink {
  readonly #remote: Remote
  readonly #options: LinkOptions
  /** What the remote said last, if nothing was done with it yet. */
  #listed: { readonly service: 'fetch' | 'push'; readonly said: Advertisement } | undefined

  constructor(remote: Remote, options: LinkOptions = {}) {
    this.#remote = remote
    this.#options = options
  }

  /** The address, without credentials. */
  get url(): string {
    return this.#remote.url
  }

  get kind(): Remote['kind'] {
    return this.#remote.kind
  }

  /** Asks for the refs there; for a push, also whether one is allowed. @throws REMOTE_FORBIDDEN */
  async refs(service: 'fetch' | 'push' = 'fetch'): Promise<ReadonlyMap<string, Oid>> {
    const said = await this.#remote.list(service)
    this.#listed = { service, said }
    return said.refs
  }

  /**
   * Brings what refs of the remote hold, checks that nothing is missing, and then writes it to refs
   * here: `targets` maps the names there to the names here.
   */
  async fetch(
    store: ProjectStore,
    targets: ReadonlyMap<string, string>,
    limits: Pick<FetchOptions, 'filter' | 'depth'> = {}
  ): Promise<{ readonly receivedBytes: number }> {
    const map = (remoteRef: string): string | undefined => targets.get(remoteRef)
    return fetchRefs(contextOf(store), this.#once(), { map, ...limits, ...this.#options })
  }

  /** Brings objects by their names that were left at the remote. */
  async load(store: ProjectStore, oids: readonly Oid[], filter: string): Promise<number> {
    const remote = this.#remote
    const { batch = oids.length } = remote
    let receivedBytes = 0
    for (let at = 0; at < oids.length; at += batch) {
      const some = oids.slice(at, at + batch)
      const options = { filter, ...this.#options }
      receivedBytes += await fetchObjects(contextOf(store), remote, some, options)
    }
    return receivedBytes
  }

  /** Brings objects that were lost here, as far as the remote has them. */
  fill(store: ProjectStore, oids: readonly Oid[]): Promise<number> {
    return fetchLost(contextOf(store), this.#remote, oids, this.#options)
  }

  /** Lists commits without bringing them; `undefined` where there is no asking for that. */
  log(request: LogRequest): AsyncIterable<ToldEntry> | undefined {
    return this.#remote.log?.(request)
  }

  /** Tells what the remote, which was asked for its refs before, can leave away. */
  async canLimit(): Promise<{ readonly depth: boolean; readonly partial: boolean }> {
    const depth = this.#listed?.said.capabilities.has('shallow') ?? false
    return { depth, partial: await this.#remote.canLeaveOut() }
  }

  /** Changes refs there, each for itself; each must still hold what is expected. */
  async push(
    store: ProjectStore,
    updates: readonly PushUpdate[],
    { further = [], haves = [] }: PushedObjects = {}
  ): Promise<ReadonlyMap<string, PushedRef>> {
    const options = { atomic: false, haves, ...this.#options }
    const context = withFurther(contextOf(store), further)
    return (await pushRefs(context, this.#once(), updates, options)).refs
  }

  close(): Promise<void> {
    this.#listed = undefined
    return this.#remote.close()
  }

  /** Returns the remote for one exchange: what it has just said is not asked for again. */
  #once(): Remote {
    const remote = this.#remote
    return {
      url: remote.url,
      kind: remote.kind,
      ...(remote.retries === undefined ? {} : { retries: remote.retries }),
      list: async (service) => {
        const listed = this.#listed
        this.#listed = undefined
        return listed?.service === service ? listed.said : remote.list(service)
      },
      fetchPack: (request) => remote.fetchPack(request),
      canLeaveOut: () => remote.canLeaveOut(),
      push: (request) => remote.push(request),
      close: () => remote.close()
    }
  }
}

/** Lets objects be read that are stored nowhere. */
function withFurther(context: ExchangeContext, further: readonly NewObject[]): ExchangeContext {
  if (further.length === 0) return context
  const byOid = new Map(further.map((object) => [object.oid, object]))
  const { repository } = context
  const overlay = (store: ObjectStore): ObjectStore => ({
    ...store,
    read: async (oid) => byOid.get(oid) ?? store.read(oid)
  })
  const { local, objects } = repository
  return {
    ...context,
    repository: { ...repository, local: overlay(local), objects: overlay(objects) }
  }
}

function contextOf({ host, repository }: ProjectStore): ExchangeContext {
  const { files, platform, runReader } = host
  const listeners: Omit<ExchangeContext, 'fs' | 'platform' | 'repository'> = runReader
    ? {
        onObject: (type, name, bytes) => runReader.take(type, name, bytes),
        heldBytes: ASIDE_HELD_BYTES,
        drain: () => runReader.drain(),
        onReceived: (commits) => runReader.prepare(commits)
      }
    : {}
  return { fs: files, platform, repository, ...listeners }
}
