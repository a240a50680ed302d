import type { JsonObject } from '../base/json.ts'
import { withoutAbsent } from '../base/json.ts'
import type { ResultRecord, RunRecord } from '../model/records.ts'
import { parseFieldPath } from './field-path.ts'
import { aggregateRows, inferColumns, parseRows } from './rows.ts'
import { type RemovedMetrics, summarizeSeries, type WriterPoints } from './series.ts'
import { timeOfStamp } from './stamp.ts'

/** Returns when a run's metrics were removed last: points up to that time don't count. */
export function removedMetricsOf(run: RunRecord): RemovedMetrics {
  const removed: [string, number][] = []
  for (const [path, stamp] of Object.entries(run.edits ?? {})) {
    const { field, member } = parseFieldPath(path)
    const epochMs = timeOfStamp(stamp)
    if (field === 'metrics' && member !== undefined && epochMs !== undefined) {
      removed.push([member, epochMs])
    }
  }
  return Object.fromEntries(removed)
}

/** Returns a run with the summaries that all its parts come to; metrics without any point stay. */
export function summarizeRun(run: RunRecord, parts: readonly WriterPoints[]): RunRecord {
  const logged = new Set(parts.flatMap(({ points }) => points.map(({ metric }) => metric)))
  const kept = Object.entries(run.metrics ?? {}).filter(([metric]) => !logged.has(metric))
  const summaries = Object.entries(summarizeSeries(parts, removedMetricsOf(run)))
  const metrics = Object.fromEntries([...kept, ...summaries])
  const { metrics: _, ...others } = run
  return kept.length + summaries.length === 0 ? others : { ...others, metrics }
}

/** Returns a result's header for all its row parts, which are given in order of their names. */
export function summarizeResult(result: ResultRecord, parts: readonly Uint8Array[]): ResultRecord {
  const plain = parts.flatMap((bytes) => parseRows(bytes, result.columns).rows)
  const columns = plain.reduce(inferColumns, result.columns ?? [])
  const rows: readonly JsonObject[] = parts.flatMap((bytes) => parseRows(bytes, columns).rows)
  const aggregates = aggregateRows(rows, columns)
  return withoutAbsent({
    ...result,
    columns,
    rows: rows.length,
    aggregates: Object.keys(aggregates).length === 0 ? undefined : aggregates
  }) as ResultRecord
}
