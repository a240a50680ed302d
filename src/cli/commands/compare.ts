import type { RunComparison } from '../../service/compare.ts'
import type { Workspace } from '../../service/workspace.ts'
import { chooseRuns, MANY_RUNS } from '../choose-runs.ts'
import { defineCommand, flag, text, texts, variadic, whole } from '../command.ts'
import { formatComparison } from '../compare-page.ts'
import { formatRowComparison, plainRowComparison } from '../compare-rows-page.ts'
import type { Context } from '../context.ts'
import { usageError } from '../errors.ts'
import { findRun, recoverRuns } from '../find.ts'
import { print, printJson } from '../print.ts'
import { openProgress } from '../progress.ts'
import { listNames } from '../run-query.ts'
import { type PlainTable, printTable, TABLE_OPTIONS, type TableChoice } from '../table-output.ts'

/** More runs in one table help nobody. */
const MAX_RUNS = 50

/** Lines of diffs that are shown unless somebody wants more. */
const SHOWN_LINES = 100

/** Rows of each kind that are shown unless somebody wants more. */
const SHOWN_ROWS = 10

/** `runtree compare`. */
export const compare = defineCommand({
  description:
    'Shows in what runs differ: parameters, metrics, data, code, packages and machine; long texts and ' +
    'code as diffs. The first run is what the others are compared with; a metric is better or worse by ' +
    'the goal that the experiment declares. Called inside of the code’s repository, the two versions of ' +
    'the code are compared there, else by the patches that are stored with the runs.\n\nWith --rows, ' +
    'joins the rows of a result of the runs by its key instead: what improved, worsened or changed, what ' +
    'is new or missing, with both outcomes. A row is better if its prediction equals its truth, or by ' +
    'the column of --by.',
  arguments: { runs: variadic('two runs or more; one at two commits is written <run>@<commit>') },
  options: {
    in: text('--in <address>', 'where the runs of --filter are searched'),
    filter: texts('-f, --filter <filter>', 'also the runs that pass; may be repeated'),
    sort: MANY_RUNS.sort,
    all: flag('-a, --all', 'show what is alike, too'),
    rows: text('--rows <result>', 'compare the rows of this result'),
    by: text(
      '--by <column>',
      'with --rows: what says which row is better, a truth value or a number'
    ),
    min: flag('--min', 'the least is best'),
    max: flag('--max', 'the greatest is best'),
    key: text(
      '--key <column>',
      'with --rows: join by this column (the one that the result declares)'
    ),
    columns: texts('-c, --columns <names>', 'with --rows: only these make a row changed'),
    limit: whole(
      '-n, --limit <count>',
      `at most this many lines of diffs (${SHOWN_LINES}), or rows of each kind (${SHOWN_ROWS})`
    ),
    ...TABLE_OPTIONS
  },
  examples: [
    ['compare k3f9 m7t2', 'in what two runs differ'],
    ['compare k3f9 m7t2 p4c8 --all', 'everything of three runs, side by side'],
    ['compare --in iris -f "status = finished" -s -accuracy', 'the best run with all others'],
    ['compare k3f9@4be1c02 k3f9', 'what became of a run since a commit'],
    ['compare k3f9 m7t2 --rows predictions', 'which predictions became right or wrong'],
    ['compare k3f9 m7t2 --rows cases --by score --max', 'which cases score better or worse']
  ],
  async run(context, { args, options }) {
    const workspace = await context.open()
    await recoverRuns(context, workspace)
    if (options.rows === undefined) refuseRowOptions(options)
    const addresses = await chooseCompared(context, workspace, args.runs, options)
    if (options.rows !== undefined) {
      return showRows(context, workspace, addresses, { ...options, rows: options.rows })
    }
    const comparison = await workspace.runs.compare(addresses, {
      all: options.all,
      signal: context.signal
    })
    if (await printTable(context, options, () => plainComparison(comparison))) return undefined
    if (context.json) await printJson(context, comparison)
    else await print(context, formatComparison(context, comparison, options.limit ?? SHOWN_LINES))
    return undefined
  }
})

interface RowOptions {
  readonly by: string | undefined
  readonly key: string | undefined
  readonly columns: readonly string[]
  readonly min: boolean
  readonly max: boolean
}

function refuseRowOptions({ by, key, columns, min, max }: RowOptions): void {
  if (by !== undefined || key !== undefined || columns.length > 0 || min || max) {
    throw usageError('--by, --min, --max, --key and --columns are for the rows of --rows <result>.')
  }
}

async function showRows(
  context: Context,
  workspace: Workspace,
  addresses: readonly string[],
  options: RowOptions &
    TableChoice & {
      readonly rows: string
      readonly all: boolean
      readonly limit: number | undefined
    }
): Promise<undefined> {
  const { rows, by, key, min, max, all, csv, markdown } = options
  if (min && max) throw usageError('--min and --max exclude each other.')
  const isForPeople = !context.json && !csv && !markdown
  const columns = listNames(options.columns)
  const progress = openProgress(context, 'reading')
  const comparison = await workspace.runs
    .compareRows(addresses, rows, {
      by,
      key,
      goal: min ? 'minimize' : max ? 'maximize' : undefined,
      columns: columns.length === 0 ? undefined : columns,
      all,
      limit: options.limit ?? (isForPeople ? SHOWN_ROWS : undefined),
      onProgress: ({ rows: count }) => progress.update(count, 0),
      signal: context.signal
    })
    .finally(() => progress.stop())
  if (await printTable(context, options, () => plainRowComparison(comparison))) return
  if (context.json) return void (await printJson(context, comparison))
  return void (await print(context, formatRowComparison(context, comparison)))
}

/** Returns the addresses of the runs that were named, then those that pass the filters. */
async function chooseCompared(
  context: Context,
  workspace: Workspace,
  named: readonly string[],
  choice: {
    readonly in: string | undefined
    readonly filter: readonly string[]
    readonly sort: readonly string[]
  }
): Promise<readonly string[]> {
  const addresses = [...named]
  if (choice.filter.length > 0) {
    const known = new Set<string>()
    for (const address of named) known.add((await findRun(context, workspace, address)).address)
    for (const { address } of await chooseRuns(context, workspace, {
      ...choice,
      limit: MAX_RUNS + 1
    })) {
      if (!known.has(address)) addresses.push(address)
    }
  } else if (choice.sort.length > 0 || choice.in !== undefined) {
    throw usageError('--in and --sort are for the runs of a --filter.')
  }
  if (addresses.length < 2) {
    throw usageError(
      choice.filter.length === 0
        ? 'Name two runs or more, or give a --filter that they pass.'
        : `Only ${addresses.length} such run; a comparison needs two.`
    )
  }
  if (addresses.length <= MAX_RUNS) return addresses
  throw usageError(`More than ${MAX_RUNS} runs can't be compared; a narrower --filter helps.`)
}

function plainComparison(comparison: RunComparison): PlainTable {
  return {
    columns: [
      'section',
      'field',
      ...comparison.runs.map(({ address, at }) => (at === undefined ? address : `${address}@${at}`))
    ],
    rows: comparison.sections.flatMap(({ name, fields }) =>
      fields.map((field) => [name, field.name, ...field.values])
    )
  }
}
