import type { Json } from '../../base/json.ts'

/** A table to be written as text. */
export interface CsvTable {
  readonly head: readonly string[]
  /** What is missing has an empty cell. */
  readonly rows: readonly (readonly (Json | undefined)[])[]
}

/**
 * Formats a table as comma-separated values (RFC 4180). Text that a spreadsheet would take for a formula gets
 * an apostrophe in front.
 */
export function formatCsv({ head, rows }: CsvTable): string {
  return [head, ...rows].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('')
}

function csvCell(value: Json | undefined): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
