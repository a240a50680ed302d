import { encodeUtf8 } from '../base/bytes.ts'
import type { JsonObject } from '../base/json.ts'
import { formatRow, joinColumns } from '../format/rows.ts'
import type { MetricDeclaration, ResultColumn } from '../model/records.ts'
import { goalOf } from '../query/compare.ts'
import { compareWithBase, type RowRules, readBase } from '../query/compare-rows.ts'
import { criterionOf, keyColumnOf, type ResultHeader } from '../query/row-judge.ts'
import type { CompareRowsOptions, RowComparison } from './compare.ts'

/** The rows of a result of one run, in memory. */
export interface KeptRows {
  readonly address: string
  readonly key: string | undefined
  readonly columns: readonly ResultColumn[]
  readonly rows: readonly JsonObject[]
  /** What the run's experiment declares. */
  readonly metrics: { readonly [metric: string]: MetricDeclaration }
}

/** Compares rows that lie in memory as those of a workspace are compared. @throws QUERY_ROWS, QUERY_GOAL */
export async function compareKeptRows(
  sides: readonly [KeptRows, KeptRows],
  result: string,
  options: Pick<CompareRowsOptions, 'key' | 'by' | 'all' | 'limit'>
): Promise<Pick<RowComparison, 'key' | 'by' | 'columns' | 'comparisons'>> {
  const headers = sides as readonly ResultHeader[]
  const question = { ...options, result }
  const key = keyColumnOf(question, headers)
  const { by, judge } = criterionOf(question, headers, (column) => goalOf(sides, column))
  const { all = false, limit = Number.POSITIVE_INFINITY } = options
  const rules: RowRules = { key, judge, all, limit, onRows: () => undefined }
  const [first, other] = sides
  const base = await readBase(partsOf(first), rules)
  const { side: _, ...compared } = await compareWithBase(base, partsOf(other), rules)
  const columns = joinColumns(first.columns, other.columns).map(({ name }) => name)
  return { key, by, columns, comparisons: [undefined, compared] }
}

function partsOf({ columns, rows }: KeptRows): Parameters<typeof readBase>[0] {
  return {
    columns,
    parts: async function* () {
      yield encodeUtf8(rows.map(formatRow).join(''))
    }
  }
}
