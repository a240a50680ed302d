import type { ChartLine } from './chart-line.ts'
import { summarizeLine } from './line-summary.ts'
import { COLOR_COUNT } from './palette.ts'
import { formatPoint } from './ticks.ts'

/** Names the lines with their values at the cursor, else their last ones; a click hides a line. */
export function ChartLegend({
  lines,
  hidden,
  at,
  values,
  onToggle
}: {
  readonly lines: readonly ChartLine[]
  readonly hidden: ReadonlySet<string>
  /** Where the cursor is. */
  readonly at: string | undefined
  readonly values: ReadonlyMap<string, number | undefined>
  onToggle(id: string): void
}) {
  return (
    <div class="chart-legend">
      <ul>
        {lines.map((line) => (
          <li key={line.id}>
            <button
              type="button"
              class="legend-entry"
              aria-pressed={!hidden.has(line.id)}
              title={line.label}
              onClick={() => onToggle(line.id)}
            >
              <span
                class={`swatch series-${(line.color % COLOR_COUNT) + 1}${line.isFaint === true ? ' faint' : ''}`}
              />
              <span class="legend-label">{line.label}</span>
              <span class="legend-value numeric">
                {formatPoint(at === undefined ? summarizeLine(line).last : values.get(line.id))}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <output class="legend-at numeric" aria-live="polite">
        {at}
      </output>
    </div>
  )
}
