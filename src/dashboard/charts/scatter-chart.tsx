import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { drawScatter, type ScatterPoint } from './scatter-plot.ts'
import { formatPoint } from './ticks.ts'

/** Draws a metric of runs against a parameter; a table says the same. */
export function ScatterChart(props: {
  readonly xLabel: string
  readonly yLabel: string
  readonly points: readonly ScatterPoint[]
  readonly categories?: readonly string[] | undefined
  readonly isLogX: boolean
  readonly isLogY: boolean
  /** What stands at a point in the table, such as a link. */
  readonly nameOf: (point: ScatterPoint) => ComponentChildren
  readonly onOpen: (point: ScatterPoint) => void
}) {
  const { xLabel, yLabel, points, categories, isLogX, isLogY } = props
  const box = useRef<HTMLDivElement>(null)
  const [near, setNear] = useState<ScatterPoint>()
  const onOpen = useRef(props.onOpen)
  onOpen.current = props.onOpen
  useEffect(() => {
    if (box.current === null) return
    return drawScatter(
      box.current,
      { points, categories, isLogX, isLogY },
      { onPoint: setNear, onOpen: (point) => onOpen.current(point) }
    )
  }, [points, categories, isLogX, isLogY])
  const xOf = ({ x }: ScatterPoint): string => categories?.[x] ?? formatPoint(x)
  return (
    <figure class="chart">
      <div
        ref={box}
        class={`chart-canvas scatter${near === undefined ? '' : ' near'}`}
        role="img"
        aria-label={`${yLabel} of ${points.length} runs against ${xLabel}; the table below has the numbers.`}
      />
      <figcaption class="scatter-caption small">
        {near === undefined
          ? `${yLabel} (upwards) against ${xLabel}`
          : `${near.label}: ${yLabel} ${formatPoint(near.y)} at ${xLabel} ${xOf(near)}`}
      </figcaption>
      <details class="chart-table">
        <summary>As a table</summary>
        <div class="scroll-x">
          <table class="plain-table">
            <thead>
              <tr>
                <th scope="col">Run</th>
                <th scope="col">{xLabel}</th>
                <th scope="col" class="right">
                  {yLabel}
                </th>
              </tr>
            </thead>
            <tbody>
              {points.map((point) => (
                <tr key={point.id}>
                  <th scope="row">{props.nameOf(point)}</th>
                  <td>{xOf(point)}</td>
                  <td class="right">{formatPoint(point.y)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  )
}
