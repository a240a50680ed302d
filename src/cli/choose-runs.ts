import type { StoredObject } from '../service/objects.ts'
import type { FindOptions } from '../service/query.ts'
import type { Workspace } from '../service/workspace.ts'
import { texts, whole } from './command.ts'
import type { Context } from './context.ts'
import { cliErrors, usageError } from './errors.ts'
import { findObject, findRun, isKind, recoverRuns, revisionOf } from './find.ts'
import { findRuns, joinFilters } from './run-query.ts'

/** The options of a command that takes one run, by its address or by a filter. */
export const ONE_RUN = {
  filter: texts('-f, --filter <filter>', 'the run below the address that passes; may be repeated'),
  sort: texts(
    '-s, --sort <field>',
    'of several that pass the first, with - the last, by this field'
  )
}

/** The options of a command that takes runs, by their addresses or by a filter. */
export const MANY_RUNS = {
  filter: texts('-f, --filter <filter>', 'all runs below the address that pass; may be repeated'),
  sort: texts('-s, --sort <field>', 'in this order, with - the greatest first; may be repeated'),
  limit: whole('-n, --limit <count>', 'at most this many of them')
}

/** Which runs are meant. */
export interface RunChoice {
  /** A project, an experiment, a run (its child runs) or an execution. Default: the current project, or all. */
  readonly in?: string | undefined
  /** What they must pass. Default: nothing. */
  readonly filter?: readonly string[] | undefined
  /** Default: the latest start first. */
  readonly sort?: readonly string[] | undefined
  /** Default: all. */
  readonly limit?: number | undefined
  /** The commit or tag at which they are read. Default: now. */
  readonly at?: string | undefined
}

type Run = StoredObject<'run'>

/** How many of several runs an error names. */
const NAMED_RUNS = 5

/** Finds the runs that are meant, those whose process is gone ended first. */
export async function chooseRuns(
  context: Context,
  workspace: Workspace,
  choice: RunChoice
): Promise<readonly Run[]> {
  return (await findChosen(context, workspace, choice)).runs
}

/**
 * Finds the one run that is meant: by its address, or with a filter below an address; of several that
 * pass, the first if an order is given.
 *
 * @throws CLI_NO_RUN, CLI_SEVERAL_RUNS, CLI_NOT_FOUND, CLI_WRONG_KIND, CLI_USAGE
 */
export async function chooseRun(
  context: Context,
  workspace: Workspace,
  choice: RunChoice
): Promise<Run> {
  const { in: address, filter = [], sort = [] } = choice
  if (filter.length === 0) {
    if (sort.length > 0) throw usageError('--sort is for the runs of a --filter.')
    if (address === undefined) throw usageError('Name a run, or give a --filter that one passes.')
    return findRun(context, workspace, address, choice.at)
  }
  const isOrdered = sort.length > 0
  const limit = isOrdered ? 1 : NAMED_RUNS
  const { runs, total } = await findChosen(context, workspace, { ...choice, limit })
  const [run] = runs
  if (run === undefined) {
    throw cliErrors.create('CLI_NO_RUN', { filter: joinFilters(filter) as string })
  }
  if (runs.length === 1) return run
  const candidates = runs.map((each) => each.address)
  throw cliErrors.create('CLI_SEVERAL_RUNS', { total, candidates })
}

/**
 * Returns what an address names, or with a filter the address of the one run that passes.
 *
 * @throws CLI_NO_RUN, CLI_SEVERAL_RUNS, CLI_USAGE
 */
export async function chooseAddress(
  context: Context,
  workspace: Workspace,
  choice: RunChoice
): Promise<string> {
  const { in: address, filter = [], sort = [] } = choice
  if (filter.length === 0 && sort.length === 0 && address !== undefined) return address
  const run = await chooseRun(context, workspace, choice)
  const at = revisionOf(address)
  return at === undefined ? run.address : `${run.address}@${at}`
}

async function findChosen(
  context: Context,
  workspace: Workspace,
  choice: RunChoice
): Promise<{ readonly runs: readonly Run[]; readonly total: number }> {
  const question = await questionOf(context, workspace, choice)
  const { rows, total } = await findRuns(context, workspace, question)
  return { runs: rows.map(({ run }) => run), total }
}

/** Makes the question to which the runs that are meant are the answer. */
export async function questionOf(
  context: Context,
  workspace: Workspace,
  choice: RunChoice
): Promise<FindOptions> {
  const { in: address, filter = [], sort = [], limit, at = revisionOf(address) } = choice
  if (filter.some((each) => each.trim() === '')) {
    throw usageError('A filter is empty; leave --filter away to mean all runs.')
  }
  await recoverRuns(context, workspace)
  const source =
    address === undefined ? undefined : await runSource(context, workspace, address, at)
  return {
    in: source?.in,
    filter: joinFilters([...(source?.filters ?? []), ...filter]),
    sort: sort.length === 0 ? undefined : sort,
    limit,
    ...(at === undefined ? {} : { at })
  }
}

/** Where runs are searched. */
export interface RunSource {
  readonly in: string
  readonly filters: readonly string[]
  /** What is missing if there are none. */
  readonly nothing: string
  readonly experiment?: StoredObject<'experiment'>
}

/** Returns where the runs below an address are searched: of a run its child runs. */
export async function runSource(
  context: Context,
  workspace: Workspace,
  address: string,
  at?: string
): Promise<RunSource> {
  const object = await findObject(context, workspace, address, at)
  if (isKind(object, 'run') || isKind(object, 'execution')) {
    const isRun = isKind(object, 'run')
    return {
      in: `${object.project}/${object.key.experiment}`,
      filters: [`${isRun ? 'parent' : 'execution'} = "${object.id}"`],
      nothing: isRun ? 'child runs' : 'runs'
    }
  }
  if (!isKind(object, 'experiment') && !isKind(object, 'project')) {
    const expected = 'kind that has runs'
    throw cliErrors.create('CLI_WRONG_KIND', { address, kind: object.kind, expected })
  }
  const experiment = isKind(object, 'experiment') ? { experiment: object } : {}
  return { in: address, filters: [], nothing: 'runs yet', ...experiment }
}
