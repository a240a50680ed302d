import { compareCodePoints } from '../base/bytes.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { Kind } from '../model/kinds.ts'
import { compareValues } from '../query/language/evaluate.ts'
import type { FieldPath } from '../query/language/filter.ts'
import { isMetric, type RunSubject, runValue, valueAt } from '../query/language/lookup.ts'
import { type PreparedFilter, testOf } from '../query/language/prepare.ts'
import { readSort } from '../query/language/sort-key.ts'
import type { StoredObject } from './objects.ts'

/** Returns what a field of an object is, without the records to which it leads. */
export function fieldOf(object: StoredObject, field: FieldPath, nowMs: number): Json | undefined {
  if (object.kind === 'run') return runValue(subjectOf(object as StoredObject<'run'>), field, nowMs)
  const found = valueAt(object.fields, field)
  if (found !== undefined || field.length > 1) return found
  const [name] = field
  return name === 'id' || name === 'address' || name === 'project' ? object[name] : undefined
}

function subjectOf(run: StoredObject<'run'>): RunSubject {
  const { id, address, project, key } = run
  const fields = run.fields as unknown as JsonObject
  return { id, address, project, experiment: key.experiment, fields }
}

/** Makes the test of objects that a filter is. */
export function testObjects<K extends Kind>(
  prepared: PreparedFilter,
  nowMs: number
): (object: StoredObject<K>) => boolean {
  return testOf<StoredObject<K>>(prepared, nowMs, {
    reader: (field, raw) =>
      raw === true && isMetric(field)
        ? (object) => valueAt(object.fields, field)
        : (object) => fieldOf(object as unknown as StoredObject, field, nowMs)
  })
}

/** Returns how objects are ordered by fields (`-` first: greatest first); missing values come last. */
export function compareBy<K extends Kind>(
  sort: string | readonly string[],
  nowMs: number
): (a: StoredObject<K>, b: StoredObject<K>) => number {
  const keys = readSort(sort)
  return (a, b) => {
    for (const { field, isDescending } of keys) {
      const left = fieldOf(a as unknown as StoredObject, field, nowMs)
      const right = fieldOf(b as unknown as StoredObject, field, nowMs)
      const order = compareValues(left, right, isDescending ? -1 : 1)
      if (order !== 0) return order
    }
    return compareCodePoints(a.address, b.address)
  }
}
