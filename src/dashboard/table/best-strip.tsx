import type { JSX } from 'preact'
import type { MetricDeclaration } from '../../model/records.ts'
import { dataVersion } from '../live.ts'
import { Link } from '../parts/link.tsx'
import { useLoad } from '../parts/load.ts'
import { formatNumber } from '../parts/text.ts'
import type { FieldsAnswer, RunRow } from '../source/answers.ts'
import type { Source } from '../source/source.ts'

/** So many metrics are asked about. */
const SHOWN = 5

interface Best {
  readonly metric: string
  readonly goal: 'minimize' | 'maximize'
  readonly row: RunRow
  readonly value: number
}

/** Which run is best by each metric with a goal, of those that pass the filter. */
export function BestStrip(props: {
  readonly source: Source
  readonly address: string
  readonly filter: string | undefined
  /** Whether the rows are here, which come first. */
  readonly isReady: boolean
  readonly fields: FieldsAnswer
}): JSX.Element | null {
  const { source, address, filter, fields, isReady } = props
  const metrics = fields.used.filter((field) => field.startsWith('metrics.'))
  const best = useLoad(
    async (signal) => {
      const found: Best[] = []
      if (!isReady) return found
      for (const [metric, { goal }] of orderedMetrics(fields)) {
        const field = metrics.find(
          (each) => each === `metrics.${metric}` || each === `metrics."${metric}"`
        )
        if (goal === undefined || field === undefined || found.length >= SHOWN) continue
        const sort = [goal === 'maximize' ? `-${field}` : field]
        const request = { address, sort, columns: [field], limit: 1 }
        const answer = await source.find(filter === undefined ? request : { ...request, filter }, {
          signal
        })
        const [row] = answer.rows
        const value = row?.values[0]
        if (row !== undefined && typeof value === 'number') found.push({ metric, goal, row, value })
      }
      return found
    },
    [source, address, filter, isReady, metrics.join('\n'), dataVersion.value],
    { keep: true }
  )
  const hasGoals = Object.values(fields.metrics).some(({ goal }) => goal !== undefined)
  if (!hasGoals || (isReady && best.value?.length === 0 && !best.isLoading)) return null
  return (
    <div class="best-strip" role="group" aria-label="Best runs">
      {best.isLoading && (best.value ?? []).length === 0 ? (
        <span class="best-card">
          <span class="skeleton" />
        </span>
      ) : null}
      {(best.value ?? []).map(({ metric, goal, row, value }) => (
        <Link
          key={metric}
          to={{ page: 'run', address: row.address }}
          class="best-card"
          title={`The best run by ${metric}: ${row.name ?? row.id}`}
        >
          <span class="label">
            {goal === 'maximize' ? 'Greatest' : 'Least'} {metric}
          </span>
          <span class="value">{formatNumber(value)}</span>
          <span class="who">{row.name ?? row.id}</span>
        </Link>
      ))}
    </div>
  )
}

/** Lists the declared metrics, those of parts (`val/loss`) after those of the whole. */
function orderedMetrics({
  metrics
}: FieldsAnswer): readonly (readonly [string, MetricDeclaration])[] {
  const isPart = ([name]: readonly [string, unknown]): number => Number(name.includes('/'))
  return Object.entries(metrics).sort((a, b) => isPart(a) - isPart(b))
}
