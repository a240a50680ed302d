import type { Oid } from '../git/objects.ts'
import type { LogRequest, ToldEntry } from '../git/promised-objects.ts'
import type { ShallowChange } from '../git/shallow.ts'
import type { Advertisement } from './advertisement.ts'
import type { Haves } from './have-list.ts'

/** Where history ends, and where it shall end. */
export interface HistoryCut {
  /** The commits here whose parents are not here. */
  readonly edge: readonly Oid[]
  /** How many commits of each history are wanted; `Infinity` for all. Default: as many as there are to the edge. */
  readonly depth?: number
  /** Hears how the edge moves, before the objects come. */
  onMove(change: ShallowChange): void
}

/** What is to be fetched. */
export interface PackRequest {
  readonly wants: readonly Oid[]
  readonly haves: Haves
  /** Whether what is wanted is named by itself, not by a ref. Default: false. */
  readonly isByName?: boolean
  /** What to leave out, as git's filters say it: `blob:none`, `blob:limit=8k`, `tree:3`. Default: nothing. */
  readonly filter?: string
  /** How history is cut. Default: it is not. */
  readonly history?: HistoryCut
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
  /** How often what failed for a moment and may be done twice is tried again. Default: 0. */
  readonly retries?: number
  /** How many objects are asked for by their names at a time, so that those that came stay. Default: all. */
  readonly batch?: number
  /**
   * Asks what the remote has. To be called before `fetchPack` or `push`, each time.
   *
   * @throws REMOTE_FORBIDDEN, REMOTE_UNAUTHORIZED if it may not be read, or written `for` a push.
   */
  list(service: 'fetch' | 'push'): Promise<Advertisement>
  /**
   * Returns a pack of what is wanted and not had, while it comes. What is wanted by name needs no `list`
   * before. Remotes on this machine leave nothing out and cut no history; a folder gives all of it.
   */
  fetchPack(request: PackRequest): AsyncIterable<Uint8Array>
  /** Lists commits without bringing them. Absent where there is no asking for that. */
  log?(request: LogRequest): AsyncIterable<ToldEntry>
  /** Tells whether it leaves out what a filter says, and gives that by its name later. To be called after `list`. */
  canLeaveOut(): Promise<boolean>
  /** Changes refs. When it throws, whether they changed is not known. */
  push(request: PushRequest): Promise<PushAnswer>
  close(): Promise<void>
}
