import { compareCodePoints } from '../base/bytes.ts'
import { equalJson, isJsonObject, type JsonObject } from '../base/json.ts'
import type { Kind } from '../model/kinds.ts'
import type { StoredObject } from './objects.ts'

/**
 * Returns what a dotted path names in a record (`params.optimizer.lr`, `metrics.train/loss.last`).
 *
 * Where names have dots themselves, the longest one that is there is taken.
 */
export function fieldAt(value: unknown, path: string): unknown {
  if (path === '') return value
  if (!isJsonObject(value)) return undefined
  if (Object.hasOwn(value, path)) return value[path]
  for (let end = path.lastIndexOf('.'); end > 0; end = path.lastIndexOf('.', end - 1)) {
    const name = path.slice(0, end)
    if (!Object.hasOwn(value, name)) continue
    const found = fieldAt(value[name], path.slice(end + 1))
    if (found !== undefined) return found
  }
  return undefined
}

/** Tells whether fields of a record equal those of a filter; of a list, an element may. */
export function matches(fields: unknown, filter: JsonObject | undefined): boolean {
  return Object.entries(filter ?? {}).every(([path, wanted]) => {
    const found = fieldAt(fields, path)
    return (
      equalJson(found, wanted) ||
      (Array.isArray(found) && found.some((item) => equalJson(item, wanted)))
    )
  })
}

/** Returns how objects are ordered by fields (`-` first: greatest first); missing values come last. */
export function compareBy<K extends Kind>(
  sort: string | readonly string[]
): (a: StoredObject<K>, b: StoredObject<K>) => number {
  const keys = (typeof sort === 'string' ? [sort] : sort).map((key) => ({
    path: key.replace(/^-/, ''),
    sign: key.startsWith('-') ? -1 : 1
  }))
  return (a, b) => {
    for (const { path, sign } of keys) {
      const order = compareValues(fieldAt(a.fields, path), fieldAt(b.fields, path), sign)
      if (order !== 0) return order
    }
    return compareCodePoints(a.address, b.address)
  }
}

function compareValues(a: unknown, b: unknown, sign: number): number {
  const [missingA, missingB] = [isMissing(a), isMissing(b)]
  if (missingA || missingB) return Number(missingA) - Number(missingB)
  if (typeof a === 'number' && typeof b === 'number') return sign * (a - b)
  if (typeof a !== typeof b) return sign * compareCodePoints(typeof a, typeof b)
  const [textA, textB] = [a, b].map((value) =>
    typeof value === 'string' ? value : JSON.stringify(value)
  )
  return sign * compareCodePoints(textA as string, textB as string)
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null || Number.isNaN(value)
}
