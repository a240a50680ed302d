import { defineCommand, flag, optional, text, texts, whole } from '../command.ts'
import { usageError } from '../errors.ts'
import { recoverRuns } from '../find.ts'
import { flatObject, note, print, printJson } from '../print.ts'
import { askRuns, joinFilters, listNames } from '../run-query.ts'
import { plainRuns } from '../run-rows.ts'
import { printTable, TABLE_OPTIONS } from '../table-output.ts'
import { formatPlain } from './find.ts'

/** `runtree best`. */
export const best = defineCommand({
  description:
    'Shows the runs with the best value of a metric. What is better says the experiment ' +
    '(runtree edit <experiment> --set metrics.loss.goal=minimize), or --min and --max.',
  arguments: { metric: optional('a metric; the only one with a goal if it is left away') },
  options: {
    in: text('--in <address>', 'only runs below a project or experiment'),
    filter: texts('-f, --filter <filter>', 'only runs that pass; may be repeated'),
    min: flag('--min', 'the least is best'),
    max: flag('--max', 'the greatest is best'),
    limit: whole('-n, --limit <count>', 'at most this many (1)'),
    columns: texts('-c, --columns <fields>', 'show these fields, too; commas between them'),
    ...TABLE_OPTIONS
  },
  examples: [
    ['best', 'the best run by the metric that has a goal'],
    ['best accuracy --max -n 3 --in iris', 'the three best of an experiment'],
    ['best loss --min -f "optimizer = adam" -c params.lr', 'with a parameter']
  ],
  async run(context, { args, options }) {
    if (options.min && options.max) throw usageError('--min and --max exclude each other.')
    const workspace = await context.open()
    await recoverRuns(context, workspace)
    const found = await askRuns(context, (onDamaged) =>
      workspace.runs.best({
        in: options.in,
        filter: joinFilters(options.filter),
        metric: args.metric,
        goal: options.min ? 'minimize' : options.max ? 'maximize' : undefined,
        limit: options.limit,
        columns: listNames(options.columns),
        onDamaged,
        signal: context.signal
      })
    )
    if (await printTable(context, options, () => plainRuns(found))) return undefined
    if (context.json) {
      const rows = found.rows.map(({ run, values }) => ({ ...flatObject(run), value: values[0] }))
      await printJson(context, rows)
    } else if (found.rows.length === 0) note(context, 'No run has a value of it.')
    else await print(context, formatPlain(context, plainRuns(found)))
    return undefined
  }
})
