import type { Json } from '../base/json.ts'
import { flag } from './command.ts'
import type { Context } from './context.ts'
import { usageError } from './errors.ts'
import { print } from './print.ts'
import { printable } from './printable.ts'
import { formatValue } from './values.ts'

/** A table for other programs: names of columns, then rows of values. */
export interface PlainTable {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (Json | undefined)[])[]
}

/** The options of a command that prints a table for other programs. */
export const TABLE_OPTIONS = {
  csv: flag('--csv', 'as comma-separated values'),
  markdown: flag('--markdown', 'as a Markdown table')
}

/** How a table is wanted. */
export interface TableChoice {
  readonly csv: boolean
  readonly markdown: boolean
}

/**
 * Prints a table in the form that is wanted; `false` if it is wanted for people.
 *
 * @throws CLI_USAGE for two forms at once.
 */
export async function printTable(
  context: Context,
  { csv, markdown }: TableChoice,
  table: () => PlainTable
): Promise<boolean> {
  if (Number(csv) + Number(markdown) + Number(context.json) > 1) {
    throw usageError('--json, --csv and --markdown are three forms of one thing; give one of them.')
  }
  if (csv) await print(context, formatCsv(table()))
  else if (markdown) await print(context, formatMarkdown(table()))
  return csv || markdown
}

/** Formats a table as RFC 4180 has it, with line feeds; lists and maps are JSON. */
export function formatCsv({ columns, rows }: PlainTable): string {
  return [columns, ...rows].map((row) => `${row.map(csvCell).join(',')}\n`).join('')
}

function csvCell(value: Json | undefined): string {
  const text = plainText(value)
  return /[",\n\r]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Formats a table in Markdown, as forges show it. */
export function formatMarkdown({ columns, rows }: PlainTable): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
  const body = rows.map((row) => line(row.map(markdownCell)))
  return [line(columns.map(markdownCell)), line(columns.map(() => '---')), ...body].join('')
}

function markdownCell(value: Json | undefined): string {
  const text = typeof value === 'string' ? printable(value) : formatValue(value)
  return text.replace(/[\\`*_[\]<>|#]/g, (character) => `\\${character}`)
}

function plainText(value: Json | undefined): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'object') return JSON.stringify(value)
  return String(value)
}
