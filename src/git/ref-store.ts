import type { Oid } from './objects.ts'

/** A change of one ref. */
export interface RefEdit {
  /** The whole name: `refs/heads/main`. */
  readonly ref: string
  /** What the ref must hold: an oid, `null` if it must not exist. Left out, anything will do. */
  readonly expected?: Oid | null
  /** What it shall hold; `null` deletes it. */
  readonly value: Oid | null
}

/** How refs are updated. */
export interface RefUpdateOptions {
  /** Resolves when what the refs are to lead to is stored; no ref moves before. Default: it is. */
  readonly stored?: Promise<unknown>
}

/** How refs are listed. */
export interface RefListOptions {
  /** Is told of files that hold no ref; they are left out, as git does. Default: nobody. */
  readonly onDamaged?: (ref: string, error: unknown) => void
}

/** How an update ended: all edits were made, or none, because some refs held something else. */
export type RefUpdate =
  | { readonly status: 'updated' }
  | { readonly status: 'changed'; readonly found: ReadonlyMap<string, Oid | undefined> }

/**
 * Names for objects, changed by compare-and-swap.
 *
 * Implementations on files keep to git's own lock protocol, so that the git program may work on the
 * same repository.
 */
export interface RefStore {
  /** Returns what a ref holds; `undefined` if there is none. Follows symbolic refs. */
  read(ref: string): Promise<Oid | undefined>
  /** Lists the refs that begin with a prefix (`refs/heads/`), in order of their names. */
  list(prefix: string, options?: RefListOptions): Promise<ReadonlyMap<string, Oid>>
  /**
   * Makes all edits or none, durably. Waits for locks of others for a bounded time.
   *
   * @throws GIT_REF_LOCKED if another program holds a lock for too long.
   * @throws GIT_REF_NAME if a name is none that git accepts, or clashes with another as folder and file.
   */
  update(edits: readonly RefEdit[], options?: RefUpdateOptions): Promise<RefUpdate>
  /** Makes a ref point at another by name, as `HEAD` does. */
  setSymbolic(ref: string, target: string): Promise<void>
  /**
   * Runs a body while no other process that calls this for the same name does. A queue, for speed
   * alone: correctness rests on `update`.
   */
  queue<T>(name: string, body: () => Promise<T>): Promise<T>
}
