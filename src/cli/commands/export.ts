import { chooseRuns, MANY_RUNS } from '../choose-runs.ts'
import { defineCommand, flag, optional, required, text, texts } from '../command.ts'
import type { Context } from '../context.ts'
import { usageError } from '../errors.ts'
import type { ExportOptions } from '../export-report.ts'
import { exportFiles, exportJson } from '../export-tree.ts'
import { findObject, isKind, revisionOf } from '../find.ts'
import { createPause } from '../pause.ts'
import { note, printJson } from '../print.ts'
import { openProgress } from '../progress.ts'
import { listNames } from '../run-query.ts'
import { openResultTable, openRunTable, openSeriesTable } from '../run-tables.ts'
import { leftIn, writeInto } from '../target-folder.ts'
import { formatCount } from '../values.ts'
import { type TableForm, tableFormOf, writeTable } from '../write-table.ts'

/** `runtree export`. */
export const exportCommand = defineCommand({
  description:
    'Writes an object and all below it into a folder: records as YAML, series as TSV, rows as JSON ' +
    'Lines, logs as text, artifacts as they are. With --json, everything but the contents of ' +
    'artifacts is printed as one JSON value instead. Nothing is ever written outside the folder.\n\n' +
    'Into a file whose name ends with .csv, .jsonl or .parquet it writes a table for other programs: one ' +
    'row a run, with --series one a point of their series, with --rows one a row of a result.\n\n' +
    'Into a file whose name ends with .html it writes a report: the dashboard with these runs inside, which ' +
    'any browser opens without a server. Without an address it is of the current project.',
  arguments: {
    address: required('what to export, or the file of a report'),
    target: optional('the folder, which is made if it is absent, or the file of a table or report')
  },
  options: {
    at: text('--at <commit>', 'as it was at a commit or tag'),
    force: flag('--force', 'write over a file, or into a folder that is not empty'),
    series: flag('--series', 'a table of points: run, step, time, metric, split, value'),
    rows: text('--rows <result>', 'a table of all rows of the results of that name'),
    columns: texts('-c, --columns <fields>', 'only these columns of a table; commas between them'),
    ...MANY_RUNS
  },
  examples: [
    ['export train results/', 'an experiment with all its runs'],
    ['export train best/ -s -accuracy -n 3', 'with three of its runs'],
    ['export k3f9 --json > run.json', 'a run as JSON'],
    ['export train runs.parquet', 'a table of its runs'],
    ['export report.html', 'the project as one page'],
    ['export k3f9 loss.csv --series', 'the points of a run'],
    ['export train cases.jsonl --rows cases -f "lr < 0.1"', 'the rows of a result of some runs']
  ],
  async run(context, { args, options }) {
    const { address, target } = args
    const report = /\.html?$/i.test(target ?? address) ? (target ?? address) : undefined
    if (report !== undefined) {
      const { exportReport } = await import('../export-report.ts')
      return exportReport(context, target === undefined ? undefined : address, report, options)
    }
    const form = target === undefined ? undefined : tableFormOf(target)
    if (target !== undefined && form !== undefined) {
      return exportTable(context, address, { path: target, form }, options)
    }
    if (options.series || options.rows !== undefined || options.columns.length > 0) {
      throw usageError(
        '--series, --rows and --columns are for tables: a file that ends with .csv, .jsonl or .parquet.'
      )
    }
    if (target === undefined && !context.json) {
      throw usageError('Name a folder or file to write, or print everything with --json.')
    }
    return exportTree(context, address, target, options)
  }
})

async function exportTable(
  context: Context,
  address: string,
  target: { readonly path: string; readonly form: TableForm },
  options: ExportOptions
): Promise<undefined> {
  const { series, rows, filter, sort, limit, at = revisionOf(address) } = options
  if (series && rows !== undefined) throw usageError('--series and --rows are two tables.')
  const workspace = await context.open()
  const choice = { in: address, filter, sort, limit, at, columns: listNames(options.columns) }
  const source = series
    ? await openSeriesTable(context, workspace, choice)
    : rows === undefined
      ? await openRunTable(context, workspace, choice)
      : await openResultTable(context, workspace, { ...choice, result: rows })
  const count = await writeTable(context, source, { ...target, force: options.force })
  const columns = source.columns.map(({ name }) => name)
  if (context.json) {
    const file = context.files.resolve(target.path)
    await printJson(context, { file, rows: count, columns })
  } else note(context, `Wrote ${formatCount(count, 'row')} to ${target.path}.`)
  return undefined
}

async function exportTree(
  context: Context,
  address: string,
  folder: string | undefined,
  options: ExportOptions
): Promise<undefined> {
  const workspace = await context.open()
  const object = await findObject(context, workspace, address, options.at)
  const at = options.at ?? revisionOf(address)
  const { filter, sort, limit } = options
  const isChoice = filter.length > 0 || sort.length > 0 || limit !== undefined
  if (isChoice && !isKind(object, 'experiment') && !isKind(object, 'project')) {
    throw usageError('--filter, --sort and --limit choose among the runs of an experiment.')
  }
  const runs = isChoice
    ? await chooseRuns(context, workspace, { in: address, filter, sort, limit, at })
    : undefined
  if (folder === undefined) {
    for await (const text of exportJson(context, workspace, object, { at, runs })) {
      await context.out.write(text)
    }
    return undefined
  }
  const progress = openProgress(context, 'files written:')
  const pause = createPause(context)
  let count = 0
  const onLeft = leftIn(context, folder)
  await writeInto(context.files, folder, { force: options.force, onLeft }, async (target) => {
    for await (const file of exportFiles(context, workspace, object, { at, runs })) {
      await pause()
      await target.write(file.names, file.content)
      progress.update(++count, 0)
    }
  }).finally(() => progress.stop())
  if (context.json)
    await printJson(context, { folder: context.files.resolve(folder), files: count })
  else note(context, `Wrote ${formatCount(count, 'file')} to ${folder}.`)
  return undefined
}
