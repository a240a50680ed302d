import { decodeUtf8, encodeUtf8 } from '../base/bytes.ts'
import type { SeriesColumns } from './series-column.ts'
import { SeriesReader } from './series-columns.ts'
import { escapeName, formatPoint, SERIES_HEADER, unescapeName } from './series-lines.ts'
import { thinSeries } from './thin-series.ts'

/** Points that an overview has of a series at most: a chart has fewer pixels. */
export const OVERVIEW_POINTS = 6000
/** An overview that is not shorter than the text by this factor spares nobody anything. */
const MIN_FACTOR = 4
const OF = /^of\t([0-9a-f]{40})$/

/** What an overview has of the points of one metric and split. */
export interface OverviewColumns extends SeriesColumns {
  /** How many points count. */
  readonly count: number
}

/** What a chart can show of the series of a run (docs/FORMAT.md, “Overviews”). */
export interface SeriesOverview {
  /** The tree of the text that it was made of. */
  readonly treeOid: string
  readonly columns: readonly OverviewColumns[]
}

/** Formats an overview of series; `undefined` if it would not be much shorter than their text, of so many bytes. */
export function formatOverview(
  treeOid: string,
  columns: readonly SeriesColumns[],
  textBytes: number
): Uint8Array | undefined {
  const counts: string[] = []
  const lines: string[] = []
  for (const { metric, split, ...points } of columns) {
    // They are numbered by their place among all.
    if (Number.isNaN(points.steps[0])) return undefined
    const { length } = points.steps
    counts.push(`count\t${escapeName(metric)}\t${escapeName(split ?? '')}\t${length}\n`)
    const { steps, times, values } = thinSeries(points, OVERVIEW_POINTS, 'step')
    const name = { metric, ...(split === undefined ? {} : { split }) }
    for (const [at, step] of steps.entries()) {
      const [time, value] = [times[at] as number, values[at] as number]
      lines.push(formatPoint({ step, time, value, ...name }))
    }
  }
  const bytes = encodeUtf8(`of\t${treeOid}\n${counts.join('')}${SERIES_HEADER}${lines.join('')}`)
  return bytes.length * MIN_FACTOR > textBytes ? undefined : bytes
}

/** Tells of which tree an overview says it was made; `undefined` if it is none. */
export function treeOfOverview(bytes: Uint8Array): string | undefined {
  return OF.exec(decodeUtf8(bytes.subarray(0, 64)).split('\n')[0] as string)?.[1]
}

/** Parses an overview; `undefined` if it is none. */
export function parseOverview(bytes: Uint8Array): SeriesOverview | undefined {
  const text = decodeUtf8(bytes)
  const head = text.indexOf(`\n${SERIES_HEADER}`)
  const [first = '', ...rest] = text.slice(0, Math.max(head, 0)).split('\n')
  const treeOid = OF.exec(first)?.[1]
  if (treeOid === undefined) return undefined
  const counts = new Map(rest.map(parseCount))
  const reader = new SeriesReader()
  reader.add(encodeUtf8(text.slice(head + 1)))
  const columns: OverviewColumns[] = []
  for (const column of reader.found()) {
    const count = counts.get(nameOf(column.metric, column.split))
    if (count === undefined || count < column.steps.length) return undefined
    columns.push({ ...column, count })
  }
  return { treeOid, columns }
}

function parseCount(line: string): readonly [name: string, count: number | undefined] {
  const [kind, metric = '', split = '', digits = ''] = line.split('\t')
  const isCount = kind === 'count' && /^\d{1,15}$/.test(digits)
  const name = nameOf(unescapeName(metric), split === '' ? undefined : unescapeName(split))
  return [name, isCount ? Number(digits) : undefined]
}

/** Returns what a metric and split are told apart by. */
export function nameOf(metric: string, split: string | undefined): string {
  return JSON.stringify([metric, split])
}
