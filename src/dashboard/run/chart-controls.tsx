import type { PlotSettings, XAxis } from '../charts/plot-data.ts'
import { Choice } from '../parts/choice.tsx'

const AXES: readonly (readonly [XAxis, string])[] = [
  ['step', 'Step'],
  ['elapsed', 'Time since the start'],
  ['clock', 'Time of day']
]

/** How all charts are drawn; the address bar remembers it. */
export function ChartControls({
  settings,
  note,
  onChange
}: {
  readonly settings: PlotSettings
  /** What is under way. */
  readonly note?: string | undefined
  readonly onChange: (
    params: { readonly [name: string]: string | undefined },
    options: { readonly replace: boolean }
  ) => void
}) {
  const { xAxis, isLogX, isLogY, smoothing } = settings
  const change = (params: { readonly [name: string]: string | undefined }): void =>
    onChange(params, { replace: true })
  const setLog = (x: boolean, y: boolean): void =>
    change({ log: `${x ? 'x' : ''}${y ? 'y' : ''}` || undefined })
  return (
    <form class="chart-controls" onSubmit={(event) => event.preventDefault()}>
      <Choice
        label="Over"
        value={xAxis}
        options={AXES}
        onPick={(axis) => change({ x: axis === 'step' ? undefined : axis })}
      />
      <label>
        <span>Smoothing</span>
        <input
          type="range"
          min="0"
          max="0.99"
          step="0.01"
          value={smoothing}
          aria-valuetext={smoothing === 0 ? 'none' : String(smoothing)}
          onInput={({ currentTarget: { value } }) =>
            change({ smooth: Number(value) === 0 ? undefined : value })
          }
        />
        <span class="numeric chart-smoothing">
          {smoothing === 0 ? 'none' : smoothing.toFixed(2)}
        </span>
      </label>
      <span class="checks">
        <label class="check">
          <input
            type="checkbox"
            class="checkbox"
            checked={isLogY}
            onChange={() => setLog(isLogX, !isLogY)}
          />
          Log values
        </label>
        <label class="check">
          <input
            type="checkbox"
            class="checkbox"
            checked={isLogX}
            onChange={() => setLog(!isLogX, isLogY)}
          />
          Log {xAxis === 'step' ? 'steps' : 'time'}
        </label>
      </span>
      <span class="muted" role="status">
        {note}
      </span>
    </form>
  )
}
