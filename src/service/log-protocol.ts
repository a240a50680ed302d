import { decodeUtf8 } from '../base/bytes.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { isJsonObject } from '../base/json.ts'
import { parseTime } from '../base/time.ts'
import type { MetricValues } from './run.ts'

/** The members of a log line that are no metrics. */
export const RESERVED_NAMES = [
  'step',
  'time',
  'split',
  'metrics',
  'params',
  'row',
  'result',
  'artifact',
  'tag',
  'text'
] as const

/** What one line of `$RUNTREE_LOG` says. */
export interface LogEntry {
  readonly metrics: MetricValues
  readonly step?: number
  /** Milliseconds since 1970. */
  readonly time?: number
  readonly split?: string
  readonly params?: JsonObject
  readonly row?: JsonObject
  /** The result that `row` belongs to. */
  readonly result?: string
  /** A file, as the command named it. */
  readonly artifact?: string
  readonly tag?: string
  readonly text?: string
}

/** A line that was read: what could be used of it, and what could not, in plain words. */
export interface LogLine {
  /** Absent if nothing of the line could be used. */
  readonly entry?: LogEntry
  readonly warnings: readonly string[]
}

/** The result of a row whose line names none. */
export const DEFAULT_RESULT = 'rows'

/** Numbers below this are seconds since 1970, others milliseconds; it is the year 5138, or March 1973. */
const FIRST_MILLISECONDS = 1e11

/**
 * Parses one line of `$RUNTREE_LOG` (docs/CLI.md, “The log file”).
 *
 * It never throws: what is wrong becomes a warning, the rest of the line is used.
 */
export function parseLogLine(line: string): LogLine {
  const value = parseLenientJson(line)
  if (value === undefined) return { warnings: ['it is not JSON'] }
  if (!isJsonObject(value)) return { warnings: ['it is not a JSON object'] }
  const warnings: string[] = []
  const warn = (what: string): void => void warnings.push(what)
  const metrics: [string, number][] = []
  for (const [name, member] of Object.entries(value)) {
    if (isReserved(name)) continue
    const number = numberOf(member)
    if (number !== undefined && name !== '') metrics.push([name, number])
    else warn(`${JSON.stringify(name)} is ${describe(member)}, not a number`)
  }
  metrics.push(...metricsOf(value.metrics, warn))
  const entry = { metrics: Object.fromEntries(metrics), ...reservedOf(value, warn) }
  const empty = metrics.length === 0 && !CONTENT.some((name) => name in entry)
  if (!empty) return { entry, warnings }
  return { warnings: warnings.length > 0 ? warnings : ['it holds nothing to log'] }
}

const CONTENT = ['params', 'row', 'artifact', 'tag', 'text'] as const

function isReserved(name: string): boolean {
  return (RESERVED_NAMES as readonly string[]).includes(name)
}

function metricsOf(member: Json | undefined, warn: (what: string) => void): [string, number][] {
  if (member === undefined) return []
  if (!isJsonObject(member)) {
    warn(`"metrics" is ${describe(member)}, not a map`)
    return []
  }
  return Object.entries(member).flatMap(([name, item]): [string, number][] => {
    const number = numberOf(item)
    if (number !== undefined && name !== '') return [[name, number]]
    warn(`the metric ${JSON.stringify(name)} is ${describe(item)}, not a number`)
    return []
  })
}

function reservedOf(value: JsonObject, warn: (what: string) => void): Omit<LogEntry, 'metrics'> {
  const take = <T>(
    name: (typeof RESERVED_NAMES)[number],
    read: (member: Json) => T | undefined,
    expected: string
  ): { [member: string]: T } => {
    const member = value[name]
    if (member === undefined) return {}
    const found = read(member)
    if (found !== undefined) return { [name]: found }
    warn(`"${name}" is ${describe(member)}, not ${expected}`)
    return {}
  }
  const row = take('row', mapOf, 'a map')
  const result = take('result', nameOf, 'a name')
  if ('result' in result && value.row === undefined) warn('"result" stands without "row"')
  return {
    ...take('step', finiteOf, 'a finite number'),
    ...take('time', timeOf, 'a time'),
    ...take('split', nameOf, 'a name'),
    ...take('params', mapOf, 'a map'),
    ...row,
    ...('row' in row ? { result: result.result ?? DEFAULT_RESULT } : {}),
    ...take('artifact', textOf, 'a path'),
    ...take('tag', textOf, 'text'),
    ...take('text', (member) => (typeof member === 'string' ? member : undefined), 'text')
  }
}

function numberOf(member: Json | undefined): number | undefined {
  if (typeof member === 'number') return member
  if (member === 'NaN' || member === 'Infinity' || member === '-Infinity') return Number(member)
  return undefined
}

function finiteOf(member: Json): number | undefined {
  return typeof member === 'number' && Number.isFinite(member) ? member : undefined
}

function timeOf(member: Json): number | undefined {
  if (typeof member === 'string') return parseTime(member)
  const number = finiteOf(member)
  if (number === undefined) return undefined
  return Math.round(Math.abs(number) < FIRST_MILLISECONDS ? number * 1000 : number)
}

function nameOf(member: Json): string | undefined {
  return typeof member === 'number' ? String(member) : textOf(member)
}

function textOf(member: Json): string | undefined {
  return typeof member === 'string' && member !== '' ? member : undefined
}

function mapOf(member: Json): JsonObject | undefined {
  return isJsonObject(member) ? member : undefined
}

function describe(member: Json | undefined): string {
  if (member === null) return 'null'
  if (Array.isArray(member)) return 'a list'
  if (typeof member === 'object') return 'a map'
  return typeof member === 'string' && member === '' ? 'empty' : `the ${typeof member} ${member}`
}

/** Parses JSON in which bare `NaN`, `Infinity` and `-Infinity` are numbers; `undefined` if it is none. */
export function parseLenientJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return parseMarked(text)
  }
}

const TOKENS = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g

/** Marks each string with `s` and each bare number with `n`, so that no string can pass for a number. */
function parseMarked(text: string): Json | undefined {
  const marked = text.replace(TOKENS, (token) =>
    token.startsWith('"') ? `"s${token.slice(1)}` : `"n${token}"`
  )
  try {
    return unmark(JSON.parse(marked) as Json)
  } catch {
    return undefined
  }
}

function unmark(value: Json): Json {
  if (typeof value === 'string') return value[0] === 's' ? value.slice(1) : Number(value.slice(1))
  if (Array.isArray(value)) return value.map(unmark)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      if (key[0] !== 's') throw new SyntaxError('A member has no name.')
      return [key.slice(1), unmark(member as Json)]
    })
  )
}

/** Cuts bytes that arrive in pieces into lines. */
export interface LineReader {
  /** Returns the lines that these bytes complete, without their ends. */
  push(bytes: Uint8Array): string[]
  /** Returns what came after the last end of a line, if anything did. */
  end(): string[]
}

/** The longest line that is kept whole, in bytes; a longer one is given in pieces. */
export const MAX_LINE_BYTES = 8_000_000

/** Creates a reader of lines that end with a line feed, or a carriage return and a line feed. */
export function createLineReader(maxLineBytes = MAX_LINE_BYTES): LineReader {
  let parts: Uint8Array[] = []
  let size = 0
  const take = (last: Uint8Array): string => {
    const bytes = new Uint8Array(size + last.length)
    let offset = 0
    for (const part of [...parts, last]) {
      bytes.set(part, offset)
      offset += part.length
    }
    parts = []
    size = 0
    const text = decodeUtf8(bytes)
    return text.endsWith('\r') ? text.slice(0, -1) : text
  }
  return {
    push(bytes) {
      const lines: string[] = []
      let start = 0
      for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, start)) {
        lines.push(take(bytes.subarray(start, at)))
        start = at + 1
      }
      if (start < bytes.length) {
        parts.push(bytes.slice(start))
        size += bytes.length - start
      }
      if (size > maxLineBytes) lines.push(take(new Uint8Array()))
      return lines
    },
    end() {
      return size === 0 ? [] : [take(new Uint8Array())]
    }
  }
}
