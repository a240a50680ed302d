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
  const others = sortedKeys(value).filter((key) => !keyOrder.includes(key))
  const keys = [...known, ...others]
  const text = keys.length === 0 ? '{}\n' : formatMembers(value, keys, 0)
  if (text.length > YAML_MAX_LENGTH) {
    throw unwritable(`it would be longer than ${YAML_MAX_LENGTH} characters`)
  }
  return text
}

function sortedKeys(value: JsonObject): string[] {
  return Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort(compareCodePoints)
}

function formatMembers(value: JsonObject, keys: readonly string[], depth: number): string {
  const indent = '  '.repeat(depth)
  let text = ''
  for (const key of keys) {
    const member = value[key] as Json
    text += `${indent}${formatKey(key)}:${formatAfterKey(member, depth)}`
  }
  return text
}

/** Formats a member's value from behind its colon to the end of its last line. */
function formatAfterKey(value: Json, depth: number): string {
  const inner = formatCollection(value, depth + 1)
  return inner === undefined ? ` ${formatScalar(value, depth + 1)}\n` : `\n${inner}`
}

/** Formats a list or map that isn't empty; `undefined` for another value. */
function formatCollection(value: Json, depth: number): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (depth >= YAML_MAX_DEPTH) throw unwritable('it is nested too deeply')
  if (isList(value)) {
    if (value.length === 0) return undefined
    const indent = '  '.repeat(depth)
    return value.map((item) => `${indent}- ${formatItem(item, depth)}`).join('')
  }
  if (Object.getPrototypeOf(Object.getPrototypeOf(value) ?? {}) !== null) {
    if (Object.getPrototypeOf(value) !== null)
      throw new TypeError('only data can be stored as YAML')
  }
  const keys = sortedKeys(value)
  return keys.length === 0 ? undefined : formatMembers(value, keys, depth)
}

/** Formats an item from behind its dash; a collection begins on the dash's own line. */
function formatItem(item: Json, depth: number): string {
  const inner = formatCollection(item, depth + 1)
  if (inner === undefined) return `${formatScalar(item, depth + 1)}\n`
  return inner.slice(2 * (depth + 1))
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
  const indent = '  '.repeat(depth)
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
