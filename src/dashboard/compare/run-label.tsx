import { COLOR_COUNT } from '../charts/palette.ts'
import { Link } from '../parts/link.tsx'
import type { RunRow } from '../source/answers.ts'

/** A run's name in the colour that it has in charts. */
export function RunLabel({ run, color }: { readonly run: RunRow; readonly color: number }) {
  return (
    <span class="run-label">
      <span class={`swatch series-${(color % COLOR_COUNT) + 1}`} />
      <Link to={{ page: 'run', address: run.address }} title={run.address}>
        {run.name ?? run.id}
      </Link>
    </span>
  )
}
