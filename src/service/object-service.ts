import { branchOf } from '../format/paths.ts'
import type { KeyOf, ObjectKey, RecordOfKind } from '../model/kinds.ts'
import { prepareFilter } from '../query/language/prepare.ts'
import { restoreBranch } from '../store/deleted.ts'
import { storeErrors } from '../store/errors.ts'
import { lastViewOf, listHistory } from '../store/history.ts'
import { type Damage, listRecords } from '../store/list.ts'
import type { ProjectStore } from '../store/project-store.ts'
import { putBack } from '../store/put-back.ts'
import type { View } from '../store/view.ts'
import type { Place } from './address-book.ts'
import { type Change, commitChanges, prepareCreate, prepareUpdate } from './change.ts'
import { addressOf, damageListener, objectOf, type ServiceContext } from './context.ts'
import type { ServiceKind } from './kind-rules.ts'
import type { Fields, StoredObject } from './objects.ts'
import { removeExperiment, removeObject, restoreExperiment } from './remove.ts'
import { compareBy, testObjects } from './select.ts'
import type {
  CreateIn,
  HistoryEntry,
  HistoryOptions,
  ListOptions,
  ReadOptions,
  Service,
  WriteOptions
} from './service.ts'

/** An object below which others are listed. */
interface ListPlace {
  readonly store: ProjectStore
  readonly below: ObjectKey
}

/** The same with the state in which they are read. */
export interface Scope extends ListPlace {
  readonly view: View
  readonly onDamaged: (damage: Damage) => void
}

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
    const object = await this.locate(address, options.at)
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
    const nowMs = this.nowMs()
    const passes = testObjects<K>(await prepareFilter(this.kind, options.filter), nowMs)
    for await (const object of this.listAll(options)) {
      options.signal?.throwIfAborted()
      if (!passes(object)) continue
      if (options.sort !== undefined) found.push(object)
      else if (count++ < limit) yield object
      if (count >= limit) return
    }
    if (options.sort === undefined) return
    yield* found.sort(compareBy(options.sort, nowMs)).slice(0, limit)
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

  async *history(address: string, options: HistoryOptions = {}): AsyncGenerator<HistoryEntry> {
    const place =
      (await this.context.book.find(address, [this.kind])) ?? (await this.#findDeleted(address))
    for await (const entry of listHistory(place.store, place.key as ObjectKey, options)) {
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

  /** Returns the time, in milliseconds since 1970. */
  protected nowMs(): number {
    return this.context.workspace.host.platform.clock.now()
  }

  /** Finds and reads the object that an address names. */
  protected async locate(
    address: string,
    at: string | undefined
  ): Promise<StoredObject<K> | undefined> {
    const place = await this.context.book.find(address, [this.kind], at)
    return place && this.read(place)
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
    for await (const { store, view, below, onDamaged } of this.scopes(options)) {
      for await (const { key, record } of listRecords(view, this.kind, below, onDamaged)) {
        yield objectOf(store, key, record, view.commitOid)
      }
    }
  }

  /** Opens the branches in which the objects of some options lie; one that can't be read is reported. */
  protected async *scopes(options: ListOptions): AsyncGenerator<Scope> {
    for await (const { store, below } of this.#places(options)) {
      const onDamaged = damageListener(this.context, store.slug, options.onDamaged)
      try {
        const view = await store.viewOf(below, options.at)
        if (view !== undefined) yield { store, view, below, onDamaged }
      } catch (error) {
        if (storeErrors.is(error, 'STORE_REVISION')) throw error
        onDamaged({ path: branchOf(below), error })
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

  async *#places({ in: address, at, onDamaged }: ListOptions): AsyncGenerator<ListPlace> {
    const { book, workspace } = this.context
    if (address !== undefined) {
      const { store, key } = await book.require(address, ['project', 'experiment', 'run'], at)
      yield* await this.#placesIn(store, key, onDamaged)
      return
    }
    const { currentProject } = book
    const slugs = currentProject === undefined ? await workspace.projects() : [currentProject]
    for (const slug of slugs) {
      try {
        const store = await workspace.project(slug)
        if (store !== undefined) yield* await this.#placesIn(store, { kind: 'project' }, onDamaged)
      } catch (error) {
        if (currentProject !== undefined) throw error
        damageListener(this.context, slug, onDamaged)({ path: workspace.folderOf(slug), error })
      }
    }
  }

  /** Splits a project into its experiments for the kinds that lie in those. */
  async #placesIn(
    store: ProjectStore,
    below: ObjectKey,
    onDamaged: ListOptions['onDamaged']
  ): Promise<readonly ListPlace[]> {
    if (below.kind !== 'project' || this.kind === 'dataset' || this.kind === 'view') {
      return [{ store, below }]
    }
    const report = damageListener(this.context, store.slug, onDamaged)
    const experiments = await store.experiments({
      onDamaged: (path, error) => report({ path, error })
    })
    return experiments.map((experiment) => ({ store, below: { kind: 'experiment', experiment } }))
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
    const isRestored =
      objectKey.kind === 'experiment' && at === undefined
        ? await restoreExperiment(store, objectKey.experiment)
        : await this.#putBack(store, objectKey, at)
    if (!isRestored) return undefined
    const object = (await this.read({ store, key })) as StoredObject<K>
    const { address, commitOid } = object
    this.context.events.emit('put', { kind: this.kind, address, commitOid, operation: 'restore' })
    return object
  }

  /** Makes an object what it was at a commit, or before it was deleted; `false` if it was not there. */
  async #putBack(store: ProjectStore, key: ObjectKey, at: string | undefined): Promise<boolean> {
    const view = at === undefined ? await lastViewOf(store, key) : await store.viewOf(key, at)
    if (view === undefined || !(await view.has(key))) return false
    if (key.kind === 'experiment') await restoreBranch(store.repository, key.experiment)
    await store.transact([branchOf(key)], 'restore', async (transaction) => {
      if (at === undefined && (await transaction.has(key))) {
        const address = addressOf(store, key)
        throw storeErrors.create('STORE_EXISTS', { address, kind: this.kind })
      }
      await putBack(view, key, transaction)
    })
    return true
  }
}
