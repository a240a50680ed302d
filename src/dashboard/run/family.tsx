import { Ago, StatusDot } from '../parts/labels.tsx'
import { Link } from '../parts/link.tsx'
import { Section } from '../parts/section.tsx'
import type { RunRow } from '../source/answers.ts'
import type { RunAnswer } from '../source/run-answers.ts'

/** The runs around a run: what it is part of, what is part of it, and the one before. */
export function Family({ answer }: { readonly answer: RunAnswer }) {
  const { parent, previous, children } = answer
  if (parent === undefined && previous === undefined && children.length === 0) return null
  return (
    <Section title="Related runs" isWide>
      <RunList title="Part of" runs={parent === undefined ? [] : [parent]} />
      <RunList title={`Parts (${children.length})`} runs={children} />
      <RunList title="Started before it" runs={previous === undefined ? [] : [previous]} />
    </Section>
  )
}

function RunList({ title, runs }: { readonly title: string; readonly runs: readonly RunRow[] }) {
  if (runs.length === 0) return null
  return (
    <div class="run-list">
      <h3>{title}</h3>
      <ul>
        {runs.map(({ address, id, name, status, started }) => (
          <li key={address}>
            <StatusDot status={status} />
            <Link to={{ page: 'run', address }}>{name ?? id}</Link>
            {started === undefined ? null : (
              <span class="small muted">
                <Ago time={started} />
              </span>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}
