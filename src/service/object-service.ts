import { branchOf } from '../format/paths.ts'
import type { KeyOf, ObjectKey, RecordOfKind } from '../model/kinds.ts'
import { storeErrors } from '../store/errors.ts'
import { lastViewOf, listHistory } from '../store/history.ts'
import { type Listed, listRecords } from '../store/list.ts'
import type { ProjectStore } from '../store/project-store.ts'
import type { Place } from './address-book.ts'
import { type Change, commitChanges, prepareCreate, prepareUpdate } from './change.ts'
import { addressOf, damageListener, objectOf, type ServiceContext } from './context.ts'
import type { ServiceKind } from './kind-rules.ts'
import type { Fields, StoredObject } from './objects.ts'
import { placeFrom, removeExperiment, removeObject, restoreExperiment } from './remove.ts'
import { compareBy, matches } from './select.ts'
import type {
  CreateIn,
  HistoryEntry,
  ListOptions,
  ReadOptions,
  Service,
  WriteOptions
} from './service.ts'

/** The service of every kind that lies inside a project. */
export class ObjectService<K extends Exclude<ServiceKind, 'project'>> implements Service<K> {
  readonly kind: K
  protected readonly context: ServiceContext

  constructor(context: ServiceContext, kind: K) {
    this.context = context
    this.kind = kind
  }

  create(fields: Fields<K> & CreateIn, options: WriteOptions = {}): Promise<StoredObject<K>> {
    return this.#make(fields, options, false)
  }

  put(fields: Fields<K> & CreateIn, options: WriteOptions = {}): Promise<StoredObject<K>> {
    return this.#make(fields, options, true)
  }

  async get(address: string, options: ReadOptions = {}): Promise<StoredObject<K> | undefined> {
    options.signal?.throwIfAborted()
    const place = await this.context.book.find(address, [this.kind], options.at)
    const object = place && (await this.read(place))
    this.context.events.emit('get', {
      kind: this.kind,
      address: object?.address ?? address,
      found: object !== undefined
    })
    return object
  }

  async exists(address: string, options: ReadOptions = {}): Promise<boolean> {
    options.signal?.throwIfAborted()
    return (await this.context.book.find(address, [this.kind], options.at)) !== undefined
  }

  async *list(options: ListOptions = {}): AsyncGenerator<StoredObject<K>> {
    const limit = options.limit ?? Number.POSITIVE_INFINITY
    const found: StoredObject<K>[] = []
    let count = 0
    for await (const object of this.listAll(options)) {
      options.signal?.throwIfAborted()
      if (!matches(object.fields, options.filter)) continue
      if (options.sort !== undefined) found.push(object)
      else if (count++ < limit) yield object
      if (count >= limit) return
    }
    if (options.sort === undefined) return
    yield* found.sort(compareBy(options.sort)).slice(0, limit)
  }

  async update(
    address: string,
    changes: Fields<K>,
    options: WriteOptions = {}
  ): Promise<StoredObject<K>> {
    options.signal?.throwIfAborted()
    const place = await this.context.book.require(address, [this.kind])
    return this.commit(prepareUpdate(place.store, place.key, changes))
  }

  async delete(address: string, options: WriteOptions = {}): Promise<boolean> {
    options.signal?.throwIfAborted()
    const place = await this.context.book.find(address, [this.kind])
    if (place === undefined) return false
    return this.remove(place)
  }

  async *history(
    address: string,
    options: { readonly signal?: AbortSignal } = {}
  ): AsyncGenerator<HistoryEntry> {
    const place =
      (await this.context.book.find(address, [this.kind])) ?? (await this.#findDeleted(address))
    for await (const entry of listHistory(place.store, place.key as ObjectKey)) {
      options.signal?.throwIfAborted()
      yield entry
    }
  }

  async restore(
    address: string,
    options: ReadOptions & WriteOptions = {}
  ): Promise<StoredObject<K>> {
    options.signal?.throwIfAborted()
    const places = await this.context.book.candidates(address, [this.kind])
    for (const place of places) {
      const restored = await this.#restore(place, options.at ?? place.at)
      if (restored !== undefined) return restored
    }
    throw storeErrors.create('STORE_NOT_FOUND', { address, kind: this.kind })
  }

  /** Reads the object at a place; its record must be sound. */
  protected async read({ store, key, at }: Place<K>): Promise<StoredObject<K> | undefined> {
    const view = await store.viewOf(key as ObjectKey, at)
    const record = await view?.record<K>(key)
    if (view === undefined || record === undefined) return undefined
    return objectOf(store, key, record, view.commitOid)
  }

  /** Lists all objects in the scope of some options, unfiltered. */
  protected async *listAll(options: ListOptions): AsyncGenerator<StoredObject<K>> {
    for (const { store, key } of await this.#scopes(options)) {
      const view = await store.viewOf(key, options.at)
      if (view === undefined) continue
      const onDamaged = damageListener(this.context, store, options.onDamaged)
      for await (const listed of listRecords(view, this.kind, key, onDamaged)) {
        yield this.#listed(store, listed, view.commitOid)
      }
    }
  }

  protected async commit(change: Change): Promise<StoredObject<K>> {
    const { records, heads } = await commitChanges([change])
    const commitOid = heads.get(branchOf(change.key)) as string
    const record = records[0] as RecordOfKind[K]
    const object = objectOf(change.store, change.key as KeyOf<K>, record, commitOid)
    const { address } = object
    const { operation } = change
    this.context.events.emit('put', { kind: this.kind, address, commitOid, operation })
    return object
  }

  protected async remove({ store, key }: Place<K>): Promise<boolean> {
    const objectKey = key as ObjectKey
    const address = addressOf(store, objectKey)
    if (objectKey.kind === 'experiment') {
      const removed = await removeExperiment(store, objectKey.experiment)
      if (removed) this.context.events.emit('delete', { kind: this.kind, address })
      return removed
    }
    const branch = branchOf(objectKey)
    const { value, heads } = await store.transact([branch], 'delete', (transaction) =>
      removeObject(store, objectKey, transaction)
    )
    const commitOid = heads.get(branch) as string
    if (value) this.context.events.emit('delete', { kind: this.kind, address, commitOid })
    return value
  }

  async #make(
    fields: Fields<K> & CreateIn,
    options: WriteOptions,
    upsert: boolean
  ): Promise<StoredObject<K>> {
    options.signal?.throwIfAborted()
    return this.commit(await prepareCreate(this.context, this.kind, fields, upsert))
  }

  #listed(store: ProjectStore, { key, record }: Listed<K>, commitOid: string): StoredObject<K> {
    return objectOf(store, key, record, commitOid)
  }

  async #scopes(options: ListOptions): Promise<readonly { store: ProjectStore; key: ObjectKey }[]> {
    const { book, workspace } = this.context
    if (options.in !== undefined) {
      const kinds = ['project', 'experiment', 'run'] as const
      const { store, key } = await book.require(options.in, kinds, options.at)
      return this.#scopesIn(store, key)
    }
    if (book.currentProject !== undefined) {
      const store = await workspace.project(book.currentProject)
      return store === undefined ? [] : this.#scopesIn(store, { kind: 'project' })
    }
    const scopes = []
    for (const slug of await workspace.projects()) {
      const store = await workspace.project(slug)
      if (store !== undefined) scopes.push(...(await this.#scopesIn(store, { kind: 'project' })))
    }
    return scopes
  }

  /** Splits a project into its experiments for the kinds that lie in those. */
  async #scopesIn(
    store: ProjectStore,
    key: ObjectKey
  ): Promise<readonly { store: ProjectStore; key: ObjectKey }[]> {
    if (key.kind !== 'project' || this.kind === 'dataset' || this.kind === 'view') {
      return [{ store, key }]
    }
    const experiments = await store.experiments()
    return experiments.map((experiment) => ({ store, key: { kind: 'experiment', experiment } }))
  }

  async #findDeleted(address: string): Promise<Place<K>> {
    for (const place of await this.context.book.candidates(address, [this.kind])) {
      for await (const _ of place.store.history(place.key as ObjectKey)) return place
    }
    throw storeErrors.create('STORE_NOT_FOUND', { address, kind: this.kind })
  }

  async #restore(
    { store, key }: Place<K>,
    at: string | undefined
  ): Promise<StoredObject<K> | undefined> {
    const objectKey = key as ObjectKey
    if (objectKey.kind === 'experiment') {
      const commitOid = at === undefined ? undefined : await store.resolveRevision(at)
      if (!(await restoreExperiment(store, objectKey.experiment, commitOid))) return undefined
      return this.read({ store, key })
    }
    const view =
      at === undefined ? await lastViewOf(store, objectKey) : await store.viewOf(objectKey, at)
    if (view === undefined || !(await view.has(objectKey))) return undefined
    const branch = branchOf(objectKey)
    const { heads } = await store.transact([branch], 'restore', async (transaction) => {
      if (at === undefined && (await transaction.has(objectKey))) {
        const address = addressOf(store, objectKey)
        throw storeErrors.create('STORE_EXISTS', { address, kind: this.kind })
      }
      await placeFrom(view, objectKey, transaction)
    })
    const commitOid = heads.get(branch) as string
    const address = addressOf(store, objectKey)
    this.context.events.emit('put', { kind: this.kind, address, commitOid, operation: 'restore' })
    return this.read({ store, key })
  }
}
