/** A value that JSON can hold, plus `NaN` and the infinities, which YAML writes as `.nan` and `.inf`. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject

/** A map of JSON values; an absent member is left out, never `undefined` when stored. */
export type JsonObject = { readonly [member: string]: Json | undefined }

/** Tells whether a value is a plain map. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Tells whether two values are equal in depth; the order of members does not count, NaN equals NaN. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (Object.is(a, b) || a === b) return true
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => equalJson(item, b[index]))
    )
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false
  const left = Object.keys(a).filter((key) => a[key] !== undefined)
  const right = Object.keys(b).filter((key) => b[key] !== undefined)
  return left.length === right.length && left.every((key) => equalJson(a[key], b[key]))
}

/** Returns a map without its absent members. */
export function withoutAbsent<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T
}
