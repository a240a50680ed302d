import type { KeyOf, Kind, RecordOfKind } from '../model/kinds.ts'

/** A stored object: what it is, where it is, and what it says. */
export interface StoredObject<K extends Kind = Kind> {
  readonly kind: K
  /** The address under which it is found: `vision/train/k3f9q2xab7mt`. */
  readonly address: string
  /** The id among its siblings: a slug, an execution or run id, a name. */
  readonly id: string
  /** The project's slug. */
  readonly project: string
  readonly key: KeyOf<K>
  readonly fields: RecordOfKind[K]
  /** The commit that it was read from. */
  readonly commitOid: string
}

/** The fields of a kind that a caller may give: all but those that the store itself keeps. */
export type Fields<K extends Kind> = {
  readonly [F in keyof Omit<RecordOfKind[K], StoreKept>]?: RecordOfKind[K][F] | undefined
}

/** The fields that only the store writes. */
export type StoreKept = 'schema' | 'created' | 'edits' | 'conflicts' | 'attempt'
