import { useMemo } from 'preact/hooks'
import type { Json } from '../../base/json.ts'
import { ScatterChart } from '../charts/scatter-chart.tsx'
import type { ScatterPoint } from '../charts/scatter-plot.ts'
import { changeParams, navigate } from '../navigation.ts'
import { Choice } from '../parts/choice.tsx'
import { Link } from '../parts/link.tsx'
import { useLoad } from '../parts/load.ts'
import { Section } from '../parts/section.tsx'
import { Empty, Show } from '../parts/states.tsx'
import type { Route } from '../route.ts'
import type { RunRow } from '../source/answers.ts'
import type { ComparedField } from '../source/run-answers.ts'
import type { Source } from '../source/source.ts'

const LIMIT = 5000
const OTHERS = 7

/** A metric against a parameter, over all runs of the experiment; those that are compared have their colours. */
export function ScatterTab(props: {
  readonly source: Source
  readonly address: string
  readonly runs: readonly RunRow[]
  readonly fields: readonly ComparedField[]
  readonly params: Route['params']
}) {
  const { source, address, runs, fields, params } = props
  const metrics = byPromise(fields.filter(({ group }) => group === 'metrics'))
  const inputs = byPromise(fields.filter(({ group }) => group === 'params'))
  const names = [...inputs, ...metrics]
  const y = metrics.find((field) => field === params.sy) ?? metrics[0]
  const x = names.find((field) => field === params.sx) ?? names.find((field) => field !== y)
  const found = useLoad(
    (signal) =>
      x === undefined || y === undefined
        ? Promise.resolve(undefined)
        : source.find({ address, columns: [x, y], limit: LIMIT }, { signal }),
    [source, address, x, y],
    { keep: true }
  )
  if (x === undefined || y === undefined) {
    return (
      <Empty title="Nothing to draw" icon="compare">
        <p>This needs a metric and a parameter.</p>
      </Empty>
    )
  }
  return (
    <Section
      title="All runs, one field against another"
      actions={<Axes x={x} y={y} xs={names} ys={metrics} params={params} />}
    >
      <Show loaded={found}>
        {(answer) => (
          <Scatter
            rows={answer?.rows ?? []}
            runs={runs.map(({ address: run }) => run)}
            x={x}
            y={y}
            isLogX={params.slog?.includes('x') === true}
            isLogY={params.slog?.includes('y') === true}
          />
        )}
      </Show>
    </Section>
  )
}

/** Names fields, first those that have most to tell: with a goal, different, a number. */
function byPromise(fields: readonly ComparedField[]): readonly string[] {
  const promiseOf = ({ goal, differs, values }: ComparedField): number =>
    4 * Number(goal !== undefined) +
    2 * Number(differs) +
    Number(values.some((value) => typeof value === 'number'))
  return fields.toSorted((a, b) => promiseOf(b) - promiseOf(a)).map(({ field }) => field)
}

function Axes(props: {
  readonly x: string
  readonly y: string
  readonly xs: readonly string[]
  readonly ys: readonly string[]
  readonly params: Route['params']
}) {
  const { x, y, xs, ys, params } = props
  const [isX, isY] = ['x', 'y'].map((axis) => params.slog?.includes(axis) === true)
  const setLog = (logX: boolean | undefined, logY: boolean | undefined): void =>
    changeParams({ slog: `${logX === true ? 'x' : ''}${logY === true ? 'y' : ''}` })
  return (
    <div class="chart-controls">
      <Choice label="Vertical" value={y} options={ys} onPick={(sy) => changeParams({ sy })} />
      <LogBox label="Logarithmic vertical axis" isOn={isY} onPick={(on) => setLog(isX, on)} />
      <Choice label="Horizontal" value={x} options={xs} onPick={(sx) => changeParams({ sx })} />
      <LogBox label="Logarithmic horizontal axis" isOn={isX} onPick={(on) => setLog(on, isY)} />
    </div>
  )
}

function LogBox(props: {
  readonly label: string
  readonly isOn: boolean | undefined
  readonly onPick: (isOn: boolean) => void
}) {
  const { label, isOn, onPick } = props
  return (
    <label class="check">
      <input
        type="checkbox"
        class="checkbox"
        checked={isOn}
        aria-label={label}
        onChange={() => onPick(isOn !== true)}
      />
      log
    </label>
  )
}

function Scatter(props: {
  readonly rows: readonly RunRow[]
  readonly runs: readonly string[]
  readonly x: string
  readonly y: string
  readonly isLogX: boolean
  readonly isLogY: boolean
}) {
  const { rows, runs, x, y, isLogX, isLogY } = props
  const key = runs.join()
  const { points, categories } = useMemo(() => pointsOf(rows, runs), [rows, key])
  if (points.length === 0) return <p class="muted">No run has both.</p>
  return (
    <ScatterChart
      xLabel={x}
      yLabel={y}
      points={points}
      categories={categories}
      isLogX={isLogX && categories === undefined}
      isLogY={isLogY}
      nameOf={({ id, label }) => <Link to={{ page: 'run', address: id }}>{label}</Link>}
      onOpen={({ id }) => navigate({ page: 'run', address: id })}
    />
  )
}

/** Returns the points of the runs that have both values; what is no number gets places 0, 1, … */
function pointsOf(
  rows: readonly RunRow[],
  runs: readonly string[]
): {
  readonly points: readonly ScatterPoint[]
  readonly categories: readonly string[] | undefined
} {
  const known = rows.filter(
    ({ values: [x, y] }) =>
      x !== null && x !== undefined && typeof y === 'number' && !Number.isNaN(y)
  )
  const isNumeric = known.every(({ values: [x] }) => typeof x === 'number')
  const texts = known.map(({ values: [x] }) => textOf(x))
  const categories = isNumeric ? undefined : [...new Set(texts)].sort()
  const points = known.map((row, i): ScatterPoint => {
    const at = runs.indexOf(row.address)
    return {
      id: row.address,
      label: row.name ?? row.id,
      x: categories?.indexOf(texts[i] as string) ?? (row.values[0] as number),
      y: row.values[1] as number,
      color: at < 0 ? OTHERS : at,
      isFaint: at < 0
    }
  })
  return { points, categories }
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}
