import type { ComponentChildren } from 'preact'
import { FieldValue } from '../compare/field-value.tsx'
import { FieldName } from '../parts/field-name.tsx'
import { Link } from '../parts/link.tsx'
import { useLoad } from '../parts/load.ts'
import { Section } from '../parts/section.tsx'
import { Show } from '../parts/states.tsx'
import { formatCount } from '../parts/text.ts'
import type { ComparedField, Comparison } from '../source/run-answers.ts'
import type { RunView } from './run-view.ts'

const SHOWN = 10

/** What a run is given, in the order of interest; what it comes to is the metrics. */
const CAUSES: readonly ComparedField['group'][] = [
  'params',
  'datasets',
  'code',
  'environment',
  'packages'
]

/** What is other than in the run before: what it was given, and what that changed. */
export function Changes({ view }: { readonly view: RunView }) {
  const { source, answer } = view
  const { previous } = answer
  const runs = previous === undefined ? [] : [previous.address, answer.address]
  const comparison = useLoad(
    (signal) =>
      runs.length === 0 ? Promise.resolve(undefined) : source.compare({ runs }, { signal }),
    [runs.join(), answer.commitOid],
    { keep: true }
  )
  if (previous === undefined) return null
  const link = (tab: string | undefined, text: string) => (
    <Link
      class="small"
      to={{
        page: 'compare',
        address: `${answer.project}/${answer.experiment}`,
        params: { runs: runs.join(','), tab }
      }}
    >
      {text}
    </Link>
  )
  return (
    <Section title="Changed since the run before" isWide>
      <p class="card-line small muted">
        That was{' '}
        <Link to={{ page: 'run', address: previous.address }}>{previous.name ?? previous.id}</Link>.{' '}
        {link(undefined, 'Compare them')}
      </p>
      <Show loaded={comparison} lines={3}>
        {(found) =>
          found === undefined ? null : (
            <>
              <ChangeTable comparison={found} />
              <CodeChange comparison={found}>{link('code', 'See how')}</CodeChange>
            </>
          )
        }
      </Show>
    </Section>
  )
}

function ChangeTable({ comparison }: { readonly comparison: Comparison }) {
  const differing = comparison.fields.filter(({ differs }) => differs)
  const causes = CAUSES.flatMap((group) => differing.filter((field) => field.group === group))
  const effects = differing.filter(({ group }) => group === 'metrics')
  if (causes.length + effects.length === 0) {
    return <p class="card-body muted">Nothing: the same code, parameters and metrics.</p>
  }
  return (
    <table class="plain-table changes">
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Before</th>
          <th scope="col">Now</th>
        </tr>
      </thead>
      <ChangeRows title="Inputs" fields={causes} />
      <ChangeRows title="Metrics" fields={effects} />
    </table>
  )
}

function ChangeRows(props: { readonly title: string; readonly fields: readonly ComparedField[] }) {
  const { title, fields } = props
  if (fields.length === 0) return null
  return (
    <tbody>
      <tr class="compare-group">
        <th scope="rowgroup" colSpan={3}>
          {title}
          {fields.length > SHOWN ? ` (the first ${SHOWN} of ${fields.length})` : ''}
        </th>
      </tr>
      {fields.slice(0, SHOWN).map((field) => (
        <ChangeRow key={`${field.group} ${field.field}`} field={field} />
      ))}
    </tbody>
  )
}

function ChangeRow({ field }: { readonly field: ComparedField }) {
  const [before, here] = field.values
  const change = field.changes[1]
  const verdict = change === 'better' || change === 'worse' ? change : undefined
  return (
    <tr>
      <th scope="row" title={field.field}>
        <FieldName name={field.name} />
      </th>
      <td>
        <FieldValue field={field} value={before} />
      </td>
      <td class={verdict ?? ''}>
        <FieldValue field={field} value={here} />
        {verdict === undefined ? null : <span class="visually-hidden"> {verdict}</span>}
      </td>
    </tr>
  )
}

function CodeChange(props: {
  readonly comparison: Comparison
  readonly children: ComponentChildren
}) {
  const files = props.comparison.code[1]?.files.length ?? 0
  if (files === 0) return null
  return (
    <p class="card-line small">
      The code differs in {formatCount(files, 'file')}. {props.children}
    </p>
  )
}
