import type { Json } from '../base/json.ts'
import { isLiteral, isPlain, isQuotable } from './yaml-text.ts'

/** Thrown at what is not canonical; its reader catches it. */
export const OTHER = Symbol('not canonical')

/** A text and where in it the reader stands. Every line has an end. */
export interface Cursor {
  readonly text: string
  /** The units of the text. */
  readonly codes: Uint8Array | Uint16Array
  at: number
}

export const [NEWLINE, SPACE, QUOTE, DASH, POINT, ZERO, NINE, COLON, BACKSLASH, TILDE] = [
  0x0a, 0x20, 0x22, 0x2d, 0x2e, 0x30, 0x39, 0x3a, 0x5c, 0x7e
] as const

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]\d+)?$/
const WHOLE = /^-?\d+$/
/** Doubles hold all powers of ten up to this one, and the quotient of two that are exact is rounded once. */
const MOST_PLACES = 22
const POWERS = Array.from({ length: MOST_PLACES + 1 }, (_, exponent) => Number(`1e${exponent}`))
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

/** No word that stands for something else is longer, neither in YAML 1.1 nor in 1.2. */
const LONGEST_WORD = 5

/** Of each character of ASCII, whether a plain text may begin with it, and go on with it whatever follows. */
const BEGINS = Uint8Array.from({ length: 128 }, (_, code) =>
  isPlain(`${char(code)}aaaaaa`) ? 1 : 0
)
const GOES_ON = Uint8Array.from({ length: 128 }, (_, code) =>
  code !== COLON && isPlain(`aaaaaa${char(code)}a`) ? 1 : 0
)

function char(code: number): string {
  return String.fromCharCode(code)
}

/** Reads the rest of a line, and the lines of a literal block behind it. */
export function readScalar(cursor: Cursor, indent: number): Json {
  const { codes, at } = cursor
  const first = codes[at] as number
  if ((first >= ZERO && first <= NINE) || first === DASH) {
    const value = readDecimal(cursor)
    if (value !== undefined) return value
  } else if (first === QUOTE) {
    return readQuoted(cursor)
  } else if (BEGINS[first] === 1) {
    const text = readPlain(cursor)
    if (text !== undefined) return text
  }
  return readOther(cursor, indent)
}

/** Reads a plain text to the line's end; `undefined`, with nothing read, if it may be anything else. */
function readPlain(cursor: Cursor): string | undefined {
  const { text, codes, at } = cursor
  let end = at + 1
  while (GOES_ON[codes[end] as number] === 1) end++
  if (codes[end] !== NEWLINE || codes[end - 1] === SPACE || end - at <= LONGEST_WORD)
    return undefined
  cursor.at = end + 1
  return text.slice(at, end)
}

function readOther(cursor: Cursor, indent: number): Json {
  const { text, at } = cursor
  const end = text.indexOf('\n', at)
  cursor.at = end + 1
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
  const { text, codes } = cursor
  const isNegative = codes[cursor.at] === DASH
  const start = isNegative ? cursor.at + 1 : cursor.at
  let value = 0
  let at = start
  let code = codes[at] as number
  for (; code >= ZERO && code <= NINE; code = codes[++at] as number)
    value = value * 10 + (code - ZERO)
  const point = at
  // A zero in front is of another form.
  if (at === start || (at > start + 1 && codes[start] === ZERO)) return undefined
  if (code === POINT) {
    code = codes[++at] as number
    for (; code >= ZERO && code <= NINE; code = codes[++at] as number) {
      value = value * 10 + (code - ZERO)
    }
    if (at === point + 1) return undefined
  }
  if (code !== NEWLINE) return undefined
  const places = at === point ? 0 : at - point - 1
  const isExact = value <= Number.MAX_SAFE_INTEGER && places <= MOST_PLACES
  if (at === point && (!isExact || (isNegative && value === 0))) return undefined
  const size = isExact ? value / (POWERS[places] as number) : Number(text.slice(start, at))
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

function readQuoted(cursor: Cursor): string {
  const { text, codes, at } = cursor
  const end = quoteEnd(cursor)
  if (codes[end] !== NEWLINE) throw OTHER
  cursor.at = end + 1
  return unquote(text.slice(at + 1, end - 1))
}

/** Returns the index behind the quote that ends the one at which the cursor stands. */
export function quoteEnd({ codes, at }: Cursor): number {
  for (let end = at + 1; end < codes.length; end++) {
    const code = codes[end] as number
    if (code === BACKSLASH) end++
    else if (code === QUOTE) return end + 1
    else if (code === NEWLINE) break
  }
  throw OTHER
}

/** Reads what stands between quotes. */
export function unquote(inner: string): string {
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
