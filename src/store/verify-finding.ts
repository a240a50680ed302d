import { isCoded, reasonOf } from '../base/errors.ts'
import type { Oid } from '../git/objects.ts'
import type { ObjectKey } from '../model/kinds.ts'

/**
 * What repairing does: makes derived data anew; removes what a dead program left; fetches from a remote;
 * puts back the newest state that can be read; moves aside what can't be read; commits what a dead
 * process logged.
 */
export type VerifyRepair = 'remake' | 'remove' | 'fetch' | 'restore' | 'set-aside' | 'recover'

/** Something that is wrong with a project. */
export interface VerifyProblem {
  readonly project: string
  /** A path, ref or object. */
  readonly where: string
  /** An error code. */
  readonly code: string
  readonly message: string
  /** What repairing can try. Default: nothing; the code says in docs/ERRORS.md what a person can do. */
  readonly repair?: VerifyRepair
  /** Whether it is mended now; only where that was tried. */
  readonly isMended?: boolean
}

/** Something that is no fault, but good to know. */
export interface VerifyNote {
  readonly project: string
  /** A path, ref or object. */
  readonly where: string
  /**
   * `unsynced`: no remote is known to have it. `journal`: rows that are not in the history yet.
   * `leftover`: files of a program that is gone. `reference`: something is named that has no record.
   */
  readonly kind: 'unsynced' | 'journal' | 'leftover' | 'reference'
  readonly message: string
  /** What repairing does about it. Default: nothing. */
  readonly repair?: VerifyRepair
}

/** What a check found, with what repairing needs to know of it. */
export type Finding = { readonly where: string; readonly error: unknown } & (
  | { readonly what: 'other' }
  | { readonly what: 'object'; readonly oid: Oid }
  | { readonly what: 'loose'; readonly path: string }
  /**
   * `path` is without ending; with `isWhole` only the index beside the pack is damaged, with `isUnseen`
   * there is none.
   */
  | {
      readonly what: 'pack'
      readonly path: string
      readonly isWhole: boolean
      readonly isUnseen?: boolean
    }
  | { readonly what: 'ref'; readonly ref: string }
  | { readonly what: 'record'; readonly ref: string; readonly path: string }
  /** An object that a record of the branch cannot do without. */
  | { readonly what: 'reference'; readonly ref: string; readonly key: ObjectKey }
  /** A file of the history that is made from others there. */
  | { readonly what: 'overview'; readonly ref: string; readonly path: string }
  /** A file that is made anew when it is needed. */
  | { readonly what: 'derived'; readonly path: string }
  /** Content beside the history. */
  | { readonly what: 'content'; readonly path: string }
  | { readonly what: 'journal'; readonly folder: string }
)

/** Hears what a check found. */
export type OnFinding = (finding: Finding) => void

const REPAIRS: { readonly [W in Finding['what']]: VerifyRepair | undefined } = {
  other: undefined,
  object: 'fetch',
  loose: 'set-aside',
  pack: 'set-aside',
  ref: 'restore',
  record: 'restore',
  reference: 'restore',
  overview: 'remake',
  derived: 'remake',
  content: 'set-aside',
  journal: 'set-aside'
}

/** Returns a finding as it is told. */
export function problemOf(project: string, finding: Finding): VerifyProblem {
  const { where, error } = finding
  const repair =
    finding.what === 'pack' && finding.isWhole ? ('remake' as const) : REPAIRS[finding.what]
  return {
    project,
    where,
    code: isCoded(error) ? error.code : 'UNKNOWN',
    message: reasonOf(error),
    ...(repair === undefined ? {} : { repair })
  }
}

/** Where a repair puts what it takes away, in the project's folder: nothing of it is ever removed. */
export function damagedFolder({ folder }: { readonly folder: string }): string {
  return `${folder}/runtree/damaged`
}
