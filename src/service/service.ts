import type { Kind } from '../model/kinds.ts'
import type { FilterInput } from '../query/language/filter-data.ts'
import type { HistoryEntry, HistoryOptions } from '../store/history.ts'
import type { Fields, StoredObject } from './objects.ts'

export type { HistoryEntry, HistoryOptions } from '../store/history.ts'

/** How an object is read. */
export interface ReadOptions {
  /** Reads it as it was at a commit or tag. Default: as it is now. */
  readonly at?: string
  readonly signal?: AbortSignal
}

/** What `list` gives. */
export interface ListOptions extends ReadOptions {
  /** Only objects below this address. Default: all of the project; of all projects if there is no current one. */
  readonly in?: string
  /**
   * Only objects that pass a filter (docs/QUERY.md): its text, its data, or a map of fields that must equal
   * values, in which dots reach inside (`params.k`). Default: all.
   */
  readonly filter?: FilterInput | undefined
  /**
   * Fields to sort by, such as `-metrics.accuracy` (`-`: greatest first); objects without the field come
   * last. Default: order of ids.
   */
  readonly sort?: string | readonly string[]
  /** At most this many. Default: all. */
  readonly limit?: number
  /** Told of each object that can't be read; the others are given. Default: the `damaged` event alone. */
  readonly onDamaged?: (damage: { readonly path: string; readonly error: unknown }) => void
}

/** How an object is written. */
export interface WriteOptions {
  readonly signal?: AbortSignal
}

/** Creates, reads, updates and deletes the objects of one kind. */
export interface Service<K extends Kind> {
  /**
   * Stores a new object.
   *
   * @throws STORE_EXISTS if there is one of that name; STORE_NOT_FOUND if its parent is missing;
   * MODEL_INVALID if a field is wrong; MODEL_NAME if the name makes no id.
   */
  create(fields: Fields<K> & CreateIn, options?: WriteOptions): Promise<StoredObject<K>>
  /** Stores an object whether or not there is one of that name; fields that are not given stay. */
  put(fields: Fields<K> & CreateIn, options?: WriteOptions): Promise<StoredObject<K>>
  /** Reads an object; `undefined` if there is none. */
  get(address: string, options?: ReadOptions): Promise<StoredObject<K> | undefined>
  exists(address: string, options?: ReadOptions): Promise<boolean>
  list(options?: ListOptions): AsyncIterable<StoredObject<K>>
  /**
   * Changes fields and leaves the others and everything below the object alone. A field given as
   * `undefined` is removed; of maps (`params`) only the members given are changed.
   *
   * @throws STORE_NOT_FOUND if there is none.
   */
  update(address: string, changes: Fields<K>, options?: WriteOptions): Promise<StoredObject<K>>
  /** Deletes an object and everything below it; `false` if there was none. `restore` undoes it. */
  delete(address: string, options?: WriteOptions): Promise<boolean>
  /** Lists the commits that touched an object or anything below it, newest first. */
  history(address: string, options?: HistoryOptions): AsyncIterable<HistoryEntry>
  /** Brings back a deleted object, or makes it again what it was at a commit or tag. */
  restore(address: string, options?: ReadOptions & WriteOptions): Promise<StoredObject<K>>
}

/** Where a new object goes and how it is called. */
export interface CreateIn {
  /** The address of the parent; not for projects. Default: the current project. */
  readonly in?: string
  /** The id, where the kind lets the caller choose it. Default: made from the name, or at random. */
  readonly id?: string
}
