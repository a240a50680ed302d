import { useState } from 'preact/hooks'
import type { Json } from '../../base/json.ts'
import { CsvButton } from '../parts/csv-button.tsx'
import { FieldName } from '../parts/field-name.tsx'
import { flatten } from '../parts/flatten.ts'
import { Section } from '../parts/section.tsx'
import { Value } from '../parts/value.tsx'
import type { RunView } from './run-view.ts'

/** From so many on they can be searched. */
const MANY = 12

type Entry = readonly [name: string, value: Json]

/** What a run was given: parameters as they are nested, and its data. */
export function Params({ view }: { readonly view: RunView }) {
  const { params, seed, datasets } = view.answer.record
  const [search, setSearch] = useState('')
  const entries = [...flatten(params), ...(seed === undefined ? [] : [['seed', seed] as const])]
  const wanted = search.trim().toLowerCase()
  const shown = entries.filter(([name, value]) =>
    `${name} ${JSON.stringify(value)}`.toLowerCase().includes(wanted)
  )
  return (
    <Section
      title="Parameters"
      count={entries.length}
      isWide
      actions={
        <>
          <CsvButton
            name={`${view.answer.address}/params`}
            what="the parameters"
            size="small"
            tone="quiet"
            disabled={entries.length === 0}
            read={() => ({ head: ['parameter', 'value'], rows: entries })}
          />
          {entries.length < MANY ? null : (
            <input
              class="input"
              type="search"
              placeholder="Search"
              aria-label="Search in the parameters"
              value={search}
              onInput={({ currentTarget: { value } }) => setSearch(value)}
            />
          )}
        </>
      }
    >
      {entries.length === 0 ? (
        <p class="card-body muted">The run was given none.</p>
      ) : shown.length === 0 ? (
        <p class="card-body muted">No parameter is called so.</p>
      ) : (
        groupsOf(shown).map(({ title, members }) => (
          <div class="param-group" key={title}>
            {title === '' ? null : <h3>{title}</h3>}
            <dl class="pairs">
              {members.map(([name, value]) => (
                <div key={name}>
                  <dt>
                    <FieldName name={name} />
                  </dt>
                  <dd>
                    <Value value={value} />
                  </dd>
                </div>
              ))}
            </dl>
          </div>
        ))
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

/** Puts what has a parent in common below it; what stands alone comes first, under no title. */
function groupsOf(
  entries: readonly Entry[]
): readonly { readonly title: string; readonly members: readonly Entry[] }[] {
  const byParent = new Map<string, Entry[]>()
  for (const entry of entries) {
    const parent = entry[0].slice(0, Math.max(0, entry[0].indexOf('.')))
    byParent.set(parent, [...(byParent.get(parent) ?? []), entry])
  }
  const alone: Entry[] = []
  const together: { title: string; members: Entry[] }[] = []
  for (const [title, members] of byParent) {
    if (title === '' || members.length === 1) alone.push(...members)
    else {
      const within = members.map(([name, value]): Entry => [name.slice(title.length + 1), value])
      together.push({ title, members: within })
    }
  }
  return alone.length === 0 ? together : [{ title: '', members: alone }, ...together]
}
