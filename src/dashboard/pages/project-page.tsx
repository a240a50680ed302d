import type { JSX } from 'preact'
import { dataVersion } from '../live.ts'
import { CsvButton } from '../parts/csv-button.tsx'
import { Ago, Tags, type Tone } from '../parts/labels.tsx'
import { Link } from '../parts/link.tsx'
import { useLoad } from '../parts/load.ts'
import { Markdown } from '../parts/markdown.tsx'
import { RemoteStates } from '../parts/remote-states.tsx'
import { ScrollX } from '../parts/scroll-x.tsx'
import { Section } from '../parts/section.tsx'
import { Empty, Show, wayUp } from '../parts/states.tsx'
import { formatBytes, formatCount, formatNumber } from '../parts/text.ts'
import { Activity } from '../project/activity.tsx'
import { datasetTable, experimentTable } from '../project/project-tables.ts'
import type { PageProps } from '../shell.tsx'
import type {
  BestEntry,
  DatasetSummary,
  ExperimentSummary,
  ProjectAnswer
} from '../source/answers.ts'
import type { Source } from '../source/source.ts'

/** A project: its experiments with their best runs, what it is about, its data, and who did what. */
export function ProjectPage({ source, route }: PageProps): JSX.Element {
  const { address } = route
  const project = useLoad(
    (signal) => source.project({ address }, { signal }),
    [address, dataVersion.value],
    { keep: true }
  )
  return (
    <div class="page">
      <Show loaded={project} lines={10} wayOut={wayUp(address)}>
        {(answer) => <Project source={source} answer={answer} />}
      </Show>
    </div>
  )
}

function Project(props: { readonly source: Source; readonly answer: ProjectAnswer }): JSX.Element {
  const { source, answer } = props
  const { slug, record, readme, experiments, datasets, remotes, problems } = answer
  return (
    <>
      <div class="page-head">
        <div>
          <h1>{record.name}</h1>
          {record.description === undefined ? null : <p>{record.description}</p>}
          {record.tags === undefined || record.tags.length === 0 ? null : (
            <Tags tags={record.tags} />
          )}
        </div>
        <Link to={{ page: 'sync', address: slug }} class="plain-link" title="To sync and conflicts">
          <RemoteStates remotes={remotes} />
        </Link>
      </div>
      {problems.map(({ message, hint }, index) => (
        <p class="banner bad" key={index} role="alert">
          {message} {hint}
        </p>
      ))}
      <Section
        title="Experiments"
        count={experiments.length}
        isWide
        actions={
          experiments.length === 0 ? undefined : (
            <CsvButton
              name={`${slug}/experiments`}
              what="the experiments"
              size="small"
              tone="quiet"
              read={() => experimentTable(experiments)}
            />
          )
        }
      >
        {experiments.length === 0 ? (
          <Empty title="No experiment yet" icon="experiment">
            <p>The first run makes one.</p>
            <pre>runtree run --project {slug} -- python train.py</pre>
          </Empty>
        ) : (
          <Experiments experiments={experiments} />
        )}
      </Section>
      <div class="two-columns">
        {readme === undefined || readme.trim() === '' ? null : (
          <Section title="README">
            <Markdown text={readme} />
          </Section>
        )}
        <div class="column">
          {datasets.length === 0 ? null : (
            <Section
              title="Datasets"
              count={datasets.length}
              isWide
              actions={
                <CsvButton
                  name={`${slug}/datasets`}
                  what="the datasets"
                  size="small"
                  tone="quiet"
                  read={() => datasetTable(datasets)}
                />
              }
            >
              <Datasets datasets={datasets} />
            </Section>
          )}
          <Activity source={source} project={slug} />
        </div>
      </div>
    </>
  )
}

/** Those in which something happened last come first. */
function Experiments(props: { readonly experiments: readonly ExperimentSummary[] }): JSX.Element {
  const ordered = props.experiments.toSorted((a, b) =>
    (b.lastStarted ?? '').localeCompare(a.lastStarted ?? '')
  )
  return (
    <ScrollX>
      <table class="plain-table experiments">
        <thead>
          <tr>
            <th scope="col">Experiment</th>
            <th scope="col" class="right">
              Runs
            </th>
            <th scope="col">Best run</th>
            <th scope="col">Last start</th>
          </tr>
        </thead>
        <tbody>
          {ordered.map((experiment) => (
            <ExperimentRow key={experiment.slug} experiment={experiment} />
          ))}
        </tbody>
      </table>
    </ScrollX>
  )
}

/** By so many metrics the best run is named. */
const SHOWN_BEST = 4

function ExperimentRow({ experiment }: { readonly experiment: ExperimentSummary }): JSX.Element {
  const { address, slug, record, runs, running, failed, best, lastStarted } = experiment
  // Those of the whole before those of parts, such as `val/loss`.
  const isPart = ({ metric }: BestEntry): number => Number(metric.includes('/'))
  const ordered = best.toSorted((a, b) => isPart(a) - isPart(b))
  return (
    <tr>
      <td>
        <Link to={{ page: 'runs', address }} class="strong">
          {record.name || slug}
        </Link>
        {record.description === undefined ? null : (
          <p class="muted small clamp">{record.description}</p>
        )}
      </td>
      <td class="right">
        {formatNumber(runs)}
        <span class="phone-only">{runs === 1 ? ' run' : ' runs'}</span>
        <span class="run-states">
          <RunsOfStatus address={address} status="running" tone="busy" count={running} />
          <RunsOfStatus address={address} status="failed" tone="bad" count={failed} />
        </span>
      </td>
      <td>
        {best.length === 0 ? (
          <span class="muted">no goal is declared</span>
        ) : (
          <ul class="bests">
            {ordered.slice(0, SHOWN_BEST).map((entry) => (
              <Best key={entry.metric} entry={entry} />
            ))}
            {best.length > SHOWN_BEST ? (
              <li>
                <Link to={{ page: 'runs', address }}>and by {best.length - SHOWN_BEST} more</Link>
              </li>
            ) : null}
          </ul>
        )}
      </td>
      <td class="muted nowrap">{lastStarted === undefined ? '–' : <Ago time={lastStarted} />}</td>
    </tr>
  )
}

/** How many runs stand so, and the way to them. */
function RunsOfStatus(props: {
  readonly address: string
  readonly status: string
  readonly tone: Tone
  readonly count: number
}): JSX.Element | null {
  const { address, status, tone, count } = props
  if (count === 0) return null
  const to = { page: 'runs', address, params: { filter: `status = ${status}` } } as const
  return (
    <Link to={to} class={`badge ${tone}`}>
      {formatNumber(count)} {status}
    </Link>
  )
}

function Best({ entry }: { readonly entry: BestEntry }): JSX.Element {
  const { metric, declaration, value, run, runName } = entry
  const goal = declaration.goal === 'minimize' ? 'least' : 'greatest'
  return (
    <li>
      <span class="muted best-metric" title={declaration.description}>
        {goal} {metric}
      </span>{' '}
      <span class="best-value">
        <strong class="numeric">{formatNumber(value)}</strong>
        {declaration.unit === undefined ? '' : ` ${declaration.unit}`}
      </span>{' '}
      <Link to={{ page: 'run', address: run }} class="best-run">
        {runName ?? run.split('/').at(-1)}
      </Link>
    </li>
  )
}

function Datasets({ datasets }: { readonly datasets: readonly DatasetSummary[] }): JSX.Element {
  return (
    <ul class="rows">
      {datasets.map(({ slug, record }) => (
        <li key={slug}>
          <div>
            <strong>{record.name}</strong>
            {record.version === undefined ? null : <span class="muted"> {record.version}</span>}
            {record.description === undefined ? null : (
              <p class="muted small clamp">{record.description}</p>
            )}
          </div>
          <span class="muted small nowrap">
            {[
              record.rows === undefined ? '' : formatCount(record.rows, 'row'),
              record.attributes === undefined
                ? ''
                : formatCount(record.attributes.length, 'column'),
              record.sizeBytes === undefined ? '' : formatBytes(record.sizeBytes)
            ]
              .filter((part) => part !== '')
              .join(' · ')}
          </span>
        </li>
      ))}
    </ul>
  )
}
