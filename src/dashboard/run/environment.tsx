import { useState } from 'preact/hooks'
import type { EnvironmentRecord } from '../../model/records.ts'
import { Section } from '../parts/section.tsx'
import { formatBytes } from '../parts/text.ts'

/** On what a run ran. */
export function Environment({
  environment
}: {
  readonly environment: EnvironmentRecord | undefined
}) {
  if (environment === undefined) {
    return (
      <Section title="Machine">
        <p class="muted">Nothing is recorded of it.</p>
      </Section>
    )
  }
  const { packages = {}, variables = {} } = environment
  return (
    <>
      <Section title="Machine" isWide>
        <Pairs entries={factsOf(environment)} />
      </Section>
      <Listing title="Packages" entries={packages} />
      <Listing title="Variables" entries={variables} />
    </>
  )
}

function factsOf(environment: EnvironmentRecord): readonly (readonly [string, string])[] {
  const { host, user, platform, runtime, processors, memoryBytes, gpus, scheduler, ci, code } =
    environment
  const join = (...parts: readonly (string | number | undefined)[]): string =>
    parts.filter((part) => part !== undefined && part !== '').join(' ')
  const facts: readonly (readonly [string, string])[] = [
    ['Host', join(host)],
    ['User', join(user)],
    ['System', join(platform?.os, platform?.release, platform?.arch)],
    ['Runtime', join(runtime?.name, runtime?.version)],
    [
      'Processors',
      processors === undefined ? '' : `${processors.count ?? ''} × ${processors.model ?? ''}`
    ],
    ['Memory', memoryBytes === undefined ? '' : formatBytes(memoryBytes)],
    [
      'GPUs',
      (gpus ?? []).map(({ name, driver }) => join(name, driver && `(${driver})`)).join(', ')
    ],
    ['Job', scheduler === undefined ? '' : `${scheduler.kind} ${scheduler.jobId}`],
    ['CI', ci === undefined ? '' : join(ci.provider, ci.jobUrl)],
    ['Remotes', Object.values(code?.remotes ?? {}).join(', ')]
  ]
  return facts.filter(([, text]) => text !== '')
}

function Listing({
  title,
  entries
}: {
  readonly title: string
  readonly entries: { readonly [name: string]: string }
}) {
  const [search, setSearch] = useState('')
  const all = Object.entries(entries)
  if (all.length === 0) return null
  const wanted = search.toLowerCase()
  const shown = all.filter(([name, value]) => `${name} ${value}`.toLowerCase().includes(wanted))
  return (
    <Section
      title={title}
      count={all.length}
      isWide
      actions={
        all.length < 10 ? undefined : (
          <input
            class="input"
            type="search"
            placeholder="Search"
            aria-label={`Search in ${title.toLowerCase()}`}
            value={search}
            onInput={({ currentTarget: { value } }) => setSearch(value)}
          />
        )
      }
    >
      <div class="listing" tabindex={0} role="group" aria-label={title}>
        <Pairs entries={shown} />
      </div>
    </Section>
  )
}

function Pairs({ entries }: { readonly entries: readonly (readonly [string, string])[] }) {
  return (
    <dl class="pairs">
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
