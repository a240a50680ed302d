import type { Clock } from '../base/platform.ts'
import { formatTime, parseTime } from '../base/time.ts'
import type { Stamp } from '../model/records.ts'

/** A time from 1970 to 2999, with or without a writer behind it. */
const STAMP = /^(?:19[7-9]\d|2\d{3})-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z(?: [0-9a-z]{1,32})?$/

/** What a record says of the times at which it was made and changed. */
export interface StampedRecord {
  readonly created?: string
  readonly attempt?: Stamp
  readonly edits?: { readonly [fieldPath: string]: Stamp }
}

/**
 * Tells whether a text is a stamp: a time, and the writer unless it stands for a record's creation.
 *
 * Times before 1970 or after 2999 are none, so that one broken clock cannot leave a record without a
 * greater stamp.
 */
export function isStamp(text: string): text is Stamp {
  return STAMP.test(text) && timeOfStamp(text) !== undefined
}

/** Returns the time of a stamp in milliseconds since 1970; `undefined` if it has none. */
export function timeOfStamp(stamp: Stamp): number | undefined {
  const text = stamp.slice(0, 24)
  const epochMs = parseTime(text)
  return epochMs !== undefined && formatTime(epochMs) === text ? epochMs : undefined
}

/** Returns the stamp of something that a writer does at a time, in milliseconds since 1970. */
export function formatStamp(epochMs: number, writer: string): Stamp {
  return `${formatTime(epochMs)} ${writer}`
}

/**
 * Returns a stamp that is greater than all that a record has, whatever the clock says.
 *
 * `afterMs` is a further time that the stamp must follow, such as that of the last point of a metric
 * that is to be removed.
 */
export function nextStamp(
  clock: Clock,
  writer: string,
  record: StampedRecord = {},
  afterMs = 0
): Stamp {
  let least = afterMs
  for (const stamp of stampsOf(record)) least = Math.max(least, (timeOfStamp(stamp) ?? 0) + 1)
  return formatStamp(Math.max(clock.now(), least), writer)
}

/** Returns the path of a record's first stamp that is none; `undefined` if all are sound. */
export function findBadStamp(record: StampedRecord): string | undefined {
  if (record.created !== undefined && !isStamp(record.created)) return 'created'
  if (record.attempt !== undefined && !isStamp(record.attempt)) return 'attempt'
  for (const [fieldPath, stamp] of Object.entries(record.edits ?? {})) {
    if (!isStamp(stamp)) return `edits/${fieldPath}`
  }
  return undefined
}

function stampsOf(record: StampedRecord): readonly Stamp[] {
  const own = [record.created, record.attempt].filter((stamp) => stamp !== undefined)
  return [...own, ...Object.values(record.edits ?? {})]
}
