import type { Json, JsonObject } from '../base/json.ts'
import { isLiteral, isPlain, isQuotable, KEY_MAX_LENGTH, YAML_MAX_DEPTH } from './yaml-text.ts'

/** Thrown at what is not canonical; never leaves this file. */
const OTHER = Symbol('not canonical')

const [NEWLINE, SPACE, QUOTE, DASH, POINT, ZERO, NINE, COLON, BACKSLASH, TILDE] = [
  0x0a, 0x20, 0x22, 0x2d, 0x2e, 0x30, 0x39, 0x3a, 0x5c, 0x7e
] as const

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]\d+)?$/
const WHOLE = /^-?\d+$/
/** A double holds all whole numbers of so many digits, and their quotient by a power of ten is exact. */
const EXACT_DIGITS = 15
const POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, exponent) => 10 ** exponent)
const ESCAPE = /\\(?:x(..)|u(....)|U(........)|(.))/g
const CHARS: { readonly [letter: string]: string } = {
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  '\\': '\\'
}
const WORDS: ReadonlyMap<string, Json> = new Map<string, Json>([
  ['null', null],
  ['true', true],
  ['false', false],
  ['.nan', Number.NaN],
  ['.inf', Number.POSITIVE_INFINITY],
  ['-.inf', Number.NEGATIVE_INFINITY]
])

const LONGEST_WORD = 5

/** Keys that were found plain, by a hash: nearly all records have the same, and none is made twice. */
const knownKeys: (string | undefined)[] = new Array(1024).fill(undefined)
const KNOWN_KEY_LENGTH = 40

/** A text and where in it the reader stands. Every line has an end. */
interface Cursor {
  readonly text: string
  at: number
}

/**
 * Reads a map in the form that `formatYaml` writes, fifty times as fast as YAML of any form.
 *
 * @returns `undefined` for a text of another form, which may be YAML all the same.
 */
export function readCanonicalYaml(text: string): JsonObject | undefined {
  if (!text.endsWith('\n')) return undefined
  const cursor = { text, at: 0 }
  try {
    const value = readMembers(cursor, 0, false)
    return cursor.at === text.length ? value : undefined
  } catch (error) {
    if (error === OTHER) return undefined
    throw error
  }
}

/** Reads the lines that are indented by `indent` spaces as members of a map; the first may be begun. */
function readMembers(cursor: Cursor, indent: number, isBegun: boolean): JsonObject {
  if (indent >= 2 * YAML_MAX_DEPTH) throw OTHER
  const { text } = cursor
  const members: { [key: string]: Json } = {}
  for (
    let isNext = isBegun || startLine(cursor, indent);
    isNext;
    isNext = startLine(cursor, indent)
  ) {
    const key = readKey(cursor)
    if (key === '__proto__' || Object.hasOwn(members, key)) throw OTHER
    const after = text.charCodeAt(cursor.at++)
    if (after === NEWLINE) members[key] = readCollection(cursor, indent + 2)
    else if (after === SPACE) members[key] = readScalar(cursor, indent + 2)
    else throw OTHER
  }
  return members
}

/** Reads the items of a list, whose dashes are indented by `indent` spaces. */
function readItems(cursor: Cursor, indent: number, isBegun: boolean): readonly Json[] {
  if (indent >= 2 * YAML_MAX_DEPTH) throw OTHER
  const items: Json[] = []
  for (
    let isNext = isBegun || startLine(cursor, indent);
    isNext;
    isNext = startLine(cursor, indent)
  ) {
    if (!isDash(cursor)) throw OTHER
    cursor.at += 2
    // What begins behind the dash goes on below, as if the dash were a space.
    if (isDash(cursor)) items.push(readItems(cursor, indent + 2, true))
    else if (isKey(cursor)) items.push(readMembers(cursor, indent + 2, true))
    else items.push(readScalar(cursor, indent + 2))
  }
  return items
}

function readCollection(cursor: Cursor, indent: number): Json {
  if (!startLine(cursor, indent)) throw OTHER
  return isDash(cursor) ? readItems(cursor, indent, true) : readMembers(cursor, indent, true)
}

/** Goes behind the spaces of the next line if it has exactly so many; `false` if it has less. */
function startLine(cursor: Cursor, indent: number): boolean {
  const { text, at } = cursor
  let end = at
  while (text.charCodeAt(end) === SPACE) end++
  if (end - at > indent) throw OTHER
  if (end - at < indent || end === text.length) return false
  cursor.at = end
  return true
}

function isDash({ text, at }: Cursor): boolean {
  return text.charCodeAt(at) === DASH && text.charCodeAt(at + 1) === SPACE
}

/** Tells whether the line goes on with a key. */
function isKey({ text, at }: Cursor): boolean {
  if (text.charCodeAt(at) === QUOTE) return text.charCodeAt(quoteEnd(text, at)) === COLON
  const end = text.indexOf('\n', at)
  for (let colon = text.indexOf(':', at); colon >= 0 && colon < end; ) {
    if (isKeyEnd(text, colon)) return true
    colon = text.indexOf(':', colon + 1)
  }
  return false
}

/** A plain key ends at the first colon before a space or the line's end. */
function isKeyEnd(text: string, colon: number): boolean {
  const after = text.charCodeAt(colon + 1)
  return after === SPACE || after === NEWLINE
}

/** Reads a key and goes behind its colon. */
function readKey(cursor: Cursor): string {
  const { text, at } = cursor
  if (text.charCodeAt(at) === QUOTE) {
    const end = quoteEnd(text, at)
    if (text.charCodeAt(end) !== COLON || end - at > KEY_MAX_LENGTH) throw OTHER
    cursor.at = end + 1
    return unquote(text.slice(at + 1, end - 1))
  }
  let end = at
  let hash = 0
  for (; ; end++) {
    const code = text.charCodeAt(end)
    if (code === NEWLINE) throw OTHER
    if (code === COLON && isKeyEnd(text, end)) break
    hash = (Math.imul(hash, 31) + code) | 0
  }
  cursor.at = end + 1
  const known = knownKeys[hash & 1023]
  if (known !== undefined && known.length === end - at && text.startsWith(known, at)) return known
  const key = text.slice(at, end)
  if (key.length > KEY_MAX_LENGTH || !isPlain(key)) throw OTHER
  if (key.length <= KNOWN_KEY_LENGTH) knownKeys[hash & 1023] = key
  return key
}

/** Returns the index behind the quote that ends the one at `start`. */
function quoteEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === BACKSLASH) at++
    else if (code === QUOTE) return at + 1
    else if (code === NEWLINE) break
  }
  throw OTHER
}

/** Reads the rest of a line, and the lines of a literal block behind it. */
function readScalar(cursor: Cursor, indent: number): Json {
  const { text, at } = cursor
  const first = text.charCodeAt(at)
  if ((first >= ZERO && first <= NINE) || first === DASH) {
    const value = readDecimal(cursor)
    if (value !== undefined) return value
  }
  const end = text.indexOf('\n', at)
  cursor.at = end + 1
  if (first === QUOTE) {
    if (quoteEnd(text, at) !== end) throw OTHER
    return unquote(text.slice(at + 1, end - 1))
  }
  const rest = text.slice(at, end)
  const word = rest.length <= LONGEST_WORD ? WORDS.get(rest) : undefined
  if (word !== undefined) return word
  if (isPlain(rest)) return rest
  if (rest === '|' || rest === '|-') return readLiteral(cursor, indent, rest === '|')
  if (rest === '[]') return []
  if (rest === '{}') return {}
  return readNumber(rest)
}

/** Reads a number to the line's end; `undefined`, with nothing read, at anything else. */
function readDecimal(cursor: Cursor): number | undefined {
  const { text } = cursor
  const isNegative = text.charCodeAt(cursor.at) === DASH
  const start = isNegative ? cursor.at + 1 : cursor.at
  let value = 0
  let at = start
  let code = text.charCodeAt(at)
  for (; code >= ZERO && code <= NINE; code = text.charCodeAt(++at))
    value = value * 10 + code - ZERO
  const point = at
  // A zero in front is of another form.
  if (at === start || (at > start + 1 && text.charCodeAt(start) === ZERO)) return undefined
  if (code === POINT) {
    code = text.charCodeAt(++at)
    for (; code >= ZERO && code <= NINE; code = text.charCodeAt(++at)) {
      value = value * 10 + code - ZERO
    }
    if (at === point + 1) return undefined
  }
  if (code !== NEWLINE) return undefined
  const isExact = at - start <= EXACT_DIGITS
  const isWhole = at === point
  if (isWhole && (!isExact || (isNegative && value === 0))) return undefined
  const size = isExact
    ? value / (POWERS[isWhole ? 0 : at - point - 1] as number)
    : Number(text.slice(start, at))
  if (size === Number.POSITIVE_INFINITY) return undefined
  cursor.at = at + 1
  return isNegative ? -size : size
}

function readNumber(text: string): number {
  const value = Number(text)
  if (!NUMBER.test(text) || text === '-0' || !Number.isFinite(value)) throw OTHER
  if (WHOLE.test(text) && !Number.isSafeInteger(value)) throw OTHER
  return value
}

/** Reads what stands between quotes. */
function unquote(inner: string): string {
  for (let at = 0; at < inner.length; at++) {
    const code = inner.charCodeAt(at)
    if (code >= SPACE && code <= TILDE && code !== BACKSLASH) continue
    if (!isQuotable(inner)) throw OTHER
    return inner.includes('\\') ? inner.replace(ESCAPE, unescapeChar) : inner
  }
  return inner
}

function unescapeChar(
  _escape: string,
  two: string | undefined,
  four: string | undefined,
  eight: string | undefined,
  short: string
): string {
  const hex = two ?? four ?? eight
  if (hex === undefined) return CHARS[short] as string
  const codePoint = Number.parseInt(hex, 16)
  if (codePoint > 0x10ffff || (codePoint >= 0xd800 && codePoint <= 0xdfff)) throw OTHER
  return String.fromCodePoint(codePoint)
}

function readLiteral(cursor: Cursor, indent: number, isEnded: boolean): string {
  const start = ' '.repeat(indent)
  const lines: string[] = []
  while (cursor.at < cursor.text.length) {
    const end = cursor.text.indexOf('\n', cursor.at)
    const line = cursor.text.slice(cursor.at, end)
    if (line !== '' && !line.startsWith(start)) break
    lines.push(line.slice(indent))
    cursor.at = end + 1
  }
  const text = lines.join('\n')
  if (lines.at(-1) === '' || !isLiteral(text)) throw OTHER
  return isEnded ? `${text}\n` : text
}
