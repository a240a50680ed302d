import { compareCodePoints } from '../base/bytes.ts'
import { type JsonObject, withoutAbsent } from '../base/json.ts'
import type { ResultColumn, ResultRecord, RunRecord } from '../model/records.ts'
import { parseFieldPath } from './field-path.ts'
import { aggregateRows, inferColumns, joinColumns, parseRows } from './rows.ts'
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

/**
 * Returns a result's header for all its row parts, which are given in order of their names.
 *
 * Columns come in the order in which the parts have them first, so that the order too follows from
 * the parts; those that no row has follow in order of names.
 */
export function summarizeResult(result: ResultRecord, parts: readonly Uint8Array[]): ResultRecord {
  const declared = [...(result.columns ?? [])].sort((a, b) => compareCodePoints(a.name, b.name))
  const plain = parts.flatMap((bytes) => parseRows(bytes, declared).rows)
  const inferred = plain.reduce<readonly ResultColumn[]>(inferColumns, [])
  const columns = joinColumns(inferred, declared)
  const rows: readonly JsonObject[] = parts.flatMap((bytes) => parseRows(bytes, columns).rows)
  const aggregates = aggregateRows(rows, columns)
  return withoutAbsent({
    ...result,
    columns,
    rows: rows.length,
    aggregates: Object.keys(aggregates).length === 0 ? undefined : aggregates
  }) as ResultRecord
}
