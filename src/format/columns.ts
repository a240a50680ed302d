import { compareCodePoints } from '../base/bytes.ts'
import { equalJson, type Json } from '../base/json.ts'
import type { ResultColumn } from '../model/records.ts'
import { joinColumns } from './rows.ts'

/**
 * Joins lists of columns: all names, each type widened.
 *
 * Equal lists keep their order; of unequal ones the union is in order of names, because no other
 * order is the same whichever two are joined first.
 */
export function mergeColumns(lists: readonly Json[]): Json {
  const [first, ...others] = lists
  if (first === undefined || others.every((list) => equalJson(list, first))) return first ?? []
  const all = lists as unknown as readonly (readonly ResultColumn[])[]
  const joined = all.reduce((a, b) => joinColumns(a, b))
  const columns = [...joined].sort((a, b) => compareCodePoints(a.name, b.name))
  return columns as unknown as Json
}
