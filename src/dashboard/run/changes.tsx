import { verdictOf } from '../compare/verdict.ts'
import { Link } from '../parts/link.tsx'
import { useLoad } from '../parts/load.ts'
import { Section } from '../parts/section.tsx'
import { Show } from '../parts/states.tsx'
import { Value } from '../parts/value.tsx'
import type { ComparedField } from '../source/run-answers.ts'
import type { RunView } from './run-view.ts'

const SHOWN = 14

/** What is other than in the run before: what it was given, and what that changed. */
export function Changes({ view }: { readonly view: RunView }) {
  const { previous, address } = view.answer
  if (previous === undefined) return null
  return (
    <ChangesFrom view={view} previous={previous.address} key={`${previous.address} ${address}`} />
  )
}

function ChangesFrom({ view, previous }: { readonly view: RunView; readonly previous: string }) {
  const { source, answer } = view
  const row = answer.previous
  const comparison = useLoad(
    (signal) => source.compare({ runs: [previous, answer.address] }, { signal }),
    [previous, answer.address, answer.commitOid],
    { keep: true }
  )
  return (
    <Section
      title="Changed since the run before"
      isWide
      actions={
        <Link class="small" to={{ page: 'run', address: previous }}>
          {row?.name ?? row?.id ?? 'the run before'}
        </Link>
      }
    >
      <Show loaded={comparison} lines={3}>
        {({ fields }) => {
          const differing = fields.filter(({ differs, group }) => differs && group !== 'run')
          const causes = differing.filter(({ group }) => group !== 'metrics')
          const effects = differing.filter(({ group }) => group === 'metrics')
          if (differing.length === 0) {
            return <p class="card-body muted">Nothing: the same code, parameters and metrics.</p>
          }
          return (
            <table class="plain-table changes">
              <thead>
                <tr>
                  <th scope="col">Field</th>
                  <th scope="col">Before</th>
                  <th scope="col">Here</th>
                </tr>
              </thead>
              <tbody>
                {[...causes, ...effects].slice(0, SHOWN).map((field) => (
                  <ChangeRow key={field.field} field={field} />
                ))}
              </tbody>
            </table>
          )
        }}
      </Show>
    </Section>
  )
}

function ChangeRow({ field }: { readonly field: ComparedField }) {
  const [before, here] = field.values
  const verdict = verdictOf(field.goal, before, here)
  return (
    <tr>
      <th scope="row">{field.field}</th>
      <td>
        <Value value={before} />
      </td>
      <td class={verdict ?? ''}>
        <Value value={here} />
        {verdict === undefined ? null : <span class="visually-hidden"> {verdict}</span>}
      </td>
    </tr>
  )
}
