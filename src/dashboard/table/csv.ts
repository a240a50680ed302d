import type { Json } from '../../base/json.ts'
import type { RunRow } from '../source/answers.ts'

/**
 * Formats runs as comma-separated values (RFC 4180), with a heading. Text that a spreadsheet would take for
 * a formula gets an apostrophe in front.
 */
export function formatRunsCsv(columns: readonly string[], rows: readonly RunRow[]): string {
  const lines = rows.map(({ address, name, status, values }) =>
    [address, name ?? null, status, ...columns.map((_, index) => values[index])].map(csvCell)
  )
  return [['address', 'name', 'status', ...columns].map(csvCell), ...lines]
    .map((cells) => `${cells.join(',')}\r\n`)
    .join('')
}

function csvCell(value: Json | undefined): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
