import { type GitConfig, isOn } from './config.ts'
import type { ObjectStore } from './object-store.ts'
import { EMPTY_TREE, type GitObject, type Oid } from './objects.ts'
import type { ShallowEdge } from './shallow.ts'

/** What a partial or shallow clone left at the remote that it came from, which promised to have it. */
export interface PromisedObjects {
  /** Whether objects may be missing for that reason. */
  isPartial: boolean
  /**
   * Brings objects here; those that the remote has not either stay missing. Set by whoever can ask.
   * Default: nobody can.
   */
  load: ((oids: readonly Oid[]) => Promise<void>) | undefined
  /** Brings the history before the edge of a shallow one. Default: nobody can. */
  deepen: ((options?: { readonly signal?: AbortSignal }) => Promise<void>) | undefined
  /**
   * Asks for the commits that touched a path, for those who need no more of them than what they say of
   * themselves; `undefined` from a remote that tells no such list. Default: nobody can.
   */
  log: ((request: LogRequest) => Promise<AsyncIterable<ToldEntry> | undefined>) | undefined
}

/** Which commits are asked for. */
export interface LogRequest {
  readonly head: Oid
  /** From the root of the tree on. */
  readonly path: string
  /** How many of the newest are left out. Default: 0. */
  readonly skip?: number
  /** Default: none. */
  readonly signal?: AbortSignal
}

/** What a commit says of itself, as it was told, not checked by its name. */
export interface ToldEntry {
  readonly oid: Oid
  readonly author: { readonly name: string; readonly email: string; readonly epochSeconds: number }
  readonly message: string
}

/** Tells whether a remote promised to have objects that may be missing (gitrepository-layout(5)). */
export function openPromised(config: GitConfig): PromisedObjects {
  const isPartial = config
    .names()
    .some((name) => /^remote\..*\.promisor$/.test(name) && isOn(config, name))
  return { isPartial, load: undefined, deepen: undefined, log: undefined }
}

/** Returns a store in which the commits at the edge of a shallow history have no parents. */
export function markEdge(store: ObjectStore, edge: ShallowEdge): ObjectStore {
  const mark = async (object: GitObject | undefined): Promise<GitObject | undefined> => {
    if (object?.type !== 'commit' || !edge.oids.has(object.oid)) return object
    return (await edge.load()).has(object.oid) ? { ...object, isEdge: true } : object
  }
  async function* markMany(oids: readonly Oid[]): AsyncGenerator<GitObject> {
    for await (const object of store.readMany(oids)) {
      yield object.type === 'commit' ? ((await mark(object)) as GitObject) : object
    }
  }
  return {
    ...store,
    read: (oid) => (edge.oids.size === 0 ? store.read(oid) : store.read(oid).then(mark)),
    readMany: (oids) => (edge.oids.size === 0 ? store.readMany(oids) : markMany(oids))
  }
}

/** Returns a store that asks for what was left at a remote, when it is read: many with one request. */
export function loadPromised(store: ObjectStore, promised: PromisedObjects): ObjectStore {
  const readPromised = async (oid: Oid): Promise<GitObject | undefined> => {
    const object = await store.read(oid)
    if (object !== undefined || promised.load === undefined || oid === EMPTY_TREE) return object
    await promised.load([oid])
    return store.read(oid)
  }
  async function* readManyPromised(oids: readonly Oid[]): AsyncGenerator<GitObject> {
    const missing = new Set(oids)
    for await (const object of store.readMany(oids)) {
      missing.delete(object.oid)
      yield object
    }
    if (missing.size === 0 || promised.load === undefined) return
    await promised.load([...missing])
    yield* store.readMany([...missing])
  }
  return {
    ...store,
    read: (oid) => (promised.isPartial ? readPromised(oid) : store.read(oid)),
    readMany: (oids) => (promised.isPartial ? readManyPromised(oids) : store.readMany(oids))
  }
}
