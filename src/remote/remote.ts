import type { Oid } from '../git/objects.ts'
import type { Advertisement } from './advertisement.ts'
import type { Haves } from './have-list.ts'

/** What is to be fetched. */
export interface PackRequest {
  readonly wants: readonly Oid[]
  readonly haves: Haves
  /** Hears what the remote says meanwhile, line by line. */
  readonly onMessage: (line: string) => void
}

/** A ref that is to be changed at a remote. */
export interface PushCommand {
  readonly ref: string
  /** What the remote must hold, as it said a moment ago; `null` if nothing. */
  readonly expected: Oid | null
  /** What it shall hold; `null` deletes it. */
  readonly value: Oid | null
}

/** What is to be pushed. */
export interface PushRequest {
  readonly commands: readonly PushCommand[]
  /** Whether all refs are to change or none. */
  readonly isAtomic: boolean
  /** Makes the objects that the remote lacks, in the manner that it can read. */
  pack(options: { readonly offsets: boolean; readonly thin: boolean }): AsyncIterable<Uint8Array>
  /** Hears what the remote says meanwhile, such as the text of its hooks. */
  readonly onMessage: (line: string) => void
}

/** For each ref why the remote did not change it; `undefined` if it did. */
export type PushAnswer = ReadonlyMap<string, string | undefined>

/** A repository elsewhere, as an exchange sees it. */
export interface Remote {
  /** The address, without credentials. */
  readonly url: string
  readonly kind: 'http' | 'ssh' | 'folder' | 'bundle'
  /**
   * Asks what the remote has. To be called before `fetchPack` or `push`, each time.
   *
   * @throws REMOTE_FORBIDDEN, REMOTE_UNAUTHORIZED if it may not be read, or written `for` a push.
   */
  list(service: 'fetch' | 'push'): Promise<Advertisement>
  /** Returns a pack of what is wanted and not had, while it comes. */
  fetchPack(request: PackRequest): AsyncIterable<Uint8Array>
  /** Changes refs. When it throws, whether they changed is not known. */
  push(request: PushRequest): Promise<PushAnswer>
  close(): Promise<void>
}
