import type { Kind } from '../model/kinds.ts'
import type { RunStatus } from '../model/records.ts'

/** Payloads of the events of a workspace, by event name. */
export interface WorkspaceEvents {
  /** An object was stored: made, or changed. */
  put: {
    readonly kind: Kind
    readonly address: string
    readonly commitOid: string
    /** What was done: `create`, `put`, `update` or `restore`. */
    readonly operation: string
  }
  /** An object was asked for. */
  get: { readonly kind: Kind; readonly address: string; readonly found: boolean }
  /** An object was deleted. */
  delete: { readonly kind: Kind; readonly address: string; readonly commitOid?: string }
  /** A run started, or was continued. */
  start: { readonly address: string; readonly resumed: boolean }
  /** A run logged values. */
  progress: {
    readonly address: string
    readonly step: number
    readonly values: { readonly [metric: string]: number }
  }
  /** A run ended otherwise than by failing. */
  finish: { readonly address: string; readonly status: RunStatus; readonly commitOid?: string }
  /** A run ended by failing. */
  fail: { readonly address: string; readonly error: unknown; readonly commitOid?: string }
  /** A run logged text. */
  log: { readonly address: string; readonly text: string }
  /** A branch moved for another reason than a put of this workspace, such as a merge. */
  sync: {
    readonly project: string
    readonly ref: string
    readonly before?: string
    readonly after?: string
  }
  /** A merge left a field that only a person can decide. */
  conflict: {
    readonly address: string
    /** The field; `''` if a file met a folder of its name. `edit` of the field settles it. */
    readonly fieldPath: string
  }
  /** A part of what a partial or shallow clone left at a remote has come, since something needs it. */
  fetch: {
    readonly project: string
    /** So many, of what was asked for at once. */
    readonly receivedBytes: number
    readonly objects: number
    /** How many objects there will be; absent before that is known. */
    readonly total?: number
  }
  /** An object could not be read; the others were. */
  damaged: { readonly path: string; readonly project: string; readonly error: unknown }
  /** The upkeep of a project's repository in the background failed; nothing else did. */
  maintenance: { readonly project: string; readonly error: unknown }
}

export type EventName = keyof WorkspaceEvents
