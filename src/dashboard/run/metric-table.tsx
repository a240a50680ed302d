import { useState } from 'preact/hooks'
import type { CsvTable } from '../parts/csv.ts'
import { CsvButton } from '../parts/csv-button.tsx'
import { FieldName } from '../parts/field-name.tsx'
import { ScrollX } from '../parts/scroll-x.tsx'
import { Section } from '../parts/section.tsx'
import { formatNumber, formatSpread } from '../parts/text.ts'
import type { LiveRunState, RunAnswer } from '../source/run-answers.ts'
import { type MetricRow, metricRows } from './metric-rows.ts'

const SHOWN = 12

/** Columns for which a phone has no room. */
const MINOR = ['Least', 'Greatest', 'Points']

/** All metrics of a run in numbers. */
export function MetricTable({
  answer,
  live
}: {
  readonly answer: RunAnswer
  readonly live: LiveRunState | undefined
}) {
  const [isAll, setAll] = useState(false)
  const rows = metricRows(answer, live?.metrics)
  const hasSplits = rows.some(({ summary }) => summary.mean !== undefined)
  const shown = isAll ? rows : rows.slice(0, SHOWN)
  return (
    <Section
      title="Metrics"
      count={rows.length}
      isWide
      actions={
        <CsvButton
          name={`${answer.address}/metrics`}
          what="the metrics"
          size="small"
          tone="quiet"
          disabled={rows.length === 0}
          read={() => tableOf(rows)}
        />
      }
    >
      {rows.length === 0 ? (
        <p class="card-body muted">None are logged yet: run.log(&#123; loss &#125;) adds one.</p>
      ) : (
        <ScrollX>
          <table class="plain-table">
            <thead>
              <tr>
                <th scope="col">Metric</th>
                {[
                  'Last',
                  'Best',
                  'Least',
                  'Greatest',
                  ...(hasSplits ? ['Over splits'] : []),
                  'Points'
                ].map((head) => (
                  <th scope="col" class={`right${MINOR.includes(head) ? ' minor' : ''}`} key={head}>
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map(({ metric, declaration, summary, best }) => (
                <tr key={metric}>
                  <th scope="row" title={declaration.description}>
                    <FieldName name={metric} />
                    {declaration.unit === undefined ? null : (
                      <span class="muted"> ({declaration.unit})</span>
                    )}
                  </th>
                  <td class="right strong">{formatNumber(summary.last)}</td>
                  <td class="right">{best === undefined ? '–' : formatNumber(best)}</td>
                  <td class="right minor">{formatNumber(summary.min)}</td>
                  <td class="right minor">{formatNumber(summary.max)}</td>
                  {hasSplits ? (
                    <td class="right">
                      {summary.mean === undefined
                        ? '–'
                        : `${formatNumber(summary.mean)}${summary.std === undefined ? '' : ` ± ${formatSpread(summary.std, summary.mean)}`}`}
                    </td>
                  ) : null}
                  <td class="right minor">{formatNumber(summary.count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollX>
      )}
      {shown.length < rows.length ? (
        <button type="button" class="button quiet small card-more" onClick={() => setAll(true)}>
          Show all {rows.length} metrics
        </button>
      ) : null}
    </Section>
  )
}

function tableOf(rows: readonly MetricRow[]): CsvTable {
  return {
    head: ['metric', 'unit', 'last', 'best', 'least', 'greatest', 'mean', 'std', 'points'],
    rows: rows.map(({ metric, declaration, summary, best }) => {
      const { last, min, max, mean, std, count } = summary
      return [metric, declaration.unit, last, best, min, max, mean, std, count]
    })
  }
}
