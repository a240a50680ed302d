import { formatTime } from '../../base/time.ts'
import type { MetricDeclaration } from '../../model/records.ts'
import type { StoredObject } from '../../service/objects.ts'
import type { ProjectStatus } from '../../service/sync.ts'
import type { Workspace } from '../../service/workspace.ts'
import type {
  BestEntry,
  DatasetSummary,
  ExperimentSummary,
  ProjectAnswer,
  ProjectSummary,
  RemoteState,
  SourceProblem
} from './answers.ts'
import { damageOf, problemOf } from './failures.ts'
import type { AddressRequest, CallOptions } from './source.ts'

/** How the runs of an experiment stand. */
interface Counts {
  readonly runs: number
  readonly running: number
  readonly failed: number
}

/** Answers what there is. */
export function createProjectPages(workspace: Workspace) {
  return {
    projects: (_: object, { signal }: CallOptions) => listProjects(workspace, signal),
    project: (request: AddressRequest, { signal }: CallOptions) =>
      readProject(workspace, request.address, signal)
  }
}

async function listProjects(
  workspace: Workspace,
  signal: AbortSignal | undefined
): Promise<readonly ProjectSummary[]> {
  const found: ProjectSummary[] = []
  const damaged: ProjectSummary[] = []
  const projects = workspace.projects.list({
    onDamaged: ({ path, error }) => damaged.push(unreadable(path, problemOf(error)))
  })
  for await (const project of projects) {
    signal?.throwIfAborted()
    found.push(
      await summarize(workspace, project).catch((error: unknown) => {
        signal?.throwIfAborted()
        return unreadable(project.id, problemOf(error))
      })
    )
  }
  return [...found, ...damaged]
}

function unreadable(path: string, problem: SourceProblem): ProjectSummary {
  const slug =
    path
      .split('/')
      .pop()
      ?.replace(/\.git$/, '') ?? path
  return { slug, name: slug, tags: [], experiments: 0, runs: 0, running: 0, remotes: [], problem }
}

async function summarize(
  workspace: Workspace,
  { id, fields }: StoredObject<'project'>
): Promise<ProjectSummary> {
  const counts = [...(await countRuns(workspace, id)).values()]
  const sum = (name: keyof Counts): number => counts.reduce((all, each) => all + each[name], 0)
  const lastStarted = await lastStartOf(workspace, id)
  return {
    slug: id,
    name: fields.name,
    tags: fields.tags ?? [],
    experiments: (await slugsOf(workspace, id)).length,
    runs: sum('runs'),
    running: sum('running'),
    remotes: await readRemotes(workspace, id),
    ...(fields.description === undefined ? {} : { description: fields.description }),
    ...(lastStarted === undefined ? {} : { lastStarted })
  }
}

async function slugsOf({ experiments }: Workspace, project: string): Promise<readonly string[]> {
  const slugs: string[] = []
  for await (const { id } of experiments.list({ in: project })) slugs.push(id)
  return slugs
}

/** Counts runs by experiment. */
async function countRuns(
  { runs }: Workspace,
  address: string
): Promise<ReadonlyMap<string, Counts>> {
  const counts = new Map<string, Counts>()
  const { groups } = await runs.group({ in: address, by: ['experiment', 'status'] })
  for (const { key, count } of groups) {
    const [experiment, status] = key as [string, string]
    const known = counts.get(experiment) ?? { runs: 0, running: 0, failed: 0 }
    counts.set(experiment, {
      runs: known.runs + count,
      running: known.running + (status === 'running' ? count : 0),
      failed: known.failed + (status === 'failed' ? count : 0)
    })
  }
  return counts
}

async function lastStartOf({ runs }: Workspace, address: string): Promise<string | undefined> {
  const { rows } = await runs.find({ in: address, limit: 1 })
  const fields = rows[0]?.run.fields
  return fields?.started ?? fields?.created
}

/** Tells how a project stands to its remotes, as far as is known here. */
async function readRemotes(workspace: Workspace, project: string): Promise<readonly RemoteState[]> {
  const { remotes } = await workspace.status({ in: project, conflicts: false })
  return remotes.map(stateOf)
}

function stateOf({
  remote,
  refs,
  askedMs,
  isOffline,
  queue
}: ProjectStatus['remotes'][number]): RemoteState {
  const count = (...statuses: readonly string[]): number =>
    refs.filter(({ status }) => statuses.includes(status)).length
  return {
    name: remote.name,
    url: remote.url,
    ahead: count('ahead', 'new'),
    behind: count('behind'),
    diverged: count('diverged'),
    isOffline,
    queued: queue.experiments,
    ...(askedMs === undefined ? {} : { asked: formatTime(askedMs) }),
    ...(queue.failure === undefined ? {} : { failure: queue.failure })
  }
}

async function readProject(
  workspace: Workspace,
  address: string,
  signal: AbortSignal | undefined
): Promise<ProjectAnswer> {
  const { id, fields } = await requireProject(workspace, address)
  const problems: SourceProblem[] = []
  const orNone = async <T>(part: Promise<T>, none: T): Promise<T> => {
    try {
      return await part
    } catch (error) {
      signal?.throwIfAborted()
      problems.push(problemOf(error))
      return none
    }
  }
  const onDamaged = (damage: Parameters<typeof damageOf>[0]): void =>
    void problems.push(damageOf(damage))
  const counts = await orNone(countRuns(workspace, id), new Map<string, Counts>())
  const experiments: ExperimentSummary[] = []
  for await (const experiment of workspace.experiments.list({ in: id, onDamaged })) {
    signal?.throwIfAborted()
    const none = { runs: 0, running: 0, failed: 0 }
    experiments.push({
      ...(await describeExperiment(experiment, (part, other) => orNone(part, other), workspace)),
      ...(counts.get(experiment.id) ?? none)
    })
  }
  const datasets: DatasetSummary[] = []
  for await (const dataset of workspace.datasets.list({ in: id, onDamaged })) {
    datasets.push({ slug: dataset.id, address: dataset.address, record: dataset.fields })
  }
  const readme = await orNone(workspace.projects.readme(id), undefined)
  return {
    slug: id,
    record: fields,
    ...(readme === undefined ? {} : { readme }),
    experiments,
    datasets,
    remotes: await orNone(readRemotes(workspace, id), []),
    problems
  }
}

async function requireProject(
  workspace: Workspace,
  address: string
): Promise<StoredObject<'project'>> {
  const project = await workspace.projects.get(address)
  if (project !== undefined) return project
  // Throws what says why there is none.
  await workspace.projects.readme(address)
  throw new TypeError(`${address} is no project`)
}

type Or = <T>(part: Promise<T>, none: T) => Promise<T>

async function describeExperiment(
  { id, address, fields }: StoredObject<'experiment'>,
  orNone: Or,
  workspace: Workspace
): Promise<Omit<ExperimentSummary, keyof Counts>> {
  const best: BestEntry[] = []
  for (const [metric, declaration] of Object.entries(fields.metrics ?? {})) {
    if (declaration.goal === undefined) continue
    const found = await orNone(readBest(workspace, address, metric, declaration), undefined)
    if (found !== undefined) best.push(found)
  }
  const lastStarted = await orNone(lastStartOf(workspace, address), undefined)
  const last = lastStarted === undefined ? {} : { lastStarted }
  return { slug: id, address, record: fields, best, ...last }
}

async function readBest(
  { runs }: Workspace,
  address: string,
  metric: string,
  declaration: MetricDeclaration
): Promise<BestEntry | undefined> {
  const { rows } = await runs.best({ in: address, metric })
  const [found] = rows
  const [value] = found?.values ?? []
  if (found === undefined || typeof value !== 'number') return undefined
  const { name } = found.run.fields
  const run = { run: found.run.address, ...(name === undefined ? {} : { runName: name }) }
  return { metric, declaration, value, ...run }
}
