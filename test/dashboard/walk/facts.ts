import { createHash } from 'node:crypto'
import type { StoredObject } from '../../../src/service/objects.ts'
import type { Workspace } from '../../../src/service/workspace.ts'
import { git, gitBytes } from '../../support/git.ts'

/** A project that is walked through, and what of it is asked about. */
export interface Study {
  readonly project: string
  readonly experiment: string
  readonly metric: string
  /** The series that is looked at: its chart, and what its line is called behind the name of the run. */
  readonly curve: {
    readonly metric: string
    readonly split?: string
    readonly chart: string
    readonly line: string
  }
  /** The result whose rows have `truth` and `prediction`. */
  readonly result: string
  readonly file: string
  /** The name of the run in progress. */
  readonly going: string
  /** Where the code lies; absent if none was recorded. */
  readonly code?: string
}

/** What is so of a run, as a person should find out. */
export interface RunFacts {
  readonly value: number
  /** The run that started before it, and the parameters in which they differ: name, there, here. */
  readonly previous: string
  readonly changed: readonly (readonly [string, string, string])[]
  readonly mistake:
    | { readonly actual: string; readonly predicted: string; readonly count: number }
    | undefined
  readonly wrong: number
  readonly cases: number
  readonly curve: { readonly first: number; readonly last: number }
  readonly file: { readonly digest: string; readonly text: string }
  /** Who did what, by git. */
  readonly history: readonly (readonly [string, string])[]
  readonly commit: string | undefined
}

/** What is so of a project. */
export interface Facts {
  readonly study: Study
  readonly total: number
  /** The runs with the greatest value, of which there may be several. */
  readonly best: readonly string[]
  of(name: string): Promise<RunFacts>
}

type Stored = StoredObject<'run'>

/** Finds out what is so by reading every run and by asking git: without filters, indexes and comparisons. */
export async function gatherFacts(
  workspace: Workspace,
  repository: string,
  study: Study
): Promise<Facts> {
  const runs: Stored[] = []
  const place = `${study.project}/${study.experiment}`
  for await (const run of workspace.runs.list({ in: place })) runs.push(run)
  const metricOf = ({ fields }: Stored): number =>
    fields.metrics?.[study.metric]?.last ?? Number.NEGATIVE_INFINITY
  const greatest = runs.reduce(
    (most, run) => Math.max(most, metricOf(run)),
    Number.NEGATIVE_INFINITY
  )
  const nameOf = ({ fields, id }: Stored): string => fields.name ?? id
  const find = (name: string): Stored => {
    const found = runs.find((run) => nameOf(run) === name)
    if (found === undefined) throw new TypeError(`there is no run ${name}`)
    return found
  }
  return {
    study,
    total: runs.length,
    best: runs.filter((run) => metricOf(run) === greatest).map(nameOf),
    async of(name) {
      const run = find(name)
      const earlier = runs.filter(({ fields }) => startOf(fields) < startOf(run.fields))
      const previous = earlier.reduce((a, b) => (startOf(a.fields) < startOf(b.fields) ? b : a))
      return {
        value: metricOf(run),
        previous: nameOf(previous),
        changed: changesOf(previous.fields.params, run.fields.params),
        ...(await casesOf(workspace, run, study.result)),
        curve: await curveOf(workspace, run, study.curve),
        ...readByGit(repository, run, study)
      }
    }
  }
}

function startOf({ started }: Stored['fields']): string {
  return started ?? ''
}

function changesOf(before: object = {}, after: object = {}): RunFacts['changed'] {
  const [left, right] = [new Map(Object.entries(before)), new Map(Object.entries(after))]
  const names = [...new Set([...left.keys(), ...right.keys()])]
  const textOf = (value: unknown): string => (value === undefined ? '–' : String(value))
  return names
    .filter((name) => left.get(name) !== right.get(name))
    .map((name) => [name, textOf(left.get(name)), textOf(right.get(name))])
}

async function casesOf(
  workspace: Workspace,
  { address }: Stored,
  result: string
): Promise<Pick<RunFacts, 'mistake' | 'wrong' | 'cases'>> {
  const counts = new Map<string, number>()
  let [wrong, cases] = [0, 0]
  for await (const { truth, prediction } of workspace.runs.rows(address, result)) {
    cases++
    if (truth === prediction) continue
    wrong++
    const kind = JSON.stringify([truth, prediction])
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  const [worst] = [...counts].sort((a, b) => b[1] - a[1])
  if (worst === undefined) return { mistake: undefined, wrong, cases }
  const [actual, predicted] = JSON.parse(worst[0])
  return { mistake: { actual, predicted, count: worst[1] }, wrong, cases }
}

async function curveOf(
  workspace: Workspace,
  { address }: Stored,
  { metric, split }: Study['curve']
): Promise<RunFacts['curve']> {
  const values: number[] = []
  for await (const point of workspace.runs.series(address, { metrics: [metric] })) {
    if (point.split === split) values.push(point.value)
  }
  return { first: values[0] as number, last: values.at(-1) as number }
}

function readByGit(
  repository: string,
  { id }: Stored,
  { experiment, file, code }: Study
): Pick<RunFacts, 'file' | 'history' | 'commit'> {
  const branch = `experiments/${experiment}`
  const paths = git(repository, ['ls-tree', '-r', '--name-only', branch]).trim().split('\n')
  const record = paths.find((path) => path.endsWith(`${id}/run.yaml`)) as string
  const folder = record.slice(0, record.lastIndexOf('/'))
  const bytes = gitBytes(repository, ['show', `${branch}:${folder}/artifacts/${file}`])
  const log = git(repository, ['log', '--format=%an%x09%s', branch, '--', folder]).trim()
  return {
    file: {
      digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
      text: bytes.toString('utf8')
    },
    history: log.split('\n').map((line) => line.split('\t') as [string, string]),
    commit: code === undefined ? undefined : git(code, ['rev-parse', 'HEAD']).trim()
  }
}
