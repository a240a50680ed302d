import type { MetricDeclaration, MetricSummary } from '../../model/records.ts'
import type { RunAnswer } from '../source/run-answers.ts'

/** A metric of a run, as its table shows it. */
export interface MetricRow {
  readonly metric: string
  readonly declaration: MetricDeclaration
  readonly summary: MetricSummary
  /** The best value, where a goal says what is best. */
  readonly best?: number
}

/** Returns the metrics of a run: those with a goal first, then by name. */
export function metricRows(
  { declarations, record }: Pick<RunAnswer, 'declarations' | 'record'>,
  live?: { readonly [metric: string]: MetricSummary }
): readonly MetricRow[] {
  const rows = Object.entries({ ...record.metrics, ...live }).map(
    ([metric, summary]): MetricRow => {
      const declaration = Object.hasOwn(declarations, metric)
        ? (declarations[metric] as MetricDeclaration)
        : {}
      const { goal } = declaration
      return {
        metric,
        declaration,
        summary,
        ...(goal !== undefined && { best: goal === 'minimize' ? summary.min : summary.max })
      }
    }
  )
  return rows.sort((a, b) => rankOf(a) - rankOf(b) || (a.metric < b.metric ? -1 : 1))
}

/** Metrics with a goal come first, and of those the ones of the run as a whole. */
function rankOf({ metric, declaration }: MetricRow): number {
  return (declaration.goal === undefined ? 2 : 0) + (metric.includes('/') ? 1 : 0)
}
