import type { ChartLine } from './chart-line.ts'
import { summarizeLine } from './line-summary.ts'
import type { XAxis } from './plot-data.ts'
import { formatElapsed, formatPoint } from './ticks.ts'

/** Formats a place on x. */
export function formatX(x: number | undefined, xAxis: XAxis): string {
  if (x === undefined) return '–'
  if (xAxis === 'elapsed') return formatElapsed(x)
  if (xAxis === 'clock') return new Date(x * 1000).toLocaleString()
  return `step ${formatPoint(x)}`
}

/** Says in a sentence what a chart shows. */
export function describeLines(title: string, lines: readonly ChartLine[], xAxis: XAxis): string {
  if (lines.length === 0) return `Chart of ${title}, without points.`
  const said = lines.slice(0, 3).map((line) => {
    const { first, last, min, minAt, max, maxAt } = summarizeLine(line)
    if (first === undefined) return `${line.label} has no numbers.`
    return (
      `${line.label} goes from ${formatPoint(first)} to ${formatPoint(last)},` +
      ` least ${formatPoint(min)} at ${formatX(minAt, xAxis)},` +
      ` greatest ${formatPoint(max)} at ${formatX(maxAt, xAxis)}.`
    )
  })
  const more = lines.length > 3 ? ` ${lines.length - 3} more in the table.` : ''
  return `Chart of ${title}: ${said.join(' ')}${more}`
}

/** Says in a table what a chart shows. */
export function ChartTable({
  lines,
  xAxis,
  title
}: {
  readonly lines: readonly ChartLine[]
  readonly xAxis: XAxis
  readonly title: string
}) {
  return (
    <details class="chart-table">
      <summary>As a table</summary>
      <div class="scroll-x">
        <table class="plain-table">
          <caption class="visually-hidden">{title}, in numbers</caption>
          <thead>
            <tr>
              {['Series', 'Points', 'First', 'Last', 'Least', 'at', 'Greatest', 'at'].map(
                (head, i) => (
                  <th key={`${head}${i}`} scope="col" class={i === 0 ? '' : 'right'}>
                    {head}
                  </th>
                )
              )}
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <LineRow key={line.id} line={line} xAxis={xAxis} />
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}

function LineRow({ line, xAxis }: { readonly line: ChartLine; readonly xAxis: XAxis }) {
  const { points, gaps, first, last, min, minAt, max, maxAt } = summarizeLine(line)
  const cells = [
    gaps === 0 ? formatPoint(points) : `${formatPoint(points)} (${formatPoint(gaps)} not finite)`,
    formatPoint(first),
    formatPoint(last),
    formatPoint(min),
    formatX(minAt, xAxis),
    formatPoint(max),
    formatX(maxAt, xAxis)
  ]
  return (
    <tr>
      <th scope="row">{line.label}</th>
      {cells.map((cell, i) => (
        <td key={i} class="right">
          {cell}
        </td>
      ))}
    </tr>
  )
}
