import type { StoredObject } from '../../service/objects.ts'
import type { Workspace } from '../../service/workspace.ts'
import { chooseAddress, ONE_RUN } from '../choose-runs.ts'
import { defineCommand, optional, text, whole } from '../command.ts'
import type { Context } from '../context.ts'
import {
  collect,
  findObject,
  isKind,
  isStructured,
  readEnvironment,
  recoverRuns,
  revisionOf
} from '../find.ts'
import { newestFirst } from '../listing.ts'
import { formatObjectPage } from '../object-page.ts'
import { formatExperimentTable } from '../object-tables.ts'
import { formatSection } from '../page.ts'
import { type Describable, flatObject, print, printJson } from '../print.ts'
import { printable } from '../printable.ts'
import { formatRunPage, type RunPage } from '../run-page.ts'
import { formatRows } from '../run-parts.ts'
import { formatRunTable } from '../run-table.ts'
import { formatValue } from '../values.ts'

const SHOWN_RUNS = 10

/** `runtree show`. */
export const show = defineCommand({
  description:
    'Shows an object as a page: a run with its parameters, metrics, splits, computations, results, ' +
    'artifacts, child runs and environment; an experiment with its last runs; a dataset with its ' +
    'attributes; a result with its first rows.',
  arguments: { address: optional('what to show; with --filter, where the run is searched') },
  options: {
    at: text('--at <commit>', 'as it was at a commit or tag'),
    limit: whole('-n, --limit <count>', `at most this many runs or rows (${SHOWN_RUNS})`),
    ...ONE_RUN
  },
  examples: [
    ['show k3f9', 'the run whose id begins so'],
    ['show train', 'an experiment'],
    ['show k3f9@4be1c02', 'a run as it was at a commit'],
    ['show train -f "status = finished" -s -accuracy', 'the best of some runs'],
    ['show vision/train/k3f9/results/cases -n 3', 'the first rows of a result']
  ],
  async run(context, { args, options }) {
    const workspace = await context.open()
    await recoverRuns(context, workspace)
    const { filter, sort } = options
    const at = options.at ?? revisionOf(args.address)
    const address = await chooseAddress(context, workspace, { in: args.address, filter, sort, at })
    const object = await findObject(context, workspace, address, at)
    const limit = options.limit ?? SHOWN_RUNS
    if (isKind(object, 'run')) return showRun(context, workspace, object, at)
    if (context.json) return void (await printJson(context, flatObject(object)))
    const below = await formatBelow(context, workspace, object, limit)
    await print(context, formatObjectPage(context, object) + below)
    return undefined
  }
})

async function showRun(
  context: Context,
  workspace: Workspace,
  run: StoredObject<'run'>,
  at: string | undefined
): Promise<undefined> {
  const page = await readRunPage(context, workspace, run, at)
  if (!context.json) return void (await print(context, formatRunPage(context, page)))
  const { environment, artifacts } = page
  const flat = (objects: readonly Describable[]) => objects.map(flatObject)
  await printJson(context, {
    ...flatObject(run),
    below: {
      splits: flat(page.splits),
      computations: flat(page.computations),
      metrics: flat(page.metrics),
      results: flat(page.results),
      children: page.children.map((child) => child.address),
      artifacts,
      ...(environment === undefined ? {} : { environment: flatObject(environment) })
    }
  })
  return undefined
}

async function readRunPage(
  context: Context,
  workspace: Workspace,
  run: StoredObject<'run'>,
  at: string | undefined
): Promise<RunPage> {
  const { signal } = context
  const read = { signal, ...(at === undefined ? {} : { at }) }
  const below = { in: run.address, ...read }
  return {
    run,
    splits: await collect(context, (onDamaged) => workspace.splits.list({ ...below, onDamaged })),
    computations: await collect(context, (onDamaged) =>
      workspace.computations.list({ ...below, onDamaged })
    ),
    metrics: (
      await collect(context, (onDamaged) => workspace.metrics.list({ ...below, onDamaged }))
    ).filter(isStructured),
    results: await collect(context, (onDamaged) => workspace.results.list({ ...below, onDamaged })),
    artifacts: await collect(context, () => workspace.artifacts.list(run.address, read)),
    children: await collect(context, () => workspace.runs.children(run.address)),
    environment: await readEnvironment(context, () =>
      workspace.environments.get(`${run.address}/environment`, read)
    )
  }
}

async function formatBelow(
  context: Context,
  workspace: Workspace,
  object: StoredObject,
  limit: number
): Promise<string> {
  const { signal } = context
  if (isKind(object, 'experiment')) {
    const runs = await collect(context, (onDamaged) =>
      workspace.runs.list({ in: object.address, onDamaged, signal })
    )
    const last = newestFirst(runs).slice(0, limit)
    const title = runs.length > limit ? `Last ${limit} of ${runs.length} runs` : 'Runs'
    return last.length === 0
      ? ''
      : `\n${context.colors.bold(title)}\n${formatRunTable(context, last)}`
  }
  if (isKind(object, 'project')) {
    const place = object.project === workspace.project ? {} : { in: object.address }
    const experiments = await collect(context, (onDamaged) =>
      workspace.experiments.list({ ...place, onDamaged, signal })
    )
    const runs = await collect(context, (onDamaged) =>
      workspace.runs.list({ ...place, onDamaged, signal })
    )
    if (experiments.length === 0) return ''
    const table = formatExperimentTable(context, experiments, runs)
    return `\n${context.colors.bold('Experiments')}\n${table}`
  }
  if (isKind(object, 'result')) return formatFirstRows(context, workspace, object, limit)
  return ''
}

async function formatFirstRows(
  context: Context,
  workspace: Workspace,
  result: StoredObject<'result'>,
  limit: number
): Promise<string> {
  const run = `${result.project}/${result.key.experiment}/${result.key.run}`
  const rows = []
  for await (const row of workspace.runs.rows(run, result.key.name, { signal: context.signal })) {
    rows.push(row)
    if (rows.length >= limit) break
  }
  const columns = result.fields.columns ?? []
  const body = formatRows(
    context,
    columns.map(({ name, type }, rank) => ({
      title: printable(name),
      rank,
      align: type === 'number' || type === 'integer' ? 'right' : 'left'
    })),
    rows.map((row) => columns.map(({ name }) => formatValue(row[name])))
  )
  return formatSection(context, `First ${rows.length} rows`, body)
}
