import { isJsonObject, type Json } from '../../base/json.ts'

/** Returns the members of nested maps as one list, with dots in their names. */
export function flatten(
  value: Json | undefined,
  prefix = ''
): readonly (readonly [string, Json])[] {
  if (value === undefined) return []
  if (!isJsonObject(value) || Object.keys(value).length === 0) {
    return prefix === '' ? [] : [[prefix, value]]
  }
  return Object.entries(value).flatMap(([name, member]) =>
    flatten(member as Json, prefix === '' ? name : `${prefix}.${name}`)
  )
}
