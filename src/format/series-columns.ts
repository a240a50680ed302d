import { compareCodePoints, decodeUtf8, encodeUtf8 } from '../base/bytes.ts'
import { DecimalReader } from './decimal.ts'
import { Column, placeOf, type SeriesColumns } from './series-column.ts'
import { parsePoint, SERIES_HEADER, type SeriesPoint } from './series-lines.ts'
import type { RemovedMetrics } from './summary.ts'

/** What names a part of a series. */
export interface SeriesPart {
  readonly writer: string
  readonly number: number
}

export type { SeriesColumns } from './series-column.ts'

export interface ReadSeriesOptions {
  /** Only these. Default: all metrics. */
  readonly metrics?: ReadonlySet<string>
  /** When metrics were removed. Default: none was. */
  readonly removed?: RemovedMetrics
}

const TAB = 9
const LINE_FEED = 10
const ZERO = 48
/** Digits of a whole number that a double always holds exactly. */
const EXACT_DIGITS = 15
const HEADER = encodeUtf8(SERIES_HEADER)
const BYTE_ORDER_MARK = Uint8Array.of(0xef, 0xbb, 0xbf)

/** How the metric and the split of a column are written. */
interface Written {
  readonly text: Uint8Array
  readonly column: Column
  next: Written | undefined
}

/**
 * Reads series into columns: what `joinSeries` makes of the parts, by metric and split, without an object a
 * point. Parts are added in order of their writers and numbers.
 */
export class SeriesReader {
  readonly #options: ReadSeriesOptions
  readonly #byName = new Map<string, Column>()
  /** The same by how names are written: a name may be written in several ways. */
  readonly #byText = new Map<string, Written>()
  readonly #decimals = new DecimalReader()
  /** Columns come in turn: the one that followed last time is looked at first. */
  #last: Written | undefined

  constructor(options: ReadSeriesOptions = {}) {
    this.#options = options
  }

  /** Reads a part; a last line without a line feed is not read. */
  add(bytes: Uint8Array): void {
    let at = startsWith(bytes, 0, HEADER) ? HEADER.length : 0
    while (at < bytes.length) {
      const next = this.#readLine(bytes, at)
      if (next > at) {
        at = next
        continue
      }
      const end = bytes.indexOf(LINE_FEED, at)
      if (end < 0) break
      this.#readOther(bytes.subarray(at, end), at === 0)
      at = end + 1
    }
  }

  /** Returns what was read, in order of the first points. */
  columns(): readonly SeriesColumns[] {
    return selectSeries(this.found())
  }

  /** Returns the same in the order in which names came first. */
  found(): readonly SeriesColumns[] {
    return [...this.#byName.values()]
      .filter((column) => column.count > 0)
      .map((column) => column.finish())
  }

  /** Reads a line of the form that is written; returns where the next begins, or `from` if it is of another. */
  #readLine(bytes: Uint8Array, from: number): number {
    const decimals = this.#decimals
    let step = Number.NaN
    let at = from
    if (bytes[at] !== TAB) {
      step = decimals.read(bytes, at)
      at = decimals.end
      if (Number.isNaN(step) || bytes[at] !== TAB) return from
    }
    const timeAt = ++at
    let time = 0
    for (; ; at++) {
      const digit = (bytes[at] as number) - ZERO
      if (!(digit >= 0 && digit <= 9)) break
      time = time * 10 + digit
    }
    if (at === timeAt || at - timeAt > EXACT_DIGITS || bytes[at] !== TAB) return from
    const written = this.#writtenAt(bytes, at + 1)
    if (written === undefined) return from
    at += 1 + written.text.length
    const value = decimals.read(bytes, at)
    if (Number.isNaN(value) || bytes[decimals.end] !== LINE_FEED) return from
    written.column.add(step, time, value)
    return decimals.end + 1
  }

  /** Finds the column whose metric and split, with a tab behind each, stand at a place. */
  #writtenAt(bytes: Uint8Array, at: number): Written | undefined {
    const expected = this.#last?.next
    if (expected !== undefined && startsWith(bytes, at, expected.text)) {
      this.#last = expected
      return expected
    }
    const middle = bytes.indexOf(TAB, at)
    const end = middle < 0 ? -1 : bytes.indexOf(TAB, middle + 1)
    if (end < 0 || middle === at) return undefined
    const text = bytes.subarray(at, end + 1)
    if (text.includes(LINE_FEED)) return undefined
    const name = Array.from(text, (byte) => String.fromCharCode(byte)).join('')
    let written = this.#byText.get(name)
    if (written === undefined) {
      const point = parsePoint(`\t0\t${decodeUtf8(text)}0`)
      if (point === undefined) return undefined
      written = { text: text.slice(), column: this.#columnOf(point), next: undefined }
      this.#byText.set(name, written)
    }
    if (this.#last !== undefined) this.#last.next = written
    this.#last = written
    return written
  }

  /** Reads a line of any other form, if it is a point. */
  #readOther(line: Uint8Array, isFirst: boolean): void {
    // A mark of the byte order is left out by the decoder, which is right at the very beginning alone.
    if (!isFirst && startsWith(line, 0, BYTE_ORDER_MARK)) return
    const point = parsePoint(decodeUtf8(line))
    if (point === undefined) return
    this.#columnOf(point).add(point.step ?? Number.NaN, point.time, point.value)
  }

  #columnOf({ metric, split }: Pick<SeriesPoint, 'metric' | 'split'>): Column {
    const name = `${metric.length} ${metric}${split === undefined ? '' : ` ${split}`}`
    let column = this.#byName.get(name)
    if (column === undefined) {
      const { metrics, removed = {} } = this.#options
      const isWanted = metrics === undefined || metrics.has(metric)
      const after = Object.hasOwn(removed, metric) ? removed[metric] : undefined
      column = new Column({ metric, split }, isWanted ? after : Number.POSITIVE_INFINITY)
      this.#byName.set(name, column)
    }
    return column
  }
}

/**
 * Picks of what was found without options what counts with them: the same, in the same order, as if it had been
 * read with them.
 */
export function selectSeries(
  found: readonly SeriesColumns[],
  { metrics, removed = {} }: ReadSeriesOptions = {}
): readonly SeriesColumns[] {
  return found
    .filter(({ metric }) => metrics === undefined || metrics.has(metric))
    .map((column) =>
      Object.hasOwn(removed, column.metric)
        ? after(column, removed[column.metric] as number)
        : column
    )
    .filter(({ steps }) => steps.length > 0)
    .sort(compareBeginnings)
}

function after({ steps, times, values, ...name }: SeriesColumns, removed: number): SeriesColumns {
  const isLater = (_: number, at: number): boolean => !((times[at] as number) <= removed)
  return {
    ...name,
    steps: steps.filter(isLater),
    times: times.filter(isLater),
    values: values.filter(isLater)
  }
}

/** Puts parts in the order in which `SeriesReader` takes them. */
export function sortParts<P extends SeriesPart>(parts: readonly P[]): readonly P[] {
  return [...parts].sort((a, b) => compareCodePoints(a.writer, b.writer) || a.number - b.number)
}

/** Tells whether bytes stand at a place among others. */
function startsWith(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false
  return true
}

/** Orders columns by their first points: those without a step first. */
function compareBeginnings(a: SeriesColumns, b: SeriesColumns): number {
  const [stepA, stepB] = [placeOf(a.steps[0]), placeOf(b.steps[0])]
  if (stepA !== stepB) return stepA < stepB ? -1 : 1
  return (a.times[0] as number) - (b.times[0] as number)
}
