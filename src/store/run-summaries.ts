import { withoutAbsent } from '../base/json.ts'
import { parseFieldPath } from '../format/field-path.ts'
import { folderOf, type PartOf, partOf } from '../format/paths.ts'
import { aggregateRows, joinColumns, parseRows } from '../format/rows.ts'
import {
  parseSeries,
  type RemovedMetrics,
  summarizeSeries,
  type WriterPoints
} from '../format/series.ts'
import { timeOfStamp } from '../format/stamp.ts'
import type { KeyOf } from '../model/kinds.ts'
import type { MetricSummary, ResultColumn, ResultRecord, RunRecord } from '../model/records.ts'
import type { Transaction } from './transaction.ts'
import type { View } from './view.ts'

/** Where the parts of a run are looked for. */
export interface PartsSource {
  readonly key: KeyOf<'run'>
  readonly transaction: Transaction
  /** The run as it is committed; the transaction adds what it wrote. */
  readonly view: View | undefined
  /** Paths that the transaction wrote. */
  readonly written: Iterable<string>
}

/** Sums up the series of all writers of a run; metrics without any point stay as they are. */
export async function summarizeMetrics(
  source: PartsSource,
  record: RunRecord
): Promise<{ readonly [metric: string]: MetricSummary }> {
  const parts: WriterPoints[] = []
  for (const { part, bytes } of await readParts(source, `${folderOf(source.key)}/series`)) {
    if (part.part !== 'series') continue
    parts.push({ writer: part.writer, number: part.number, points: parseSeries(bytes).points })
  }
  return { ...record.metrics, ...summarizeSeries(parts, removedMetrics(record)) }
}

/** Returns a result's header for the rows of all writers. */
export async function summarizeResult(
  source: PartsSource,
  result: KeyOf<'result'>,
  columns: readonly ResultColumn[],
  created: string
): Promise<ResultRecord> {
  const known = await source.transaction.read<'result'>(result)
  const joined = joinColumns(known?.columns ?? [], columns)
  const rows = []
  for (const { part, bytes } of await readParts(source, folderOf(result))) {
    if (part.part === 'rows') for (const row of parseRows(bytes, joined).rows) rows.push(row)
  }
  const aggregates = aggregateRows(rows, joined)
  return withoutAbsent({
    ...(known ?? { schema: 'result/1', created, name: result.name }),
    columns: joined,
    rows: rows.length,
    aggregates: Object.keys(aggregates).length === 0 ? undefined : aggregates
  }) as ResultRecord
}

/** Returns up to when the points of a metric don't count, because it was removed. */
function removedMetrics({ edits = {} }: RunRecord): RemovedMetrics {
  const removed: [string, number][] = []
  for (const [path, stamp] of Object.entries(edits)) {
    const { field, member } = parseFieldPath(path)
    if (field !== 'metrics' || member === undefined) continue
    removed.push([member, timeOfStamp(stamp) ?? 0])
  }
  return Object.fromEntries(removed)
}

async function readParts(
  { key, transaction, view, written }: PartsSource,
  folder: string
): Promise<readonly { readonly part: PartOf; readonly bytes: Uint8Array }[]> {
  const paths = new Set<string>()
  for (const path of written) if (path.startsWith(`${folder}/`)) paths.add(path)
  for (const { name } of (await view?.folder(folder)) ?? []) paths.add(`${folder}/${name}`)
  const parts: { part: PartOf; bytes: Uint8Array }[] = []
  for (const path of [...paths].sort()) {
    const part = partOf(path)
    const bytes = part && (await transaction.readFile(key, path))
    if (part && bytes) parts.push({ part, bytes })
  }
  return parts
}
