import { Link } from '../parts/link.tsx'
import { formatNumber, formatSpread } from '../parts/text.ts'
import type { LiveRunState, RunAnswer } from '../source/run-answers.ts'
import { placeOfMetric } from './metric-groups.ts'
import { type MetricRow, metricRows } from './metric-rows.ts'

const SHOWN = 6

/** The metrics that matter most, large: those with a goal, with how they were before. */
export function HeadlineMetrics({
  answer,
  live
}: {
  readonly answer: RunAnswer
  readonly live: LiveRunState | undefined
}) {
  const rows = metricRows(answer, live?.metrics)
  const withGoal = rows.filter(
    ({ metric, declaration }) => declaration.goal !== undefined && !placeOfMetric(metric).isTraining
  )
  const shown = (withGoal.length > 0 ? withGoal : rows).slice(0, SHOWN)
  if (shown.length === 0) return null
  return (
    <dl class="headline">
      {shown.map((row) => (
        <Figure key={row.metric} row={row} answer={answer} />
      ))}
    </dl>
  )
}

function Figure({ row, answer }: { readonly row: MetricRow; readonly answer: RunAnswer }) {
  const { metric, declaration, summary } = row
  const { goal, unit, description } = declaration
  const goalText =
    goal === undefined ? '' : goal === 'minimize' ? 'lower is better' : 'higher is better'
  return (
    <div class="headline-figure">
      <dt title={[description, goalText].filter(Boolean).join(' ')}>
        <Link
          class="plain-link"
          title="To the runs, best first"
          to={{
            page: 'runs',
            address: `${answer.project}/${answer.experiment}`,
            params: { sort: `${goal === 'minimize' ? '' : '-'}metrics.${metric}` }
          }}
        >
          {metric}
        </Link>
        {goal === undefined ? null : (
          <span class="goal" aria-hidden="true">
            {goal === 'minimize' ? '↓' : '↑'}
          </span>
        )}
        {goalText === '' ? null : <span class="visually-hidden">, {goalText}</span>}
      </dt>
      <dd>
        <span class="headline-value numeric">{formatNumber(summary.last)}</span>
        {unit === undefined ? null : <span class="muted"> {unit}</span>}
        <span class="headline-more small muted numeric">{moreOf(row)}</span>
      </dd>
    </div>
  )
}

/** How the last value stands to the others; over splits the spread says more than the best of them. */
function moreOf({ summary, best }: MetricRow): string {
  const { last, mean, std } = summary
  if (mean !== undefined && std !== undefined) {
    const middle = formatNumber(mean)
    return `${middle === formatNumber(last) ? '' : middle} ± ${formatSpread(std, mean)} over splits`.trim()
  }
  return best !== undefined && best !== last ? `best ${formatNumber(best)}` : ''
}
