import { compareCodePoints, decodeUtf8 } from '../base/bytes.ts'
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts'
import type { ColumnAggregate, ColumnType, ResultColumn } from '../model/records.ts'

/** A part of a result's rows, taken apart. */
export interface ParsedRows {
  readonly rows: readonly JsonObject[]
  /** Lines that are no rows, a torn last one included. */
  readonly broken: number
}

/** Levels of lists and maps in a row; who looks into what is deeper may overflow the stack. */
export const ROW_MAX_DEPTH = 200

/** Characters of a row; those of a longer one could be names by the thousand, which take minutes to parse. */
export const ROW_MAX_LENGTH = 16_000_000

/** How JSON writes the numbers that it doesn't have. */
const NUMBER_WORDS: { readonly [word: string]: number } = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY
}

/**
 * Formats a row as a line of JSON (docs/FORMAT.md, “Rows”).
 *
 * NaN and the infinities become the texts `NaN`, `Infinity` and `-Infinity`.
 */
export function formatRow(row: JsonObject): string {
  const text = JSON.stringify(row, (_member, value: unknown) => {
    if (typeof value !== 'number') return value
    return Number.isFinite(value) ? value : String(value)
  })
  return `${text}\n`
}

/**
 * Parses a part of rows; never throws. A last line without a line feed is not read.
 *
 * In columns of numbers, `NaN`, `Infinity` and `-Infinity` become numbers again.
 */
export function parseRows(bytes: Uint8Array, columns: readonly ResultColumn[] = []): ParsedRows {
  const { lines, torn } = rowLines(bytes)
  const parse = rowParser(columns)
  const rows: JsonObject[] = []
  for (const line of lines) {
    const row = parse(line)
    if (row !== undefined) rows.push(row)
  }
  return { rows, broken: lines.length - rows.length + torn }
}

/** Splits a part of rows into its lines; tells how many last lines are torn, 0 or 1. */
export function rowLines(bytes: Uint8Array): {
  readonly lines: readonly string[]
  readonly torn: number
} {
  const lines = decodeUtf8(bytes).split('\n')
  const torn = lines.pop() === '' ? 0 : 1
  return { lines, torn }
}

/** Returns what parses the lines of a result with some columns; `undefined` for what is no row. */
export function rowParser(
  columns: readonly ResultColumn[] = []
): (line: string) => JsonObject | undefined {
  const numeric = columns.filter(isNumeric).map(({ name }) => name)
  return (line) => {
    const row = parseRow(line)
    return row && restoreNumbers(row, numeric)
  }
}

/**
 * Returns the columns of rows that had some columns, and of one more row.
 *
 * Columns keep their order, new ones follow; null says nothing about a type. `integer` widens to
 * `number`, all else that differs to `json`: the types don't depend on the order of the rows.
 */
export function inferColumns(
  existing: readonly ResultColumn[],
  row: JsonObject
): readonly ResultColumn[] {
  const types = new Map(existing.map(({ name, type }) => [name, type]))
  for (const [name, value] of Object.entries(row)) {
    if (value === undefined || value === null || name === '') continue
    const found = typeOf(value)
    const known = types.get(name)
    types.set(name, known === undefined ? found : joinTypes(known, found))
  }
  return [...types].map(([name, type]) => ({ name, type }))
}

/** Joins the columns of two lists of rows; columns of the second follow those of the first. */
export function joinColumns(
  a: readonly ResultColumn[],
  b: readonly ResultColumn[]
): readonly ResultColumn[] {
  const types = new Map(a.map(({ name, type }) => [name, type]))
  for (const { name, type } of b) {
    const known = types.get(name)
    types.set(name, known === undefined ? type : joinTypes(known, type))
  }
  return [...types].map(([name, type]) => ({ name, type }))
}

/** Sums the columns of numbers up; a column without any number is left out. */
export function aggregateRows(
  rows: readonly JsonObject[],
  columns: readonly ResultColumn[]
): { readonly [column: string]: ColumnAggregate } {
  const names = columns.filter(isNumeric).map(({ name }) => name)
  const aggregates: [string, ColumnAggregate][] = []
  for (const name of names.sort(compareCodePoints)) {
    const values = rows
      .map((row) => (Object.hasOwn(row, name) ? row[name] : undefined))
      .filter((value) => typeof value === 'number')
    if (values.length > 0) aggregates.push([name, aggregate(values)])
  }
  return Object.fromEntries(aggregates)
}

function aggregate(values: readonly number[]): ColumnAggregate {
  let min = Number.NaN
  let max = Number.NaN
  let sum = 0
  for (const value of values) {
    if (Number.isNaN(min) || value < min) min = value
    if (Number.isNaN(max) || value > max) max = value
    sum += value
  }
  return { count: values.length, min, max, mean: sum / values.length }
}

function parseRow(line: string): JsonObject | undefined {
  if (line.length > ROW_MAX_LENGTH) return undefined
  try {
    const row: unknown = JSON.parse(line)
    return isJsonObject(row) && fitsDepth(row, ROW_MAX_DEPTH) ? row : undefined
  } catch {
    return undefined
  }
}

/** Tells whether a value has at most so many levels of lists and maps. */
function fitsDepth(value: Json | undefined, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((member) => fitsDepth(member, levels - 1))
}

function restoreNumbers(row: JsonObject, numeric: readonly string[]): JsonObject {
  let restored: { [member: string]: Json | undefined } | undefined
  for (const name of numeric) {
    const value = Object.hasOwn(row, name) ? row[name] : undefined
    if (typeof value !== 'string' || !Object.hasOwn(NUMBER_WORDS, value)) continue
    restored ??= Object.fromEntries(Object.entries(row))
    Object.defineProperty(restored, name, { value: NUMBER_WORDS[value] })
  }
  return restored ?? row
}

function isNumeric({ type }: ResultColumn): boolean {
  return type === 'number' || type === 'integer'
}

function typeOf(value: Json): ColumnType {
  switch (typeof value) {
    case 'number':
      return Number.isInteger(value) ? 'integer' : 'number'
    case 'string':
      return 'string'
    case 'boolean':
      return 'boolean'
    default:
      return 'json'
  }
}

function joinTypes(a: ColumnType, b: ColumnType): ColumnType {
  if (a === b) return a
  return isNumeric({ name: '', type: a }) && isNumeric({ name: '', type: b }) ? 'number' : 'json'
}
