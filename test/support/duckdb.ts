import { DuckDBInstance } from '@duckdb/node-api'

/** Asks DuckDB; the rows come as JSON has them, times and big numbers as text. */
// biome-ignore lint/suspicious/noExplicitAny: each case knows its columns
export async function askDuckDb(sql: string): Promise<readonly any[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
