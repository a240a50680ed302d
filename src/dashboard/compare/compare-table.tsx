import { changeParams } from '../navigation.ts'
import { CsvButton } from '../parts/csv-button.tsx'
import { FieldName } from '../parts/field-name.tsx'
import { Section } from '../parts/section.tsx'
import { formatCount } from '../parts/text.ts'
import type { ComparedField, Comparison } from '../source/run-answers.ts'
import { bestOf } from './best-values.ts'
import { FieldValue } from './field-value.tsx'
import { RunLabel } from './run-label.tsx'

const TITLES: { readonly [group: string]: string } = {
  metrics: 'Metrics',
  params: 'Parameters',
  code: 'Code',
  datasets: 'Data',
  environment: 'Machine',
  packages: 'Packages',
  artifacts: 'Files',
  run: 'Run'
}

/** What differs between runs, or all of it, a column a run. */
export function CompareTable({
  comparison,
  isAll
}: {
  readonly comparison: Comparison
  readonly isAll: boolean
}) {
  const { runs, fields } = comparison
  const shown = fields.filter(({ differs }) => isAll || differs)
  const groups = Object.keys(TITLES)
    .map((group) => ({ group, members: shown.filter((field) => field.group === group) }))
    .filter(({ members }) => members.length > 0)
  const same = fields.length - fields.filter(({ differs }) => differs).length
  return (
    <Section
      title={isAll ? 'All fields' : 'What differs'}
      isWide
      actions={
        <>
          <label class="check small">
            <input
              type="checkbox"
              class="checkbox"
              checked={isAll}
              onChange={() => changeParams({ all: isAll ? undefined : '1' })}
            />
            {same === 0 ? 'Show all' : `Also ${formatCount(same, 'field')} that are the same`}
          </label>
          <CsvButton
            name={`compared ${runs.map(({ name, id }) => name ?? id).join(' ')}`.slice(0, 100)}
            what="these fields"
            size="small"
            disabled={shown.length === 0}
            read={() => ({
              head: ['group', 'field', ...runs.map(({ name, id }) => name ?? id)],
              rows: shown.map(({ group, field, values }) => [group, field, ...values])
            })}
          />
        </>
      }
    >
      {groups.length === 0 ? (
        <p class="card-body muted">Nothing: in all that is recorded, the runs are the same.</p>
      ) : (
        <section class="scroll-x" tabindex={0} aria-label="Fields of the runs">
          <table class="plain-table compare-table">
            <thead>
              <tr>
                <td />
                {runs.map((run, i) => (
                  <th key={run.address} scope="col">
                    <RunLabel run={run} color={i} />
                  </th>
                ))}
              </tr>
            </thead>
            {groups.map(({ group, members }) => (
              <tbody key={group}>
                <tr class="compare-group">
                  <th scope="rowgroup" colSpan={runs.length + 1}>
                    {TITLES[group]}
                  </th>
                </tr>
                {members.map((field) => (
                  <FieldRow key={`${group} ${field.field}`} field={field} />
                ))}
              </tbody>
            ))}
          </table>
        </section>
      )}
    </Section>
  )
}

function FieldRow({ field }: { readonly field: ComparedField }) {
  const { values, goal, differs } = field
  const best = bestOf(goal, values)
  return (
    <tr class={differs ? '' : 'is-same'}>
      <th scope="row" title={field.field}>
        <FieldName name={field.name} />
        {goal === undefined ? null : (
          <span class="goal" title={goal === 'minimize' ? 'lower is better' : 'higher is better'}>
            {' '}
            {goal === 'minimize' ? '↓' : '↑'}
          </span>
        )}
      </th>
      {values.map((value, i) => (
        <td key={i} class={best.has(i) ? 'best' : classOf(field, i)}>
          <FieldValue field={field} value={value} />
          {best.has(i) ? <span class="visually-hidden"> best</span> : null}
        </td>
      ))}
    </tr>
  )
}

function classOf({ changes }: ComparedField, at: number): string {
  const change = at === 0 ? undefined : changes[at]
  if (change === 'better' || change === 'worse') return `is-${change}`
  return change === 'same' ? 'as-base' : ''
}
