import type { Json } from '../base/json.ts'
import { flag } from './command.ts'
import type { Context } from './context.ts'
import { usageError } from './errors.ts'
import { jsonText, print } from './print.ts'
import { printable, printableLines } from './printable.ts'
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
  if (csv) await print(context, forReader(context, formatCsv(table())))
  else if (markdown) await print(context, formatMarkdown(table()))
  return csv || markdown
}

/** Leaves text as it is for a program; a terminal must not act on what a project holds. */
function forReader({ out }: Pick<Context, 'out'>, text: string): string {
  return out.isTerminal ? printableLines(text) : text
}

/** Formats a table as RFC 4180 has it, with line feeds; lists and maps are JSON. */
export function formatCsv({ columns, rows }: PlainTable): string {
  return [columns, ...rows].map(csvLine).join('')
}

/** Formats a row of CSV, its line feed with it. */
export function csvLine(row: readonly (Json | undefined)[]): string {
  return `${row.map(csvCell).join(',')}\n`
}

function csvCell(value: Json | undefined): string {
  if (typeof value === 'number') return String(value)
  const text = textOf(value ?? '')
  // Without quotes it would be no value.
  if (value === '') return '""'
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

/** Lists and maps as JSON: an index gives one and the same for all rows that have it. */
const texts = new WeakMap<object, string>()

/** Returns a value as text: lists and maps as JSON. */
export function textOf(value: Json): string {
  if (typeof value !== 'object' || value === null) return String(value)
  const known = texts.get(value)
  if (known !== undefined) return known
  const text = jsonText(value)
  texts.set(value, text)
  return text
}
