import { chooseRuns, MANY_RUNS } from '../choose-runs.ts'
import { defineCommand, flag, optional, required, text } from '../command.ts'
import { usageError } from '../errors.ts'
import { exportFiles, exportJson } from '../export-tree.ts'
import { findObject, isKind, revisionOf } from '../find.ts'
import { note, printJson } from '../print.ts'
import { openProgress } from '../progress.ts'
import { openTargetFolder } from '../target-folder.ts'
import { formatCount } from '../values.ts'

/** `runtree export`. */
export const exportCommand = defineCommand({
  description:
    'Writes an object and all below it into a folder: records as YAML, series as TSV, rows as JSON ' +
    'Lines, logs as text, artifacts as they are. With --json, everything but the contents of ' +
    'artifacts is printed as one JSON value instead. Nothing is ever written outside the folder.',
  arguments: {
    address: required('what to export'),
    folder: optional('the folder; it is made if it is absent')
  },
  options: {
    at: text('--at <commit>', 'as it was at a commit or tag'),
    force: flag('--force', 'write into a folder that is not empty'),
    ...MANY_RUNS
  },
  examples: [
    ['export train results/', 'an experiment with all its runs'],
    ['export train best/ -s -accuracy -n 3', 'with three of its runs'],
    ['export k3f9 run-k3f9/', 'a run'],
    ['export k3f9 --json > run.json', 'a run as JSON']
  ],
  async run(context, { args, options }) {
    if (args.folder === undefined && !context.json) {
      throw usageError('Name a folder to write into, or print everything with --json.')
    }
    const workspace = await context.open()
    const object = await findObject(context, workspace, args.address, options.at)
    const at = options.at ?? revisionOf(args.address)
    const { filter, sort, limit } = options
    const isChoice = filter.length > 0 || sort.length > 0 || limit !== undefined
    if (isChoice && !isKind(object, 'experiment') && !isKind(object, 'project')) {
      throw usageError('--filter, --sort and --limit choose among the runs of an experiment.')
    }
    const runs = isChoice
      ? await chooseRuns(context, workspace, { in: args.address, filter, sort, limit, at })
      : undefined
    if (args.folder === undefined) {
      await printJson(context, await exportJson(context, workspace, object, { at, runs }))
      return
    }
    const target = await openTargetFolder(context.files, args.folder, { force: options.force })
    const progress = openProgress(context, 'files written:')
    let count = 0
    try {
      for await (const file of exportFiles(context, workspace, object, { at, runs })) {
        context.signal.throwIfAborted()
        await target.write(file.names, file.content)
        progress.update(++count, 0)
      }
    } finally {
      progress.stop()
    }
    if (context.json) await printJson(context, { folder: target.path, files: count })
    else note(context, `Wrote ${formatCount(count, 'file')} to ${args.folder}.`)
    return undefined
  }
})
