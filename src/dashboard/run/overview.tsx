import { EditText } from '../parts/edit-text.tsx'
import { Markdown } from '../parts/markdown.tsx'
import { Section } from '../parts/section.tsx'
import { Changes } from './changes.tsx'
import { Family } from './family.tsx'
import { MetricTable } from './metric-table.tsx'
import { Params } from './params.tsx'
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
