import type { Json, JsonObject } from '../../base/json.ts'
import { FILTER_MAX_DEPTH, type FilterValue } from './filter.ts'
import { formatDurationMs, isTimeText, parseDurationMs } from './moment.ts'
import { KEYWORDS, type Scanner } from './scanner.ts'

const WORD = /[\p{L}_][\p{L}\p{N}_./:@+-]*/uy
/** What begins with a digit or sign: a number, a date, a duration, or an id. */
const NUMERIC =
  /[+-]?[\p{N}.][\p{L}\p{N}_.:]*(?:(?<=[eE])[+-]\d+|(?<=\d)-\d+[\p{L}\p{N}_.:]*(?:[+-]\d\d:\d\d)?)*/uy
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const SIGNED_INFINITY = /[+-]Infinity\b/y

const CONSTANTS: ReadonlyMap<string, FilterValue> = new Map<string, FilterValue>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY]
])

/** Parses what stands behind an operator. A word without quotes is text. */
export function parseValue(scanner: Scanner): FilterValue {
  scanner.skipSpace()
  const sign = scanner.text[scanner.at]
  if (sign === '"' || sign === "'") return scanner.quoted()
  if (sign === '[' || sign === '{') return { json: parseJson(scanner, 0) }
  const infinity = scanner.match(SIGNED_INFINITY)
  if (infinity !== undefined) return Number(infinity)
  if (sign !== undefined && /[\d.+-]/.test(sign)) return parseNumeric(scanner)
  if (/^now\b/.test(scanner.text.slice(scanner.at, scanner.at + 4))) return parseNow(scanner)
  const at = scanner.at
  const word = scanner.match(WORD)
  if (word === undefined) {
    throw scanner.mistake('a value is expected: a number, a word, "text", a date, now - 7d')
  }
  if (KEYWORDS.includes(word)) {
    throw scanner.mistake(`a value is expected, not the word “${word}”`, at, `"${word}"`)
  }
  const constant = CONSTANTS.get(word)
  return constant === undefined ? word : constant
}

function parseNumeric(scanner: Scanner): FilterValue {
  const at = scanner.at
  const text = scanner.match(NUMERIC) ?? ''
  if (NUMBER.test(text)) return Number(text)
  if (isTimeText(text)) return { time: text }
  const durationMs = parseDurationMs(text)
  if (durationMs !== undefined) return { durationMs }
  if (/^[0-9a-z]+$/.test(text)) return text
  const reason = text === '' ? 'a value is expected' : `${text} is no number, date or duration`
  throw scanner.mistake(reason, at, text === '' ? undefined : `"${text}"`)
}

function parseNow(scanner: Scanner): FilterValue {
  scanner.at += 3
  const back = scanner.take('-')
  if (!back && !scanner.take('+')) return { now: 0 }
  scanner.skipSpace()
  const at = scanner.at
  const text = scanner.match(/[\d.]+[\p{L}\d.]*/uy) ?? ''
  const durationMs = parseDurationMs(text)
  if (durationMs === undefined) throw scanner.mistake('a duration is expected', at, 'now - 7d')
  return { now: back ? -durationMs : durationMs }
}

/** Parses a list or map, with NaN and the infinities. */
function parseJson(scanner: Scanner, depth: number): Json {
  if (depth > FILTER_MAX_DEPTH) {
    throw scanner.mistake(`it is nested more than ${FILTER_MAX_DEPTH} levels deep`)
  }
  if (scanner.take('[')) {
    const items: Json[] = []
    while (!scanner.take(']')) {
      if (items.length > 0 && !scanner.take(',')) throw scanner.mistake('“,” or “]” is expected')
      items.push(parseJson(scanner, depth + 1))
    }
    return items
  }
  if (scanner.take('{')) return parseMap(scanner, depth)
  const at = scanner.at
  const value = parseValue(scanner)
  if (typeof value !== 'object' || value === null) return value
  throw scanner.mistake('a number, text, true, false or null is expected', at)
}

function parseMap(scanner: Scanner, depth: number): JsonObject {
  const members: [string, Json][] = []
  while (!scanner.take('}')) {
    if (members.length > 0 && !scanner.take(',')) throw scanner.mistake('“,” or “}” is expected')
    scanner.skipSpace()
    const name = scanner.name(true)
    if (name === undefined) throw scanner.mistake('a name is expected')
    if (!scanner.take(':')) throw scanner.mistake('“:” is expected after the name')
    members.push([name, parseJson(scanner, depth + 1)])
  }
  return Object.fromEntries(members)
}

/** Formats a value in the form that `parseValue` reads. */
export function formatValue(value: FilterValue): string {
  if (typeof value !== 'object' || value === null) return formatJson(value)
  if ('time' in value) return value.time
  if ('durationMs' in value) return formatDurationMs(value.durationMs)
  if ('json' in value) return formatJson(value.json)
  if (value.now === 0) return 'now'
  return `now ${value.now < 0 ? '-' : '+'} ${formatDurationMs(Math.abs(value.now))}`
}

function formatJson(value: Json): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (Array.isArray(value)) return `[${value.map(formatJson).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  const texts = members.map(
    ([name, member]) => `${JSON.stringify(name)}: ${formatJson(member as Json)}`
  )
  return `{${texts.join(', ')}}`
}
