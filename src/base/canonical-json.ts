import { compareCodePoints } from './bytes.ts'
import { isJsonObject, type Json } from './json.ts'

/**
 * Formats a value as one text that only equal values share: members in order of code points, no
 * spaces; NaN, the infinities and −0 are written as such.
 */
export function formatCanonicalJson(value: Json): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (Array.isArray(value)) return `[${value.map(formatCanonicalJson).join(',')}]`
  if (!isJsonObject(value)) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, item]) => item !== undefined)
  members.sort(([a], [b]) => compareCodePoints(a, b))
  const texts = members.map(
    ([name, item]) => `${JSON.stringify(name)}:${formatCanonicalJson(item as Json)}`
  )
  return `{${texts.join(',')}}`
}

/** Orders any two values, the same on every machine; 0 means that they are equal. */
export function compareJson(a: Json, b: Json): number {
  if (typeof a === 'number' && typeof b === 'number' && a !== b) {
    if (a < b) return -1
    if (a > b) return 1
  }
  if (typeof a === 'string' && typeof b === 'string') return compareCodePoints(a, b)
  return compareCodePoints(formatCanonicalJson(a), formatCanonicalJson(b))
}

/** Returns the values in order, each once. */
export function uniqueJson<T extends Json>(values: readonly T[]): T[] {
  const byText = new Map(values.map((value) => [formatCanonicalJson(value), value]))
  return [...byText.values()].sort(compareJson)
}
