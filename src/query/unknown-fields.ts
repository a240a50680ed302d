import { suggestName } from '../base/suggest.ts'
import { RUN_FIELD_NAMES } from './language/fields.ts'
import { conditionsOf, type FieldPath } from './language/filter.ts'
import { formatField } from './language/format.ts'
import type { PreparedFilter } from './language/prepare.ts'
import type { RowSet } from './row-set.ts'

/** A field that no run has. */
export interface UnknownField {
  readonly field: string
  /** The field that was most likely meant. */
  readonly suggestion?: string
  /** Where it stands in the filter, if that was text. */
  readonly at?: number
}

/** First names below which runs choose the names. */
const MAPS = ['params', 'metrics', 'datasets', 'artifacts']

/** Members of a metric's summary. */
const SUMMARY = ['last', 'min', 'max', 'count', 'step', 'mean', 'std']

/** Finds the fields of a filter, and other ones, that no run has; none if there are no runs. */
export function findUnknown(
  sets: readonly RowSet[],
  prepared: PreparedFilter,
  others: readonly FieldPath[]
): readonly UnknownField[] {
  const wanted = [
    ...conditionsOf(prepared.filter)
      .filter(({ op }) => op !== 'exists')
      .map((condition) => ({ field: condition.field, at: prepared.places.get(condition) })),
    ...others.map((field) => ({ field, at: undefined }))
  ].filter(({ field }) => isOfRuns(field))
  const seen = new Set<string>()
  const unknown: UnknownField[] = []
  for (const { field, at } of wanted) {
    const name = formatField(field)
    if (seen.has(name) || isAnywhere(sets, field)) continue
    seen.add(name)
    const suggestion = suggestField(sets, field)
    unknown.push({
      field: name,
      ...(suggestion === undefined ? {} : { suggestion }),
      ...(at === undefined || prepared.text === undefined ? {} : { at })
    })
  }
  return unknown
}

/** Tells whether it depends on the runs if there is such a field. */
function isOfRuns(field: FieldPath): boolean {
  const first = field[0] as string
  return !RUN_FIELD_NAMES.includes(first) || (MAPS.includes(first) && field.length > 1)
}

/** Tells whether some row has a field; of no rows, everything may be. */
function isAnywhere(sets: readonly RowSet[], field: FieldPath): boolean {
  let isEmpty = true
  for (const set of sets) {
    const read = set.reader(field)
    for (let row = 0; row < set.count; row++) {
      if (set.isAlive?.(row) === false) continue
      isEmpty = false
      if (read(row) !== undefined) return true
    }
  }
  return isEmpty
}

function suggestField(sets: readonly RowSet[], field: FieldPath): string | undefined {
  const names = new Set(sets.flatMap((set) => [...set.names()]))
  const bare = [...names].map((name) => name.slice(name.indexOf('.') + 1))
  const members = [...names]
    .filter((name) => name.startsWith('metrics.'))
    .flatMap((name) => SUMMARY.map((member) => `${name}.${member}`))
  const wanted = formatField(field)
  if (field.length === 1) {
    const near = suggestName(wanted, [...RUN_FIELD_NAMES, ...bare])
    if (near !== undefined) return near
  }
  const last = `.${field[field.length - 1]}`
  return (
    suggestName(wanted, [...names, ...members]) ??
    // The right name in the wrong map, such as params.accuracy.
    [...names].find((name) => name.endsWith(last))
  )
}
