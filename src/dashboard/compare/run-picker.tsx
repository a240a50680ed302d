import { useState } from 'preact/hooks'
import { Ago, StatusDot } from '../parts/labels.tsx'
import { useLoad } from '../parts/load.ts'
import { Show } from '../parts/states.tsx'
import type { RunRow } from '../source/answers.ts'
import type { Source } from '../source/source.ts'
import { MAX_COMPARED } from './compared-runs.ts'

const LIMIT = 500
const SHOWN = 60

/** Chooses runs from the newest ones of an experiment or project. */
export function RunPicker(props: {
  readonly source: Source
  readonly address: string
  readonly chosen: readonly string[]
  readonly onChange: (runs: readonly string[]) => void
}) {
  const { source, address, chosen, onChange } = props
  const [search, setSearch] = useState('')
  const found = useLoad(
    (signal) => source.find({ address, limit: LIMIT }, { signal }),
    [source, address],
    { keep: true }
  )
  return (
    <div class="run-picker">
      <input
        class="input"
        type="search"
        placeholder="Search by name, id or tag"
        aria-label="Search runs"
        value={search}
        onInput={({ currentTarget: { value } }) => setSearch(value)}
      />
      <Show loaded={found} lines={5}>
        {({ rows }) => {
          const shown = rows.filter((row) => matches(row, search)).slice(0, SHOWN)
          return shown.length === 0 ? (
            <p class="card-body muted">No run is called so.</p>
          ) : (
            <ul>
              {shown.map((row) => {
                const isChosen = chosen.includes(row.address)
                return (
                  <li key={row.address}>
                    <label>
                      <input
                        type="checkbox"
                        class="checkbox"
                        checked={isChosen}
                        disabled={!isChosen && chosen.length >= MAX_COMPARED}
                        onChange={() =>
                          onChange(
                            isChosen
                              ? chosen.filter((run) => run !== row.address)
                              : [...chosen, row.address]
                          )
                        }
                      />
                      <StatusDot status={row.status} />
                      <span class="picker-name">{row.name ?? row.id}</span>
                      <span class="small muted">
                        {row.started === undefined ? null : <Ago time={row.started} />}
                      </span>
                    </label>
                  </li>
                )
              })}
            </ul>
          )
        }}
      </Show>
    </div>
  )
}

function matches({ name, id, tags, experiment }: RunRow, search: string): boolean {
  const text = [name ?? '', id, experiment, ...tags].join(' ').toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}
