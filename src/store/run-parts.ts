import { collapseProgress } from '../format/log-parts.ts'
import { logPath, rowsPath, seriesPath } from '../format/paths.ts'
import { formatRow, inferColumns } from '../format/rows.ts'
import { formatPoint, PART_MAX_BYTES, SERIES_HEADER } from '../format/series.ts'
import type { ResultColumn, ResultRecord } from '../model/records.ts'
import type { JournalEntry, RowEntry } from './journal-entry.ts'
import type { JournalKey } from './journal-folder.ts'
import type { PointsEntry } from './journal-points.ts'
import { LineParts, LogParts } from './text-parts.ts'

interface ResultParts {
  readonly parts: LineParts
  columns: readonly ResultColumn[]
  /** The column by which rows are joined, if one was named. */
  key: string | undefined
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
  readonly #newResults = new Set<string>()
  #hasNewPoints = false
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

  /** Whether points were added that no summary counts. */
  get hasNewPoints(): boolean {
    return this.#hasNewPoints
  }

  /** How many parts the series have. */
  get seriesCount(): number {
    return this.#series.count
  }

  /** Returns columns and key of the results of which no summary counts all rows, by name. */
  newResults(): ReadonlyMap<string, Pick<ResultRecord, 'columns' | 'key'>> {
    const results = [...this.#results].filter(([result]) => this.#newResults.has(result))
    return new Map(
      results.map(([result, { columns, key }]) => [
        result,
        { columns, ...(key === undefined ? {} : { key }) }
      ])
    )
  }

  /** Notes that what has grown is committed, and whether its summaries are. */
  settle(summarized: boolean): void {
    this.#series.settle()
    this.#log.settle()
    for (const { parts } of this.#results.values()) parts.settle()
    this.#addedBytes = 0
    if (!summarized) return
    this.#newResults.clear()
    this.#hasNewPoints = false
  }

  #addPoints({ log, step, time, split }: PointsEntry): void {
    this.#hasNewPoints = true
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

  #addRow({ result, row, key }: RowEntry): void {
    let parts = this.#results.get(result)
    if (parts === undefined) {
      parts = { parts: new LineParts('', PART_MAX_BYTES), columns: [], key: undefined }
      this.#results.set(result, parts)
    }
    parts.key ??= key
    this.#newResults.add(result)
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
