import { decodeUtf8 } from '../base/bytes.ts'
import { MAIN_REF } from '../format/paths.ts'
import type { ProjectRecord } from '../model/records.ts'
import { slugOf } from '../model/slug.ts'
import { prepareFilter } from '../query/language/prepare.ts'
import type { NewProject } from '../store/create-project.ts'
import { storeErrors } from '../store/errors.ts'
import { listHistory } from '../store/history.ts'
import type { ProjectStore } from '../store/project-store.ts'
import { putBack } from '../store/put-back.ts'
import { commitChanges, prepareUpdate } from './change.ts'
import { objectOf, type ServiceContext } from './context.ts'
import { ownFields } from './kind-rules.ts'
import type { Fields, StoredObject } from './objects.ts'
import { compareBy, testObjects } from './select.ts'
import type {
  CreateIn,
  HistoryEntry,
  HistoryOptions,
  ListOptions,
  ReadOptions,
  WriteOptions
} from './service.ts'
import type { ProjectDirectory } from './workspace.ts'

/** Creates, reads, updates and deletes projects, each a repository of the workspace. */
export class ProjectService implements ProjectDirectory {
  readonly #context: ServiceContext

  constructor(context: ServiceContext) {
    this.#context = context
  }

  async create(
    fields: Fields<'project'> & CreateIn,
    options: WriteOptions = {}
  ): Promise<StoredObject<'project'>> {
    options.signal?.throwIfAborted()
    const name = fields.name ?? fields.id
    if (name === undefined) {
      throw storeErrors.create('STORE_FIELD', {
        kind: 'project',
        field: 'name',
        reason: 'is missing'
      })
    }
    const own = { ...ownFields('project', fields), name } as NewProject
    const slug = slugOf(fields.id ?? name, this.#context.workspace.host.platform.hash)
    const store = await this.#context.workspace.create(own, { slug })
    return this.#announce(store, 'create')
  }

  async put(
    fields: Fields<'project'> & CreateIn,
    options: WriteOptions = {}
  ): Promise<StoredObject<'project'>> {
    const name = fields.id ?? fields.name
    const slug = name && slugOf(name, this.#context.workspace.host.platform.hash)
    const found = slug ? await this.#context.workspace.project(slug) : undefined
    return found === undefined
      ? this.create(fields, options)
      : this.update(found.slug, ownFields('project', fields), options)
  }

  async get(
    address: string,
    options: ReadOptions = {}
  ): Promise<StoredObject<'project'> | undefined> {
    options.signal?.throwIfAborted()
    const place = await this.#context.book.find(address, ['project'], options.at)
    const object = place && (await this.#read(place.store, place.at))
    const found = object !== undefined
    this.#context.events.emit('get', { kind: 'project', address, found })
    return object
  }

  async readme(address: string, options: ReadOptions = {}): Promise<string | undefined> {
    options.signal?.throwIfAborted()
    const { store, at } = await this.#context.book.require(address, ['project'], options.at)
    const view = await store.viewOf({ kind: 'project' }, at)
    const bytes = await view?.file('README.md')
    return bytes && decodeUtf8(bytes)
  }

  async exists(address: string, options: ReadOptions = {}): Promise<boolean> {
    return (await this.#context.book.find(address, ['project'], options.at)) !== undefined
  }

  async *list(options: ListOptions = {}): AsyncGenerator<StoredObject<'project'>> {
    const { workspace, events } = this.#context
    const objects: StoredObject<'project'>[] = []
    const nowMs = workspace.host.platform.clock.now()
    const passes = testObjects<'project'>(await prepareFilter('project', options.filter), nowMs)
    for (const slug of await workspace.projects()) {
      options.signal?.throwIfAborted()
      try {
        const store = await workspace.project(slug)
        const object = store && (await this.#read(store, options.at))
        if (object !== undefined && passes(object)) objects.push(object)
      } catch (error) {
        const damage = { path: workspace.folderOf(slug), error }
        events.emit('damaged', { project: slug, ...damage })
        options.onDamaged?.(damage)
      }
    }
    if (options.sort !== undefined) objects.sort(compareBy(options.sort, nowMs))
    yield* objects.slice(0, options.limit)
  }

  async update(
    address: string,
    changes: Fields<'project'>,
    options: WriteOptions = {}
  ): Promise<StoredObject<'project'>> {
    options.signal?.throwIfAborted()
    const { store, key } = await this.#context.book.require(address, ['project'])
    await commitChanges([prepareUpdate<'project'>(store, key, changes)])
    return this.#announce(store, 'update')
  }

  /** Moves the project's repository aside, where it is kept for 30 days. */
  async delete(address: string, options: WriteOptions = {}): Promise<boolean> {
    options.signal?.throwIfAborted()
    const place = await this.#context.book.find(address, ['project'])
    if (place === undefined) return false
    const removed = await this.#context.workspace.delete(place.store.slug)
    if (removed) {
      this.#context.events.emit('delete', { kind: 'project', address: place.store.slug })
    }
    return removed
  }

  async *history(address: string, options: HistoryOptions = {}): AsyncGenerator<HistoryEntry> {
    const { store, key } = await this.#context.book.require(address, ['project'])
    for await (const entry of listHistory(store, key, options)) {
      options.signal?.throwIfAborted()
      yield entry
    }
  }

  async restore(
    address: string,
    options: ReadOptions & WriteOptions = {}
  ): Promise<StoredObject<'project'>> {
    options.signal?.throwIfAborted()
    const { workspace } = this.#context
    if (options.at !== undefined) return this.#restoreFields(address, options.at)
    const slug = slugOf(address, workspace.host.platform.hash)
    if (!(await workspace.restore(slug))) {
      throw storeErrors.create('STORE_NOT_FOUND', { address, kind: 'project' })
    }
    return this.#announce((await workspace.project(slug)) as ProjectStore, 'restore')
  }

  async #restoreFields(address: string, at: string): Promise<StoredObject<'project'>> {
    const { store } = await this.#context.book.require(address, ['project'])
    const view = await store.viewAt(await store.resolveRevision(at))
    if (!(await view.has({ kind: 'project' }))) {
      throw storeErrors.create('STORE_NOT_FOUND', { address: `${address}@${at}`, kind: 'project' })
    }
    await store.transact([MAIN_REF], 'restore', (transaction) =>
      putBack(view, { kind: 'project' }, transaction)
    )
    return this.#announce(store, 'restore')
  }

  async #announce(store: ProjectStore, operation: string): Promise<StoredObject<'project'>> {
    const object = (await this.#read(store)) as StoredObject<'project'>
    const { address, commitOid } = object
    this.#context.events.emit('put', { kind: 'project', address, commitOid, operation })
    return object
  }

  async #read(store: ProjectStore, at?: string): Promise<StoredObject<'project'> | undefined> {
    const view = await store.viewOf({ kind: 'project' }, at)
    const record: ProjectRecord | undefined = await view?.record<'project'>({ kind: 'project' })
    if (view === undefined || record === undefined) return undefined
    return objectOf<'project'>(store, { kind: 'project' }, record, view.commitOid)
  }
}
