import { isJsonObject, type Json, type JsonObject } from '../base/json.ts'
import type { RunOutcome } from '../format/edit.ts'
import type { EnvironmentRecord, ExecutionRecord, RunRecord } from '../model/records.ts'
import { formatJournalJson, parseJournalJson } from './journal-json.ts'

/** What a run's first commit holds. */
export interface RunStart {
  readonly run: RunRecord
  /** The experiment's name, in case it has to be made. */
  readonly experiment: string
  readonly execution?: ExecutionRecord
  readonly environment?: EnvironmentRecord
}

/** Points of several metrics at one step. */
export interface LogEntry {
  readonly log: { readonly [metric: string]: number }
  readonly step: number
  /** Milliseconds since 1970, here and below. */
  readonly time: number
  readonly split?: string
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

/** What a line of a journal says. */
export type JournalEntry =
  | { readonly start: RunStart }
  | LogEntry
  | TextEntry
  | RowEntry
  | ValueEntry
  | SetEntry
  | ArtifactEntry
  | SplitEntry
  | ComputationEntry
  | { readonly end: RunOutcome }

/** Formats an entry as a line. @throws TypeError if it holds something that is no JSON. */
export function formatEntry(entry: Exclude<JournalEntry, LogEntry>, what: string): string {
  return `${formatJournalJson(entry, what)}\n`
}

const QUOTED = new Map<string, string>()
const QUOTED_MAX = 10_000

/** Formats points by hand: this is done for each step of each experiment. */
export function formatLogEntry(
  names: readonly string[],
  values: { readonly [metric: string]: number },
  place: { readonly step: number; readonly time: number; readonly split: string | undefined }
): string {
  let text = '{"log":{'
  let separator = ''
  for (const name of names) {
    const value = values[name] as number
    text += separator + quoteName(name) + (Number.isFinite(value) ? value : `"${value}"`)
    separator = ','
  }
  text += `},"step":${place.step},"time":${formatTime(place.time)}`
  return place.split === undefined
    ? `${text}}\n`
    : `${text},"split":${JSON.stringify(place.split)}}\n`
}

let lastTime = 0
let lastTimeText = '0'

/** Formats a time; many rows come within a millisecond. */
function formatTime(time: number): string {
  if (time !== lastTime) {
    lastTime = time
    lastTimeText = `${time}`
  }
  return lastTimeText
}

function quoteName(name: string): string {
  let quoted = QUOTED.get(name)
  if (quoted === undefined) {
    if (QUOTED.size >= QUOTED_MAX) QUOTED.clear()
    quoted = `${JSON.stringify(name)}:`
    QUOTED.set(name, quoted)
  }
  return quoted
}

/** Parses a line; `undefined` if it is damaged. */
export function parseEntry(line: string): JournalEntry | undefined {
  try {
    const entry = parseJournalJson(line)
    if (!isJsonObject(entry)) return undefined
    if (isJsonObject(entry.log)) return { ...entry, log: numbersOf(entry.log) } as LogEntry
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
