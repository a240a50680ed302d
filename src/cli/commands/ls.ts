import type { StoredObject } from '../../service/objects.ts'
import type { Workspace } from '../../service/workspace.ts'
import { runSource } from '../choose-runs.ts'
import { defineCommand, flag, optional, text, texts, whole } from '../command.ts'
import type { Context } from '../context.ts'
import { cliErrors, usageError } from '../errors.ts'
import { collect, recoverRuns, resolveAddress } from '../find.ts'
import { formatExperimentTable, formatObjectTable, formatProjectTable } from '../object-tables.ts'
import { type Describable, flatObject, note, print, printJson } from '../print.ts'
import { findRuns, joinFilters, sortKeyOf } from '../run-query.ts'
import { plainObjects, plainRuns } from '../run-rows.ts'
import { formatRunTable, type RunTableOptions } from '../run-table.ts'
import { printTable, TABLE_OPTIONS, type TableChoice } from '../table-output.ts'
import { formatCount } from '../values.ts'

interface ListOptions extends TableChoice {
  readonly all: boolean
  readonly sort: string | undefined
  readonly limit: number | undefined
  readonly filter: readonly string[]
}

/** `runtree ls`. */
export const ls = defineCommand({
  description:
    'Lists what lies below an address: the experiments of a project, the runs of an experiment, ' +
    'the children of a run. Without an address, the experiments of the current project, or the ' +
    'projects if there is none.\n\nRuns are a table with parameters and metrics as columns, those ' +
    'parameters first in which the runs differ. Columns that have no room are named below it.',
  arguments: { address: optional('a project, an experiment, a run, or “datasets” or “views”') },
  options: {
    all: flag('-a, --all', 'all columns, however wide'),
    sort: text(
      '-s, --sort <name>',
      'by a field, parameter or metric: the least first, with - the greatest; of a metric with a goal ' +
        'the best, with + the least'
    ),
    filter: texts(
      '-f, --filter <filter>',
      'only runs that pass, such as loss<0.1; may be repeated'
    ),
    limit: whole('-n, --limit <count>', 'at most this many'),
    ...TABLE_OPTIONS
  },
  examples: [
    ['ls', 'the experiments of the current project'],
    ['ls train --sort -accuracy --limit 10', 'the ten best runs'],
    ['ls train -f "k = 5 and status = finished"', 'only these runs'],
    ['ls datasets', 'the datasets of the current project'],
    ['ls train --csv > runs.csv', 'a file for a spreadsheet'],
    ['ls train --json | jq length', 'how many runs there are']
  ],
  async run(context, { args, options }) {
    const workspace = await context.open()
    const { address } = args
    await recoverRuns(context, workspace)
    if (address === 'datasets' || address === 'views') {
      return listObjects(context, workspace, address, options)
    }
    if (address === undefined && workspace.project === undefined) {
      return listProjects(context, workspace, options)
    }
    if (address === undefined) return listExperiments(context, workspace, undefined, options)
    const target = await resolveAddress(workspace, address)
    switch (target.kind) {
      case 'project':
        return listExperiments(context, workspace, target.address, options)
      case 'experiment':
      case 'execution':
      case 'run':
        return listRuns(context, workspace, target, options)
      default:
        throw usageError(
          `Nothing is listed below ${address}, a ${target.kind}; runtree show shows it.`
        )
    }
  }
})

function refuseRunOptions(options: ListOptions): void {
  if (options.sort !== undefined || options.filter.length > 0) {
    throw usageError('--sort and --filter are for runs; name an experiment.')
  }
}

async function listProjects(
  context: Context,
  workspace: Workspace,
  options: ListOptions
): Promise<undefined> {
  refuseRunOptions(options)
  const projects = limited(
    await collect(context, (onDamaged) =>
      workspace.projects.list({ onDamaged, signal: context.signal })
    ),
    options
  )
  if (await printObjects(context, projects, options)) return
  if (projects.length === 0) {
    note(context, `No projects in ${workspace.folder} yet. runtree run -- <command> makes one.`)
    return
  }
  await print(context, formatProjectTable(context, projects))
}

async function listExperiments(
  context: Context,
  workspace: Workspace,
  project: string | undefined,
  options: ListOptions
): Promise<undefined> {
  refuseRunOptions(options)
  const { signal } = context
  const slug = project ?? (workspace.project as string)
  // Without `in`, it is the current project, even if one of its experiments bears the same name.
  const place = project === undefined || project === workspace.project ? {} : { in: project }
  const experiments = limited(
    await collect(context, (onDamaged) =>
      workspace.experiments.list({ ...place, onDamaged, signal })
    ),
    options
  )
  if (experiments.length === 0 && !(await workspace.projects.exists(slug))) {
    throw cliErrors.create('CLI_NOT_FOUND', { address: slug })
  }
  if (await printObjects(context, experiments, options)) return
  if (experiments.length === 0) {
    note(context, `The project ${slug} has no experiments yet.`)
    return
  }
  const runs = await collect(context, (onDamaged) =>
    workspace.runs.list({ ...place, onDamaged, signal })
  )
  await print(context, formatExperimentTable(context, experiments, runs))
}

async function listRuns(
  context: Context,
  workspace: Workspace,
  target: { readonly kind: string; readonly address: string },
  options: ListOptions
): Promise<undefined> {
  const { experiment, ...source } = await runSource(context, workspace, target.address)
  const { rows, total } = await findRuns(context, workspace, {
    in: source.in,
    filter: joinFilters([...source.filters, ...options.filter]),
    sort: options.sort === undefined ? undefined : sortKeyOf(options.sort, experiment),
    limit: options.limit
  })
  const runs = rows.map(({ run }) => run)
  if (await printTable(context, options, () => plainRuns({ rows, columns: [] }))) return
  if (context.json) return void (await printJson(context, runs.map(flatObject)))
  if (runs.length === 0) {
    const which = options.filter.length > 0 ? 'matching runs' : source.nothing
    note(context, `${target.address} has no ${which}.`)
    return
  }
  const goals = experiment === undefined ? {} : { goals: goalsOf(experiment) }
  await print(context, formatRunTable(context, runs, { ...goals, all: options.all }))
  if (runs.length < total) {
    note(context, context.colors.dim(`${runs.length} of ${formatCount(total, 'run')}`))
  }
}

function goalsOf(experiment: StoredObject<'experiment'>): NonNullable<RunTableOptions['goals']> {
  const declared = Object.entries(experiment.fields.metrics ?? {})
  return Object.fromEntries(declared.map(([name, metric]) => [name, metric.goal]))
}

async function listObjects(
  context: Context,
  workspace: Workspace,
  which: 'datasets' | 'views',
  options: ListOptions
): Promise<undefined> {
  refuseRunOptions(options)
  const service = workspace[which]
  const found = await collect<StoredObject<'dataset'> | StoredObject<'view'>>(
    context,
    (onDamaged) => service.list({ onDamaged, signal: context.signal })
  )
  const objects = limited(found, options)
  if (await printObjects(context, objects, options)) return
  if (objects.length === 0) note(context, `There are no ${which} yet.`)
  else await print(context, formatObjectTable(context, objects))
}

/** Prints objects for other programs; `false` if they are wanted for people. */
async function printObjects(
  context: Context,
  objects: readonly Describable[],
  options: ListOptions
): Promise<boolean> {
  if (await printTable(context, options, () => plainObjects(objects))) return true
  if (context.json) await printJson(context, objects.map(flatObject))
  return context.json
}

function limited<T>(items: readonly T[], options: ListOptions): readonly T[] {
  return options.limit === undefined ? items : items.slice(0, options.limit)
}
