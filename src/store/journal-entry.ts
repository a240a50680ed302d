import { encodeUtf8 } from '../base/bytes.ts'
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts'
import type { RunOutcome } from '../format/edit.ts'
import type { EnvironmentRecord, ExecutionRecord, RunRecord } from '../model/records.ts'
import { formatJournalJson, parseJournalJson } from './journal-json.ts'
import { POINTS_MARK, type PointsEntry, parsePoints } from './journal-points.ts'

/** What a run's first commit holds. */
export interface RunStart {
  readonly run: RunRecord
  /** The experiment's name, in case it has to be made. */
  readonly experiment: string
  readonly execution?: ExecutionRecord
  readonly environment?: EnvironmentRecord
}

export interface TextEntry {
  /** Whole lines, the last one without its line break. */
  readonly text: string
}

export interface RowEntry {
  readonly result: string
  readonly row: JsonObject
  /** The column by which the result's rows are joined with those of other runs. */
  readonly key?: string
}

export interface ValueEntry {
  readonly metric: string
  readonly value: Json
  readonly type?: string
  readonly split?: string
  readonly time: number
}

export interface SetEntry {
  /** Fields of the run; tags are added. */
  readonly set: JsonObject
  readonly time: number
}

export interface ArtifactEntry {
  readonly artifact: string
  /** The file in the journal's folder that holds the content; absent for a reference. */
  readonly content?: string
  readonly uri?: string
  readonly sizeBytes?: number
  readonly digest?: string
  readonly mediaType?: string
  readonly time: number
}

export interface SplitEntry {
  readonly split: string
  readonly fields: JsonObject
  readonly time: number
}

export interface ComputationEntry {
  readonly computation: string
  readonly fields: JsonObject
  readonly time: number
}

/** What a line of a journal says; each `time` is in milliseconds since 1970. */
export type JournalEntry =
  | { readonly start: RunStart }
  | PointsEntry
  | TextEntry
  | RowEntry
  | ValueEntry
  | SetEntry
  | ArtifactEntry
  | SplitEntry
  | ComputationEntry
  | { readonly end: RunOutcome }

/** Formats an entry as a line. @throws TypeError if it holds something that is no JSON. */
export function formatEntry(entry: Exclude<JournalEntry, PointsEntry>, what: string): Uint8Array {
  return encodeUtf8(`${formatJournalJson(entry, what)}\n`)
}

/** Parses a line; `undefined` if it is damaged. */
export function parseEntry(line: string): JournalEntry | undefined {
  try {
    if (line.startsWith(POINTS_MARK)) return parsePoints(line)
    const entry = parseJournalJson(line)
    if (!isJsonObject(entry)) return undefined
    // Points were JSON before they were lines of their own; a run may have gone on since.
    if (isJsonObject(entry.log)) return { ...entry, log: numbersOf(entry.log) } as PointsEntry
    return entry as unknown as JournalEntry
  } catch {
    return undefined
  }
}

function numbersOf(values: JsonObject): { readonly [metric: string]: number } {
  const numbers = values as Record<string, number>
  for (const name in numbers) {
    if (typeof numbers[name] !== 'number') numbers[name] = Number(numbers[name])
  }
  return numbers
}
