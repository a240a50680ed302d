import type { ComputationRecord, ResultRecord, SplitRecord } from '../../model/records.ts'
import type { StoredObject } from '../../service/objects.ts'
import type { Filter } from '../../service/query.ts'
import type { Workspace } from '../../service/workspace.ts'
import type { RunRow, SourceProblem } from './answers.ts'
import { damageOf, problemOf } from './failures.ts'
import type { RunRequest } from './requests.ts'
import type { ArtifactSummaryEntry, LiveSign, RunAnswer } from './run-answers.ts'
import { rowOf } from './run-rows.ts'
import type { CallOptions } from './source.ts'

/** The type of metrics that are the summary of a series. */
const SERIES_TYPE = 'series'

/** Reads a run's page; a part that can't be read is told of, the others are there. */
export async function readRun(
  workspace: Workspace,
  { address, family = true }: RunRequest,
  { signal }: CallOptions
): Promise<RunAnswer> {
  const run = await requireRun(workspace, address)
  const problems: SourceProblem[] = []
  const attempt = async <T>(part: Promise<T>): Promise<T | undefined> => {
    try {
      return await part
    } catch (error) {
      signal?.throwIfAborted()
      problems.push(problemOf(error))
      return undefined
    }
  }
  const parts = listerOf(run.address, (damage) => problems.push(damageOf(damage)))
  const experiment = await attempt(
    workspace.experiments.get(`${run.project}/${run.key.experiment}`)
  )
  const { execution } = run.fields
  const [environment, stored, live] = await Promise.all([
    attempt(workspace.environments.get(`${run.address}/environment`)),
    attempt(workspace.runs.code(run.address)),
    attempt(readSign(workspace, run))
  ])
  const [splits, computations, metrics, results, artifacts] = [
    await attempt(parts<StoredObject<'split'>>(workspace.splits)),
    await attempt(parts<StoredObject<'computation'>>(workspace.computations)),
    await attempt(parts<StoredObject<'metric'>>(workspace.metrics)),
    await attempt(parts<StoredObject<'result'>>(workspace.results)),
    await attempt(collectArtifacts(workspace, run.address))
  ]
  const { parent, previous, children } = family
    ? await readFamily(workspace, run, attempt)
    : { parent: undefined, previous: undefined, children: undefined }
  return {
    address: run.address,
    id: run.id,
    project: run.project,
    experiment: run.key.experiment,
    commitOid: run.commitOid,
    record: run.fields,
    declarations: experiment?.fields.metrics ?? {},
    ...(environment === undefined ? {} : { environment: environment.fields }),
    ...(execution === undefined || stored === undefined
      ? {}
      : { execution: { id: execution, record: stored.record } }),
    splits: (splits ?? []).map(({ fields }) => shortened(fields)),
    computations: (computations ?? []).map(({ fields }): ComputationRecord => fields),
    structured: (metrics ?? [])
      .filter(({ fields }) => fields.type !== SERIES_TYPE)
      .map(({ fields: { name, type, split } }) => ({
        name,
        ...(type === undefined ? {} : { type }),
        ...(split === undefined ? {} : { split })
      })),
    results: (results ?? []).map(({ fields }): ResultRecord => fields),
    artifacts: artifacts ?? [],
    children: children ?? [],
    ...(parent === undefined ? {} : { parent }),
    ...(previous === undefined ? {} : { previous }),
    ...(live === undefined ? {} : { live }),
    problems
  }
}

/** Of longer lists of indices only the count is told. */
const MAX_INDICES = 1000

function shortened(split: SplitRecord): SplitRecord {
  const parts = (['train', 'test', 'validation'] as const).flatMap((name) => {
    const { indices, count } = split[name] ?? {}
    const isLong = indices !== undefined && indices.length > MAX_INDICES
    return isLong ? [[name, { count: count ?? indices.length }]] : []
  })
  return { ...split, ...Object.fromEntries(parts) }
}

/** Reads a run. @throws STORE_NOT_FOUND, STORE_WRONG_KIND */
export async function requireRun(
  workspace: Workspace,
  address: string
): Promise<StoredObject<'run'>> {
  const run = await workspace.runs.get(address)
  if (run !== undefined) return run
  // Throws what says why there is none.
  await workspace.runs.text(address)
  throw new TypeError(`${address} is no run`)
}

type Damage = Parameters<typeof damageOf>[0]

/** Makes what lists the objects of a kind in a run. */
function listerOf(address: string, onDamaged: (damage: Damage) => void) {
  return async <O>(service: {
    list(options: {
      readonly in: string
      readonly onDamaged: (damage: Damage) => void
    }): AsyncIterable<O>
  }): Promise<readonly O[]> => {
    const found: O[] = []
    for await (const object of service.list({ in: address, onDamaged })) found.push(object)
    return found
  }
}

async function collectArtifacts(
  { artifacts }: Workspace,
  address: string
): Promise<readonly ArtifactSummaryEntry[]> {
  const found: ArtifactSummaryEntry[] = []
  for await (const { address: _, ...entry } of artifacts.list(address)) found.push(entry)
  return found
}

/** Tells whether the process of a run lives; `undefined` if none logs here. */
async function readSign(
  workspace: Workspace,
  run: StoredObject<'run'>
): Promise<LiveSign | undefined> {
  if (run.fields.status !== 'running') return undefined
  for await (const { alive, silentMs } of workspace.runs.live({ in: run.address })) {
    return { silentMs, ...(alive === undefined ? {} : { alive }) }
  }
  return undefined
}

type Attempt = <T>(part: Promise<T>) => Promise<T | undefined>

/** Reads the runs that a run belongs to: its parent, its children, the one before it. */
async function readFamily(
  workspace: Workspace,
  run: StoredObject<'run'>,
  attempt: Attempt
): Promise<{
  readonly parent: RunRow | undefined
  readonly previous: RunRow | undefined
  readonly children: readonly RunRow[] | undefined
}> {
  const { parent, started, created } = run.fields
  const place = { in: `${run.project}/${run.key.experiment}` }
  const before: Filter = { op: '<', field: ['time'], value: { time: started ?? created } }
  const among: Filter =
    parent === undefined
      ? { op: 'not', filter: { op: 'exists', field: ['parent'] } }
      : { op: '=', field: ['parent'], value: parent }
  const previousOf = async (): Promise<RunRow | undefined> => {
    const filter: Filter = { op: 'and', filters: [before, among] }
    const { rows } = await workspace.runs.find({ ...place, filter, limit: 1 })
    return rows[0] && rowOf(rows[0].run)
  }
  const childrenOf = async (): Promise<readonly RunRow[]> => {
    const filter: Filter = { op: '=', field: ['parent'], value: run.id }
    const { rows } = await workspace.runs.find({ ...place, filter, sort: 'time' })
    return rows.map(({ run: child }) => rowOf(child))
  }
  return {
    parent: parent === undefined ? undefined : await attempt(readParent(workspace, run, parent)),
    previous: await attempt(previousOf()),
    children: await attempt(childrenOf())
  }
}

async function readParent(
  { runs }: Workspace,
  run: StoredObject<'run'>,
  parent: string
): Promise<RunRow | undefined> {
  const found = await runs.get(`${run.project}/${run.key.experiment}/${parent}`)
  return found && rowOf(found)
}
