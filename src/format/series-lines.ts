import { decodeUtf8 } from '../base/bytes.ts'

/** One value of a metric. */
export interface SeriesPoint {
  readonly step?: number
  /** Milliseconds since 1970. */
  readonly time: number
  readonly metric: string
  readonly split?: string
  readonly value: number
}

/** A part of a series, taken apart. */
export interface ParsedSeries {
  readonly points: readonly SeriesPoint[]
  /** Lines that are no points, a torn last one included. */
  readonly broken: number
}

/** The first line of every part of a series, with its line feed. */
export const SERIES_HEADER = 'step\ttime\tmetric\tsplit\tvalue\n'

const NUMBER = /^-?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|Infinity)$|^NaN$/
const WHOLE = /^-?\d{1,16}$/
const ESCAPES: { readonly [char: string]: string } = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r'
}
const UNESCAPES: { readonly [pair: string]: string } = {
  '\\\\': '\\',
  '\\t': '\t',
  '\\n': '\n',
  '\\r': '\r'
}

/**
 * Formats a point as a line (docs/FORMAT.md, “Series”).
 *
 * @throws TypeError for a step or time that is no finite number.
 */
export function formatPoint({ step, time, metric, split, value }: SeriesPoint): string {
  if (step !== undefined && !Number.isFinite(step)) throw new TypeError('a step must be finite')
  if (!Number.isFinite(time)) throw new TypeError('a time must be finite')
  const stepText = step === undefined ? '' : formatNumber(step)
  const names = `${escapeName(metric)}\t${escapeName(split ?? '')}`
  return `${stepText}\t${Math.round(time)}\t${names}\t${formatNumber(value)}\n`
}

/** Parses a part of a series; never throws. A last line without a line feed is not read. */
export function parseSeries(bytes: Uint8Array): ParsedSeries {
  const lines = decodeUtf8(bytes).split('\n')
  const torn = lines.pop() === '' ? 0 : 1
  const first = lines[0] === SERIES_HEADER.trimEnd() ? 1 : 0
  const points: SeriesPoint[] = []
  for (let i = first; i < lines.length; i++) {
    const point = parsePoint(lines[i] as string)
    if (point !== undefined) points.push(point)
  }
  return { points, broken: lines.length - first - points.length + torn }
}

/** Parses a line without its line feed; `undefined` if it is no point. */
export function parsePoint(line: string): SeriesPoint | undefined {
  const cells = line.split('\t')
  const [step = '', time = '', metric = '', split = '', value = ''] = cells
  if (cells.length !== 5 || metric === '' || !WHOLE.test(time) || !NUMBER.test(value)) {
    return undefined
  }
  if (step !== '' && (!NUMBER.test(step) || !Number.isFinite(Number(step)))) return undefined
  return placed(step === '' ? undefined : Number(step), {
    time: Number(time),
    metric: unescapeName(metric),
    split: split === '' ? undefined : unescapeName(split),
    value: Number(value)
  })
}

/** Leaves away what is missing; written out, since there may be millions of points. */
function placed(
  step: number | undefined,
  rest: { time: number; metric: string; split: string | undefined; value: number }
): SeriesPoint {
  const { time, metric, split, value } = rest
  if (split === undefined) {
    return step === undefined ? { time, metric, value } : { step, time, metric, value }
  }
  return step === undefined ? { time, metric, split, value } : { step, time, metric, split, value }
}

function formatNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

/** Escapes a name for a line of text with tabs. */
export function escapeName(name: string): string {
  return name.replace(/[\\\t\n\r]/g, (char) => ESCAPES[char] as string)
}

/** Undoes `escapeName`. */
export function unescapeName(name: string): string {
  return name.includes('\\') ? name.replace(/\\./g, (pair) => UNESCAPES[pair] ?? pair) : name
}
