import type { FoundRows } from '../query/find.ts'
import { objectOf } from './context.ts'
import type { FindResult } from './query.ts'

/** Returns runs that were found as applications see them. */
export function resultOf({ rows, ...found }: FoundRows): FindResult {
  return {
    ...found,
    rows: rows.map(({ run: { store, key, record, commitOid }, values }) => ({
      run: objectOf<'run'>(store, key, record, commitOid),
      values
    }))
  }
}
