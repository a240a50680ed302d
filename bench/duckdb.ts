/** DuckDB as an opponent: the same question, over tables that `runtree export` wrote. */
import { DuckDBInstance } from '@duckdb/node-api'

/** DuckDB in this process. */
export interface DuckDb {
  /** Returns the best runs of a file by their accuracy, and how many passed. */
  best(file: string): Promise<{ readonly rows: number; readonly total: number }>
  close(): void
}

export async function openDuckDb(): Promise<DuckDb> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  return {
    async best(file) {
      const answer = await connection.runAndReadAll(
        `select *, count(*) over () as total from '${file}'
          where "metrics.accuracy" >= 0.9 order by "metrics.accuracy" desc, run limit 50`
      )
      const rows = answer.getRowObjectsJS()
      return { rows: rows.length, total: Number(rows[0]?.total ?? 0) }
    },
    close() {
      connection.closeSync()
      instance.closeSync()
    }
  }
}
