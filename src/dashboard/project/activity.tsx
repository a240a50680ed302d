import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { dataVersion } from '../live.ts'
import { Button } from '../parts/button.tsx'
import { CsvButton } from '../parts/csv-button.tsx'
import { Ago } from '../parts/labels.tsx'
import { Link } from '../parts/link.tsx'
import { More } from '../parts/more.tsx'
import { usePages } from '../parts/pages.ts'
import { Section } from '../parts/section.tsx'
import type { ActivityEntry } from '../source/answers.ts'
import type { Source } from '../source/source.ts'
import { groupActivity } from './activity-groups.ts'
import { commitTable } from './commit-table.ts'

const SHOWN = 8
const PAGE = 50

/** Who did what when in a project, newest first; what somebody did in a row is told as one. */
export function Activity(props: {
  readonly source: Source
  readonly project: string
}): JSX.Element {
  const { source, project } = props
  const [isAll, setAll] = useState(false)
  const pages = usePages(
    async ({ from, limit }, call) => {
      const wish = { address: project, limit, ...(from === undefined ? {} : { from }) }
      const { entries, next } = await source.activity(wish, call)
      return { entries, next }
    },
    [project, dataVersion.value],
    PAGE
  )
  const groups = groupActivity(pages.entries ?? [])
  const isMore = !isAll && groups.length > SHOWN
  return (
    <Section
      title="Activity"
      isWide
      actions={
        <CsvButton
          name={`${project}/activity`}
          what="what was read"
          size="small"
          tone="quiet"
          disabled={groups.length === 0}
          read={() => commitTable(pages.entries ?? [])}
        />
      }
    >
      <ol class="rows activity">
        {groups.slice(0, isAll ? undefined : SHOWN).map(({ text, entries }) => (
          <li key={entries[0].commitOid}>
            <div>
              <p class="muted small">
                <strong title={entries[0].author.email}>{entries[0].author.name}</strong>
                <InExperiment project={props.project} experiment={entries[0].experiment} />
              </p>
              {entries.length === 1 ? (
                <Deed entry={entries[0]} project={props.project} />
              ) : (
                <details>
                  <summary>{text}</summary>
                  <ol>
                    {entries.map((entry) => (
                      <li key={entry.commitOid} title={entry.commitOid}>
                        <Deed entry={entry} project={props.project} />
                      </li>
                    ))}
                  </ol>
                </details>
              )}
            </div>
            <span class="muted small nowrap" title={entries[0].commitOid}>
              <Ago time={entries[0].time} />
            </span>
          </li>
        ))}
      </ol>
      {isMore ? (
        <p class="card-line more-line">
          <Button label="Show more" size="small" tone="quiet" onClick={() => setAll(true)} />
        </p>
      ) : (
        <More pages={pages} entry="commit" />
      )}
    </Section>
  )
}

function InExperiment(props: {
  readonly project: string
  readonly experiment: string | undefined
}): JSX.Element | null {
  const { project, experiment } = props
  if (experiment === undefined) return null
  return (
    <>
      {' in '}
      <Link to={{ page: 'runs', address: `${project}/${experiment}` }}>{experiment}</Link>
    </>
  )
}

/** What a commit says of itself; the run that it names is a link. */
function Deed(props: { readonly entry: ActivityEntry; readonly project: string }): JSX.Element {
  const { subject, experiment } = props.entry
  const [, operation, run] = /^(\S+) run (\S+)$/.exec(subject) ?? []
  if (experiment === undefined || operation === undefined || run === undefined) {
    return <p class="clamp">{subject}</p>
  }
  return (
    <p>
      {operation} run{' '}
      <Link to={{ page: 'run', address: `${props.project}/${experiment}/${run}` }}>{run}</Link>
    </p>
  )
}
