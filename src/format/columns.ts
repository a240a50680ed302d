import { compareCodePoints } from '../base/bytes.ts'
import { equalJson, isJsonObject, type Json } from '../base/json.ts'
import type { ColumnType, ResultColumn } from '../model/records.ts'

/**
 * Returns the narrowest type that holds what two types hold: a whole number is a number, everything
 * else that differs is JSON.
 */
export function widenColumnType(a: ColumnType, b: ColumnType): ColumnType {
  if (a === b) return a
  const isNumeric = (type: ColumnType): boolean => type === 'integer' || type === 'number'
  return isNumeric(a) && isNumeric(b) ? 'number' : 'json'
}

/**
 * Joins lists of columns: all names, each type widened.
 *
 * Equal lists keep their order; of unequal ones the union is in order of names, because no other
 * order is the same whichever two are joined first.
 */
export function mergeColumns(lists: readonly Json[]): Json {
  const [first, ...others] = lists
  if (first === undefined || others.every((list) => equalJson(list, first))) return first ?? []
  const byName = new Map<string, ResultColumn>()
  for (const column of lists.flatMap((list) => (Array.isArray(list) ? list : []))) {
    if (!isJsonObject(column)) continue
    const { name, type } = column as unknown as ResultColumn
    const other = byName.get(name)
    byName.set(name, { name, type: other === undefined ? type : widenColumnType(other.type, type) })
  }
  const columns = [...byName.values()].sort((a, b) => compareCodePoints(a.name, b.name))
  return columns as unknown as Json
}
