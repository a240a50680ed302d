import type { CsvTable } from '../parts/csv.ts'
import type { RunRow } from '../source/answers.ts'
import type { CompareRowsRequest } from '../source/requests.ts'
import type { ComparedRow } from '../source/run-answers.ts'
import type { Source } from '../source/source.ts'

/** So many rows are read at once. */
const BATCH = 5000

/** Reads all joined rows of a kind as a table: a column for what each of both runs has. */
export async function readJoined(
  source: Source,
  request: CompareRowsRequest,
  runs: readonly [base: RunRow, other: RunRow]
): Promise<CsvTable> {
  const rows: ComparedRow[] = []
  for (;;) {
    const answer = await source.compareRows({ ...request, offset: rows.length, limit: BATCH })
    rows.push(...answer.rows)
    if (answer.rows.length > 0 && rows.length < answer.total) continue
    const columns = answer.columns.filter((column) => column !== answer.key)
    const [base, other] = runs.map(({ name, id }) => name ?? id)
    const head = columns.flatMap((column) => [`${column} (${base})`, `${column} (${other})`])
    return {
      head: [answer.key, 'state', ...head],
      rows: rows.map((row) => [
        row.key,
        row.state,
        ...columns.flatMap((column) => [row.base?.[column], row.other?.[column]])
      ])
    }
  }
}
