import { mapLimited } from '../../base/tasks.ts'
import { parseCommit } from '../../git/commit.ts'
import type { ObjectStore } from '../../git/object-store.ts'
import type { GitObject, Oid } from '../../git/objects.ts'
import type { LogRequest, ToldEntry } from '../../git/promised-objects.ts'
import type { Advertisement } from '../advertisement.ts'
import { remoteErrors } from '../errors.ts'
import type { PackRequest, PushAnswer, Remote } from '../remote.ts'
import type { Forge } from './forge.ts'
import type { ForgeContext } from './forge-api.ts'
import { ForgeFetch } from './forge-fetch.ts'
import { joinPacks } from './forge-pack.ts'

/** What an exchange may ask for: parts of content and of history. */
const CAPABILITIES = new Map(['filter', 'shallow'].map((name) => [name, '']))

/** How many requests are under way at a time; a browser sends no more to one host. */
const AT_ONCE = 6

/** So many objects are asked for by name before those that came are kept. */
const BATCH = 20

/** What is known to be a tree, since a commit that came said so, of each repository here. */
const knownTrees = new WeakMap<object, Set<Oid>>()

/**
 * A repository behind the API of its forge, to be read: its objects are asked for one by one, or a tree
 * with all below it, and given as a pack, as by any other remote.
 */
export class ForgeRemote implements Remote {
  readonly url: string
  readonly kind = 'http'
  readonly batch = BATCH
  readonly #forge: Forge
  readonly #context: ForgeContext
  /** The objects here, which are not asked for. */
  readonly #objects: Pick<ObjectStore, 'has' | 'listHeld'>
  /** What was listed, as long as nothing was fetched after it. */
  #refs: ReadonlyMap<string, Oid> | undefined

  constructor(
    url: string,
    forge: Forge,
    context: ForgeContext,
    objects: Pick<ObjectStore, 'has' | 'listHeld'>
  ) {
    this.url = url
    this.#forge = forge
    this.#context = context
    this.#objects = objects
  }

  async list(service: 'fetch' | 'push'): Promise<Advertisement> {
    if (service === 'push') throw this.#readOnly()
    this.#refs ??= await this.#forge.refs()
    return { refs: this.#refs, capabilities: CAPABILITIES, head: undefined, haves: [] }
  }

  async *fetchPack(request: PackRequest): AsyncGenerator<Uint8Array> {
    const { platform } = this.#context
    if (request.isByName) {
      yield* joinPacks(platform, [], await this.#byName(request.wants))
      return
    }
    if (request.filter === undefined) {
      // Everything would be a request for each file there ever was.
      const reason = 'through the API of its forge only a part is brought (clone with “partial”)'
      throw remoteErrors.create('REMOTE_UNSUPPORTED', { url: this.url, reason })
    }
    const refs = this.#refs ?? new Map()
    this.#refs = undefined
    const fetch = new ForgeFetch(this.#forge, platform, this.#objects, refs)
    const { packs, objects } = await fetch.collect(request)
    this.#noteTrees(objects)
    yield* joinPacks(platform, packs, objects)
  }

  log(request: LogRequest): AsyncIterable<ToldEntry> {
    return this.#forge.log(request)
  }

  async canLeaveOut(): Promise<boolean> {
    return true
  }

  async push(): Promise<PushAnswer> {
    throw this.#readOnly()
  }

  async close(): Promise<void> {
    // Each request stands for itself.
  }

  async #byName(wants: readonly Oid[]): Promise<Iterable<GitObject>> {
    const found = new Map<Oid, GitObject>()
    await mapLimited(wants, AT_ONCE, async (oid) => {
      if (found.has(oid)) return
      const type = this.#trees().has(oid) ? 'tree' : undefined
      for (const object of await this.#forge.named(oid, type)) {
        const isNew = object.oid === oid || !(await this.#objects.has(object.oid))
        if (isNew) found.set(object.oid, object)
      }
      if (!found.has(oid)) {
        const message = `it has no object ${oid}`
        throw remoteErrors.create('REMOTE_SAID', { url: this.url, message })
      }
    })
    return found.values()
  }

  #trees(): Set<Oid> {
    const trees = knownTrees.get(this.#objects) ?? new Set()
    knownTrees.set(this.#objects, trees)
    return trees
  }

  #noteTrees(objects: Iterable<GitObject>): void {
    for (const object of objects) {
      if (object.type === 'commit') this.#trees().add(parseCommit(object).tree)
    }
  }

  #readOnly(): Error {
    const detail = 'through the API of its forge it is only read'
    return remoteErrors.create('REMOTE_FORBIDDEN', { url: this.url, action: 'write', detail })
  }
}
