import { collapseProgress } from '../format/log-parts.ts'
import { logPath, rowsPath, seriesPath } from '../format/paths.ts'
import { formatRow, inferColumns } from '../format/rows.ts'
import { formatPoint, PART_MAX_BYTES, SERIES_HEADER } from '../format/series.ts'
import type { ResultColumn } from '../model/records.ts'
import type { JournalEntry, LogEntry, RowEntry } from './journal-entry.ts'
import type { JournalKey } from './journal-folder.ts'
import { LineParts, LogParts } from './text-parts.ts'

interface ResultParts {
  readonly parts: LineParts
  columns: readonly ResultColumn[]
}

/**
 * The parts that the entries of one journal make: the same entries always make the same parts, so that
 * committing twice, or by another process, only lets the last parts grow.
 */
export class RunParts {
  readonly #key: JournalKey
  readonly #series = new LineParts(SERIES_HEADER, PART_MAX_BYTES)
  readonly #log = new LogParts()
  readonly #results = new Map<string, ResultParts>()
  #addedBytes = 0

  constructor(key: JournalKey) {
    this.#key = key
  }

  /** About how many bytes were added since `settle`. */
  get addedBytes(): number {
    return this.#addedBytes
  }

  add(entry: JournalEntry): void {
    if ('log' in entry) this.#addPoints(entry)
    else if ('text' in entry) this.#addText(entry.text)
    else if ('row' in entry) this.#addRow(entry)
  }

  /** Returns the files that have grown since `settle`, by path. */
  grown(): ReadonlyMap<string, Uint8Array> {
    const files = new Map<string, Uint8Array>()
    const { writer } = this.#key
    for (const [number, bytes] of this.#series.grown()) {
      files.set(seriesPath(this.#key, writer, number), bytes)
    }
    for (const [number, bytes] of this.#log.grown()) {
      files.set(logPath(this.#key, writer, number), bytes)
    }
    for (const [result, { parts }] of this.#results) {
      for (const [number, bytes] of parts.grown()) {
        files.set(rowsPath(this.#key, result, writer, number), bytes)
      }
    }
    return files
  }

  /** Whether points were added since `settle`. */
  get hasPoints(): boolean {
    return this.#series.grown().length > 0
  }

  /** Returns the columns of the results to which rows were added since `settle`, by name. */
  grownResults(): ReadonlyMap<string, readonly ResultColumn[]> {
    const grown = [...this.#results].filter(([, { parts }]) => parts.grown().length > 0)
    return new Map(grown.map(([result, { columns }]) => [result, columns]))
  }

  /** Notes that what has grown is committed. */
  settle(): void {
    this.#series.settle()
    this.#log.settle()
    for (const { parts } of this.#results.values()) parts.settle()
    this.#addedBytes = 0
  }

  #addPoints({ log, step, time, split }: LogEntry): void {
    for (const metric of Object.keys(log)) {
      const value = log[metric] as number
      const line = formatPoint({
        step,
        time,
        metric,
        value,
        ...(split === undefined ? {} : { split })
      })
      this.#series.add(line)
      this.#addedBytes += line.length
    }
  }

  #addText(text: string): void {
    const lines = `${collapseProgress(text)}\n`
    this.#log.add(lines)
    this.#addedBytes += lines.length
  }

  #addRow({ result, row }: RowEntry): void {
    let parts = this.#results.get(result)
    if (parts === undefined) {
      parts = { parts: new LineParts('', PART_MAX_BYTES), columns: [] }
      this.#results.set(result, parts)
    }
    const line = formatRow(row)
    parts.parts.add(line)
    if (!fits(parts.columns, row)) parts.columns = inferColumns(parts.columns, row)
    this.#addedBytes += line.length
  }
}

/** Tells whether a row says nothing new of the columns, which most rows don't. */
function fits(columns: readonly ResultColumn[], row: RowEntry['row']): boolean {
  let known = 0
  for (const { name, type } of columns) {
    const value = Object.hasOwn(row, name) ? row[name] : undefined
    if (value === undefined) return false
    if (type !== typeof value && !(type === 'integer' && Number.isInteger(value))) return false
    known++
  }
  return known === Object.keys(row).length
}
