import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Button } from '../parts/button.tsx'
import { Popover } from '../parts/popover.tsx'
import type { FieldsAnswer } from '../source/answers.ts'
import type { Column } from './columns.ts'
import type { TableState } from './table-state.ts'

/** So many fields are listed; the search finds the others. */
const LISTED = 200

/** Chooses which columns there are. */
export function ColumnChooser(props: {
  readonly fields: FieldsAnswer
  readonly columns: readonly Column[]
  readonly state: TableState
  readonly hiddenCount: number
  readonly onChange: (changes: Partial<TableState>) => void
}): JSX.Element {
  const { fields, columns, state, hiddenCount, onChange } = props
  const [search, setSearch] = useState('')
  const shown = columns.map(({ field }) => field)
  const others = [...fields.used, ...fields.known.map(({ name }) => name)]
  const all = [...new Set([...shown, ...others])]
  const wanted = all.filter((field) => field.toLowerCase().includes(search.trim().toLowerCase()))
  const toggle = (field: string): void => {
    const next = shown.includes(field)
      ? columns.filter((column) => column.field !== field)
      : [...columns, { field, isPinned: false }]
    onChange({
      columns: next.map(({ field, isPinned }) => ({ field, isPinned })),
      hidesSame: false
    })
  }
  return (
    <Popover label="Columns" icon="columns">
      {() => (
        <div class="chooser">
          <input
            class="input"
            type="search"
            placeholder="Search fields"
            aria-label="Search fields"
            value={search}
            onInput={(event) => setSearch(event.currentTarget.value)}
          />
          <div class="chooser-list">
            {wanted.slice(0, LISTED).map((field) => (
              <label class="check-row" key={field}>
                <input
                  type="checkbox"
                  class="checkbox"
                  checked={shown.includes(field)}
                  onChange={() => toggle(field)}
                />
                <code title={field}>{field}</code>
              </label>
            ))}
            {wanted.length === 0 ? <p class="muted small">No field has that name.</p> : null}
          </div>
          <label class="check-row">
            <input
              type="checkbox"
              class="checkbox"
              checked={state.hidesSame}
              onChange={(event) => onChange({ hidesSame: event.currentTarget.checked })}
            />
            Hide columns that don’t differ{hiddenCount === 0 ? '' : ` (${hiddenCount})`}
          </label>
          <label class="check-row">
            <input
              type="checkbox"
              class="checkbox"
              checked={state.isColoured}
              onChange={(event) => onChange({ isColoured: event.currentTarget.checked })}
            />
            Colour metrics by how good they are
          </label>
          <div class="chooser-foot">
            <Button
              label="Reset the columns"
              size="small"
              tone="quiet"
              disabled={state.columns === undefined}
              onClick={() => onChange({ columns: undefined, hidesSame: true })}
            />
          </div>
        </div>
      )}
    </Popover>
  )
}
