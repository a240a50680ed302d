import type { Oid } from '../git/objects.ts'
import type { MergeConflict } from './merge-trees.ts'

/**
 * How a branch stands to a remote after an operation.
 *
 * - `new`: it was not on the side to which it went.
 * - `updated`: the other side was behind and has it now.
 * - `unchanged`: both are equal, and were before.
 * - `merged`: both had moved; what went is their merge.
 * - `ahead`, `behind`, `diverged`: how it stands, where nothing was to be changed.
 * - `deleted-there`: the remote had it once and has it no more; it is not pushed again by itself.
 * - `rewound`: the remote's head does not contain what it had; nothing is merged or pushed.
 * - `hidden`: it was deleted here, so a pull of everything leaves it away.
 * - `rejected`: the remote refused, for its own reason.
 * - `damaged`: it can't be read here, for the reason given; the others were exchanged all the same.
 * - `offline`: the remote could not be reached; it is stored here alone.
 */
export type SyncStatus =
  | 'new'
  | 'updated'
  | 'unchanged'
  | 'merged'
  | 'ahead'
  | 'behind'
  | 'diverged'
  | 'deleted-there'
  | 'rewound'
  | 'hidden'
  | 'rejected'
  | 'damaged'
  | 'offline'

/** What an operation came to for one branch or snapshot and one remote. */
export interface SyncedRef {
  /** The ref's name in the project. */
  readonly ref: string
  /** The slug, if it is an experiment's branch. */
  readonly experiment?: string
  readonly remote: string
  readonly status: SyncStatus
  /** What the changed side held before. */
  readonly before?: Oid
  /** What both sides hold now, or each would if nothing stood against it. */
  readonly after?: Oid
  /** The remote's head that the new one does not contain, because its history was purged. */
  readonly replaced?: Oid
  /** The remote's reason, if it refused; what is broken, if it is damaged here. */
  readonly reason?: string
  /** Fields that became contested. */
  readonly conflicts?: readonly MergeConflict[]
}
