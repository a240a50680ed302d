import type { Json } from '../base/json.ts'

/**
 * The moment of an edit and the writer that made it: `2026-11-23T07:20:00.123Z k3f9q2`.
 *
 * Stamps are hybrid times: an edit's stamp is greater than every stamp of the record that it saw, even
 * if the clocks disagree. They are compared as strings.
 */
export type Stamp = string

/** What every record that can be edited has. */
export interface EditableRecord {
  /** When it was made: RFC 3339, UTC, milliseconds. */
  readonly created: string
  /**
   * Stamps of the fields that changed after creation, by field path (`notes`, `params/lr`,
   * `tags/debug`). A stamped path without a value is a removal.
   */
  readonly edits?: { readonly [fieldPath: string]: Stamp }
  /** Values between which nobody but a person may decide, by field path; the record's own is one of them. */
  readonly conflicts?: { readonly [fieldPath: string]: readonly Json[] }
}
