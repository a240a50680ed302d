import { EditText } from '../parts/edit-text.tsx'
import { flatten } from '../parts/flatten.ts'
import { Markdown } from '../parts/markdown.tsx'
import { Section } from '../parts/section.tsx'
import { Value } from '../parts/value.tsx'
import { Changes } from './changes.tsx'
import { Family } from './family.tsx'
import { MetricTable } from './metric-table.tsx'
import type { RunView } from './run-view.ts'
import { SeriesCharts } from './series-charts.tsx'
import { Steps } from './steps.tsx'

/** What a run was given and what it came to. */
export function Overview({ view }: { readonly view: RunView }) {
  const { answer, live } = view
  return (
    <div class="run-columns">
      <div class="run-main">
        <SeriesCharts
          source={view.source}
          runs={[
            {
              address: answer.address,
              label: answer.record.name ?? answer.id,
              ...(answer.record.started !== undefined && {
                startedMs: Date.parse(answer.record.started)
              })
            }
          ]}
          params={view.params}
          declarations={answer.declarations}
        />
        <MetricTable answer={answer} live={live} />
        <Steps answer={answer} />
      </div>
      <div class="run-side">
        <Changes view={view} />
        <Params view={view} />
        <Notes view={view} />
        <Family answer={answer} />
      </div>
    </div>
  )
}

function Params({ view }: { readonly view: RunView }) {
  const { params, seed, datasets } = view.answer.record
  const entries = [...flatten(params), ...(seed === undefined ? [] : [['seed', seed] as const])]
  return (
    <Section title="Parameters" count={entries.length} isWide>
      {entries.length === 0 ? (
        <p class="card-body muted">The run was given none.</p>
      ) : (
        <dl class="pairs">
          {entries.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <Value value={value} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {Object.entries(datasets ?? {}).map(([dataset, { role, version, digest }]) => (
        <p class="card-line small" key={dataset}>
          <span class="muted">Data</span> {dataset}
          {version === undefined ? '' : ` ${version}`}
          {role === undefined ? '' : ` for ${role}`}
          {digest === undefined ? null : (
            <code class="muted" title={digest}>
              {' '}
              {digest.slice(0, 19)}…
            </code>
          )}
        </p>
      ))}
    </Section>
  )
}

function Notes({ view }: { readonly view: RunView }) {
  const { answer, isWritable, actions } = view
  const notes = answer.record.notes ?? ''
  if (notes === '' && !isWritable) return null
  return (
    <Section title="Notes">
      <EditText label="Notes" value={notes} isLong isEditable={isWritable} onSave={actions.note}>
        {notes === '' ? <p class="muted">None yet.</p> : <Markdown text={notes} />}
      </EditText>
    </Section>
  )
}
