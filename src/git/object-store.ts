import type { GitObject, NewObject, Oid } from './objects.ts'

export type { NewObject } from './objects.ts'

/**
 * Objects that were stored and that no ref reaches yet.
 *
 * Until `release`, other programs' repacking leaves them alone (a new pack bears a `.keep`).
 */
export interface HeldObjects {
  /** Lets maintenance treat the objects as any others. To be called once a ref reaches them. */
  release(): Promise<void>
}

/**
 * Stores git's objects by their names.
 *
 * What another process adds, repacks or removes is seen by the next call.
 */
export interface ObjectStore {
  /**
   * Reads an object; `undefined` if the store has none of that name.
   *
   * @throws GIT_OBJECT_DAMAGED if its bytes don't give its name.
   */
  read(oid: Oid): Promise<GitObject | undefined>
  /** Reads many objects, in whatever order is fastest; those that are absent are left out. */
  readMany(oids: readonly Oid[]): AsyncIterable<GitObject>
  has(oid: Oid): Promise<boolean>
  /**
   * Lists which of many objects the store has. What another process adds may be missed.
   */
  listHeld(oids: Iterable<Oid>): Promise<readonly Oid[]>
  /** Lists the names that begin with some hexadecimal digits, at most `limit`. */
  findByPrefix(prefix: string, limit: number): Promise<readonly Oid[]>
  /**
   * Stores objects durably: when it resolves, a power cut loses none of them.
   *
   * An object that is already there is freshened, so that no clean-up takes it meanwhile.
   */
  write(objects: readonly NewObject[]): Promise<HeldObjects>
  close(): Promise<void>
}

/** What reading needs of a store. */
export type ObjectReader = Pick<ObjectStore, 'read' | 'readMany'>
