import { equalJson, type Json, type JsonObject } from '../../base/json.ts'
import type { RowsRequest } from './requests.ts'
import { windowOf } from './run-tables.ts'

/** A window of rows. */
export interface SelectedRows {
  readonly rows: readonly JsonObject[]
  readonly offset: number
  /** How many rows pass. */
  readonly total: number
}

/** Searches, filters and sorts rows; what is not sorted need not be held as a whole. */
export async function selectRows(
  all: AsyncIterable<JsonObject> | Iterable<JsonObject>,
  request: Omit<RowsRequest, 'address' | 'result'>,
  signal?: AbortSignal
): Promise<SelectedRows> {
  const { sort } = request
  const { offset, limit } = windowOf(request)
  const passes = testOf(request)
  const rows: JsonObject[] = []
  let total = 0
  for await (const row of all) {
    signal?.throwIfAborted()
    if (!passes(row)) continue
    if (sort !== undefined || (total >= offset && rows.length < limit)) rows.push(row)
    total++
  }
  const shown = sort === undefined ? rows : sorted(rows, sort).slice(offset, offset + limit)
  return { rows: shown, offset, total }
}

/** Makes the test of the rows that are wanted. */
function testOf({
  search = '',
  filter = {}
}: Pick<RowsRequest, 'search' | 'filter'>): (row: JsonObject) => boolean {
  const text = search.toLowerCase()
  const wanted = Object.entries(filter)
  const holds = (value: Json | undefined): boolean =>
    (typeof value === 'string' ? value : JSON.stringify(value ?? null)).toLowerCase().includes(text)
  return (row) =>
    wanted.every(([column, value]) => equalJson(row[column] ?? null, value ?? null)) &&
    (text === '' || Object.values(row).some(holds))
}

/** Sorts rows by a column: numbers as numbers, everything else as text, what is missing last. */
function sorted(rows: readonly JsonObject[], sort: string): readonly JsonObject[] {
  const column = sort.replace(/^-/, '')
  const sign = sort.startsWith('-') ? -1 : 1
  return [...rows].sort((a, b) => {
    const [left, right] = [a[column] ?? null, b[column] ?? null]
    if (left === null || right === null) return Number(left === null) - Number(right === null)
    if (typeof left === 'number' && typeof right === 'number') {
      return sign * (left - right) || Number(Number.isNaN(left)) - Number(Number.isNaN(right))
    }
    const [one, other] = [textOf(left), textOf(right)]
    return one === other ? 0 : one < other ? -sign : sign
  })
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
