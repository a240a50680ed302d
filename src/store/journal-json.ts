import type { Json } from '../base/json.ts'

/** What a string begins with that stands for a number that JSON has not, or that began with it itself. */
const MARK = '\0'

const MAX_DEPTH = 200

/**
 * Formats a value as one line of JSON from which `parseJournalJson` makes it again, NaN and the
 * infinities included.
 *
 * @throws TypeError if it holds something that is no JSON, such as a function or a typed array.
 */
export function formatJournalJson(value: unknown, what: string): string {
  const text = JSON.stringify(value, needsMarks(value, what, 0) ? mark : undefined)
  if (text === undefined) throw new TypeError(`${what} is no value`)
  return text
}

/** Parses what `formatJournalJson` wrote. @throws SyntaxError */
export function parseJournalJson(text: string): Json {
  return JSON.parse(text, text.includes('\\u0000') ? unmark : undefined)
}

/** Checks a value; tells whether there is anything in it that JSON alone would lose. */
function needsMarks(value: unknown, what: string, depth: number): boolean {
  switch (typeof value) {
    case 'string':
      return value.startsWith(MARK)
    case 'number':
      return !Number.isFinite(value)
    case 'boolean':
    case 'undefined':
      return false
    case 'object':
      return value !== null && needsMarksInside(value, what, depth)
    default:
      throw new TypeError(`${what} holds a ${typeof value}, which is no JSON`)
  }
}

function needsMarksInside(value: object, what: string, depth: number): boolean {
  if (depth > MAX_DEPTH) throw new TypeError(`${what} is nested too deeply, or holds itself`)
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return needsMarks(value.toJSON(), what, depth + 1)
  }
  if (!Array.isArray(value) && !isPlain(value)) {
    throw new TypeError(`${what} holds a ${value.constructor.name}, which is no JSON`)
  }
  let found = false
  for (const item of Object.values(value)) {
    if (needsMarks(item, what, depth + 1)) found = true
  }
  return found
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function mark(_: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return `${MARK}${value}`
  return typeof value === 'string' && value.startsWith(MARK) ? MARK + value : value
}

function unmark(_: string, value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith(MARK)) return value
  return value.startsWith(MARK + MARK) ? value.slice(1) : Number(value.slice(1))
}
