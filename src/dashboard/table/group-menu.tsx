import type { JSX } from 'preact'
import { Button } from '../parts/button.tsx'
import { Popover } from '../parts/popover.tsx'
import type { FieldsAnswer } from '../source/answers.ts'
import { shortName } from './field-list.ts'
import { AGGREGATES, type TableState } from './table-state.ts'

const OWN_FIELDS = ['experiment', 'status', 'tags', 'parent', 'execution', 'environment.host']
const LISTED = 200

/** Chooses the fields in which the runs of a group agree, and the number that stands for a group. */
export function GroupMenu(props: {
  readonly fields: FieldsAnswer
  readonly state: TableState
  readonly onChange: (changes: Partial<TableState>) => void
}): JSX.Element {
  const { fields, state, onChange } = props
  const { by, aggregate } = state
  const params = fields.used.filter((field) => field.startsWith('params.'))
  const all = [...new Set([...by, ...params, ...OWN_FIELDS])].slice(0, LISTED)
  const toggle = (field: string): void =>
    onChange({ by: by.includes(field) ? by.filter((each) => each !== field) : [...by, field] })
  return (
    <Popover
      label={by.length === 0 ? 'Group' : groupedBy(by)}
      icon="group"
      title="Group"
      pressed={by.length > 0 ? true : undefined}
    >
      {() => (
        <div class="chooser">
          <div class="chooser-list">
            {all.map((field) => (
              <label class="check-row" key={field}>
                <input
                  type="checkbox"
                  class="checkbox"
                  checked={by.includes(field)}
                  onChange={() => toggle(field)}
                />
                <code title={field}>{field}</code>
              </label>
            ))}
          </div>
          <div class="chooser-foot">
            <label class="inline-field">
              Show the{' '}
              <select
                class="input"
                value={aggregate}
                onChange={(event) => {
                  const chosen = AGGREGATES.find((name) => name === event.currentTarget.value)
                  if (chosen !== undefined) onChange({ aggregate: chosen })
                }}
              >
                {AGGREGATES.map((name) => (
                  <option key={name} value={name}>
                    {NAMES[name]}
                  </option>
                ))}
              </select>
            </label>
            <Button
              label="No groups"
              size="small"
              tone="quiet"
              disabled={by.length === 0}
              onClick={() => onChange({ by: [] })}
            />
          </div>
        </div>
      )}
    </Popover>
  )
}

/** What the numbers are called. */
export const NAMES = {
  mean: 'mean',
  median: 'median',
  min: 'least',
  max: 'greatest',
  std: 'standard deviation'
} as const

function groupedBy([first = '', ...others]: readonly string[]): string {
  return `Grouped by ${shortName(first)}${others.length === 0 ? '' : ` and ${others.length} more`}`
}
