import type { Json } from '../../base/json.ts'
import type { Kind } from '../../model/kinds.ts'
import { compileCondition, compileFilter, type EvaluationOptions } from './evaluate.ts'
import { checkFields, isTextField } from './fields.ts'
import { type Condition, conditionsOf, type FieldPath } from './filter.ts'
import { type FilterInput, readFilter } from './filter-data.ts'
import type { ParsedFilter } from './parse.ts'
import { compilePatterns, type Patterns } from './pattern.ts'

/** A filter that was understood, and can be applied to objects of a kind. */
export interface PreparedFilter extends ParsedFilter {
  readonly kind: Kind
  /** The filter as it was given, if it was text. */
  readonly text: string | undefined
  readonly patterns: Patterns
}

/** Reads the field of a row. */
export type FieldReader<R> = (row: R) => Json | undefined

/**
 * Reads and checks a filter in any of its forms.
 *
 * @throws QUERY_SYNTAX, QUERY_FIELD, QUERY_PATTERN, QUERY_FILTER
 */
export async function prepareFilter(
  kind: Kind,
  input: FilterInput | undefined
): Promise<PreparedFilter> {
  const parsed = readFilter(input)
  const text = typeof input === 'string' ? input : undefined
  checkFields(kind, parsed, text)
  return { ...parsed, kind, text, patterns: await compilePatterns(parsed, text) }
}

/** How a prepared filter is applied. */
export interface RowAccess<R> {
  /** Returns the reader of a field; `raw` gives a metric's whole summary. */
  reader(field: FieldPath, raw?: boolean): FieldReader<R>
  /** Returns a quick test that comes to the same as reading the field. Default: none. */
  test?(condition: Condition, options: EvaluationOptions): ((row: R) => boolean) | undefined
}

/** Makes the test of rows that a prepared filter is. */
export function testOf<R>(
  prepared: PreparedFilter,
  nowMs: number,
  access: RowAccess<R>
): (row: R) => boolean {
  const { kind, patterns } = prepared
  const options: EvaluationOptions = {
    nowMs,
    patterns,
    isText: (field) => isTextField(kind, field)
  }
  return compileFilter<R>(prepared.filter, (condition) => {
    const quick = access.test?.(condition, options)
    if (quick !== undefined) return quick
    const test = compileCondition(condition, options)
    const read = access.reader(condition.field, isAboutMap(condition))
    return (row) => test(read(row))
  })
}

/** Tells whether a condition compares with a whole map. */
export function isAboutMap(condition: Condition): boolean {
  if (condition.op === 'has') return true
  if (!('value' in condition)) return false
  return (
    typeof condition.value === 'object' && condition.value !== null && 'json' in condition.value
  )
}

/** Lists the fields of a filter. */
export function fieldsOf(prepared: ParsedFilter): readonly FieldPath[] {
  return conditionsOf(prepared.filter).map(({ field }) => field)
}

/** Lists the fields of a filter of which a condition compares the whole map. */
export function mapFieldsOf(prepared: ParsedFilter): readonly FieldPath[] {
  return conditionsOf(prepared.filter)
    .filter(isAboutMap)
    .map(({ field }) => field)
}
