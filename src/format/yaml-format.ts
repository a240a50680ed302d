import { compareCodePoints } from '../base/bytes.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { formatErrors } from './errors.ts'
import {
  ESCAPED,
  isLiteral,
  isPlain,
  KEY_MAX_LENGTH,
  YAML_MAX_DEPTH,
  YAML_MAX_LENGTH
} from './yaml-text.ts'

const INDENT = '  '
/** So many keys are sorted where they lie. */
const FEW_KEYS = 32

/** The starts of lines, by level and key: those of records are always the same. */
const knownStarts: Map<string, string>[] = []
const KNOWN_STARTS = 1024
const KNOWN_LENGTH = 40

const SHORT_ESCAPES: { readonly [char: string]: string } = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t'
}

/**
 * Formats a map as canonical YAML: one form of bytes for each value (docs/FORMAT.md, “YAML”).
 *
 * Members stand in the given order, others and those of inner maps by code point. Members that are
 * `undefined` are left out. Both YAML 1.1 and 1.2 read every value as what it is.
 *
 * @throws FORMAT_YAML for what can't be read again: too deep, too long, or no Unicode text.
 */
export function formatYaml(value: JsonObject, keyOrder: readonly string[] = []): string {
  const known = keyOrder.filter((key) => Object.hasOwn(value, key) && value[key] !== undefined)
  const others = sortedKeys(value, keyOrder)
  const keys = [...known, ...others]
  const text = keys.length === 0 ? '{}\n' : addMembers('', value, keys, 0)
  if (text.length > YAML_MAX_LENGTH) {
    throw unwritable(`it would be longer than ${YAML_MAX_LENGTH} characters`)
  }
  return text
}

/** Returns the names of the members that are there and not among `others`, by code point. */
function sortedKeys(value: JsonObject, others?: readonly string[]): readonly string[] {
  const keys = Object.keys(value).filter(
    (key) => value[key] !== undefined && others?.includes(key) !== true
  )
  if (keys.length > FEW_KEYS) return keys.sort(compareCodePoints)
  // The sort of the language makes copies, which for a few keys take longer than the sorting.
  for (let next = 1; next < keys.length; next++) {
    const key = keys[next] as string
    let at = next
    for (; at > 0 && compareCodePoints(keys[at - 1] as string, key) > 0; at--) {
      keys[at] = keys[at - 1] as string
    }
    keys[at] = key
  }
  return keys
}

/**
 * Appends the members of a map to a text: one text that grows costs less memory than many that are
 * joined. With `isInline`, the first begins where the text ends, behind a dash.
 */
function addMembers(
  text: string,
  value: JsonObject,
  keys: readonly string[],
  depth: number,
  isInline = false
): string {
  let added = text
  let isBegun = isInline
  for (const key of keys) {
    added += isBegun ? startOf(key, 0) : startOf(key, depth)
    isBegun = false
    const member = value[key] as Json
    added = addValue(added, member, depth, '\n')
  }
  return added
}

/** Appends the value of a member, or of an item, whose lists and maps begin on its own line. */
function addValue(text: string, value: Json, depth: number, before: '' | '\n'): string {
  if (typeof value === 'object' && value !== null) {
    const added = addCollection(text + before, value, depth + 1, before === '')
    if (added !== undefined) return added
  }
  const scalar = formatScalar(value, depth + 1)
  return before === '' ? `${text}${scalar}\n` : `${text} ${scalar}\n`
}

/**
 * Appends a list or map; `undefined` if it is empty. With `isInline`, its first line begins where the
 * text ends.
 */
function addCollection(
  text: string,
  value: JsonObject | readonly Json[],
  depth: number,
  isInline: boolean
): string | undefined {
  if (depth >= YAML_MAX_DEPTH) throw unwritable('it is nested too deeply')
  if (isList(value)) return value.length === 0 ? undefined : addItems(text, value, depth, isInline)
  if (Object.getPrototypeOf(Object.getPrototypeOf(value) ?? {}) !== null) {
    if (Object.getPrototypeOf(value) !== null)
      throw new TypeError('only data can be stored as YAML')
  }
  const keys = sortedKeys(value)
  return keys.length === 0 ? undefined : addMembers(text, value, keys, depth, isInline)
}

/** Appends the items of a list; a collection among them begins on its dash's own line. */
function addItems(text: string, items: readonly Json[], depth: number, isInline: boolean): string {
  let added = text
  for (const [at, item] of items.entries()) {
    added += at === 0 && isInline ? '- ' : `${INDENT.repeat(depth)}- `
    added = addValue(added, item, depth, '')
  }
  return added
}

/** Returns the start of a member's line up to its colon. */
function startOf(key: string, depth: number): string {
  let starts = knownStarts[depth]
  if (starts === undefined) {
    starts = new Map()
    knownStarts[depth] = starts
  }
  const known = starts.get(key)
  if (known !== undefined) return known
  const start = `${INDENT.repeat(depth)}${formatKey(key)}:`
  if (key.length <= KNOWN_LENGTH && starts.size < KNOWN_STARTS) starts.set(key, start)
  return start
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function formatKey(key: string): string {
  const text = isPlain(key) ? key : quote(key)
  if (text.length > KEY_MAX_LENGTH)
    throw unwritable(`a key is longer than ${KEY_MAX_LENGTH} characters`)
  return text
}

function formatScalar(value: Json | undefined, depth: number): string {
  switch (typeof value) {
    case 'string':
      return formatText(value, depth)
    case 'number':
      return formatNumber(value)
    case 'boolean':
      return String(value)
    case 'object':
      return value === null ? 'null' : isList(value) ? '[]' : '{}'
    default:
      throw new TypeError(`a ${typeof value} can't be stored as YAML`)
  }
}

/** Formats a number so that YAML 1.1, too, reads a number: a fraction has a point. */
function formatNumber(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e-6 && size <= Number.MAX_SAFE_INTEGER) return String(value)
  if (Number.isNaN(value)) return '.nan'
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf'
  if (Object.is(value, -0)) return '-0.0'
  const isExact = !Number.isInteger(value) || Number.isSafeInteger(value)
  const text = isExact ? String(value) : value.toExponential()
  return /^-?\de/.test(text) ? text.replace('e', '.0e') : text
}

function formatText(text: string, depth: number): string {
  if (isPlain(text)) return text
  return text.includes('\n') && isLiteral(text) ? formatLiteral(text, depth) : quote(text)
}

function formatLiteral(text: string, depth: number): string {
  const indent = INDENT.repeat(depth)
  const isEnded = text.endsWith('\n')
  const lines = (isEnded ? text.slice(0, -1) : text).split('\n')
  return [isEnded ? '|' : '|-', ...lines.map((line) => (line === '' ? '' : indent + line))].join(
    '\n'
  )
}

function quote(text: string): string {
  if (/\p{Cs}/u.test(text)) throw unwritable('a text in it is no valid Unicode')
  return `"${text.replace(ESCAPED, (char) => SHORT_ESCAPES[char] ?? formatEscape(char))}"`
}

function formatEscape(char: string): string {
  const hex = (char.codePointAt(0) as number).toString(16)
  if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`
  return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}

function unwritable(reason: string): Error {
  return formatErrors.create('FORMAT_YAML', { line: 0, column: 0, reason })
}
