import type { Json } from '../../base/json.ts'
import type { GroupResult } from '../../service/query.ts'
import { defineCommand, flag, optional, text, texts, whole } from '../command.ts'
import type { Context } from '../context.ts'
import { usageError } from '../errors.ts'
import { recoverRuns } from '../find.ts'
import { flatObject, note, print, printJson } from '../print.ts'
import { askRuns, findRuns, listNames } from '../run-query.ts'
import { plainRuns } from '../run-rows.ts'
import { formatRunTable } from '../run-table.ts'
import { formatTable } from '../table.ts'
import { type PlainTable, printTable, TABLE_OPTIONS } from '../table-output.ts'
import { formatCount, formatNumber, formatValue } from '../values.ts'

/** Shown unless somebody wants more. */
const SHOWN_RUNS = 50

/** `runtree find`. */
export const find = defineCommand({
  description:
    'Finds runs by a filter (docs/QUERY.md), in the whole project or below an address. With --by, ' +
    'groups them instead, with the number of runs and what the numbers of --of come to.',
  arguments: { filter: optional('such as "metrics.accuracy >= 0.9 and not tags has debug"') },
  options: {
    in: text('--in <address>', 'only runs below a project or experiment'),
    sort: texts('-s, --sort <field>', 'the least first, with - the greatest; may be repeated'),
    limit: whole('-n, --limit <count>', `at most this many (${SHOWN_RUNS})`),
    offset: whole('--offset <count>', 'leave so many away first'),
    columns: texts('-c, --columns <fields>', 'show these fields; commas between them'),
    count: flag('--count', 'print only how many there are'),
    by: texts('--by <fields>', 'group by these fields; commas between them'),
    of: texts('--of <fields>', 'sum these numbers up for each group; commas between them'),
    ...TABLE_OPTIONS
  },
  examples: [
    ['find "accuracy >= 0.9 and optimizer = adam"', 'runs by a metric and a parameter'],
    ['find "started > now - 7d" --sort -accuracy --in iris', 'the best ones of a week'],
    ['find --by params.optimizer --of metrics.accuracy', 'what each optimizer comes to'],
    ['find "status = failed" --count', 'how many failed'],
    ['find -c params.lr,metrics.loss.min --csv', 'two columns for another program']
  ],
  async run(context, { args, options }) {
    const workspace = await context.open()
    await recoverRuns(context, workspace)
    const question = { in: options.in, filter: args.filter }
    if (options.by.length > 0) {
      const by = listNames(options.by)
      const aggregate = listNames(options.of)
      const groups = await askRuns(context, (onDamaged) =>
        workspace.runs.group({ ...question, by, aggregate, onDamaged, signal: context.signal })
      )
      return showGroups(context, groups, options)
    }
    if (options.of.length > 0) throw usageError('--of sums up groups; name their fields with --by.')
    if (options.count) {
      const { total } = await findRuns(context, workspace, { ...question, limit: 0 })
      await print(context, `${total}\n`)
      return undefined
    }
    const isForPeople = !context.json && !options.csv && !options.markdown
    const found = await findRuns(context, workspace, {
      ...question,
      sort: options.sort.length === 0 ? undefined : options.sort,
      limit: options.limit ?? (isForPeople ? SHOWN_RUNS : undefined),
      offset: options.offset,
      columns: listNames(options.columns)
    })
    if (await printTable(context, options, () => plainRuns(found))) return undefined
    if (context.json) {
      const rows = found.rows.map(({ run, values }) => ({
        ...flatObject(run),
        ...(found.columns.length === 0 ? {} : { values: pairs(found.columns, values) })
      }))
      await printJson(context, rows)
      return undefined
    }
    if (found.rows.length === 0) {
      note(context, found.total === 0 ? 'No such runs.' : `Only ${found.total} such runs.`)
      return undefined
    }
    await print(context, formatFound(context, found))
    const last = (options.offset ?? 0) + found.rows.length
    if (last < found.total) {
      note(
        context,
        context.colors.dim(`${last} of ${formatCount(found.total, 'run')}; -n shows more`)
      )
    }
    return undefined
  }
})

type Found = Awaited<ReturnType<typeof findRuns>>

/** Formats found runs for people: as a table of runs, or of the columns that were asked for. */
export function formatFound(context: Context, found: Found): string {
  const runs = found.rows.map(({ run }) => run)
  const isOne = new Set(runs.map(({ key }) => key.experiment)).size === 1
  if (found.columns.length === 0) return formatRunTable(context, runs, { experiment: !isOne })
  const { columns, rows } = plainRuns(found)
  return formatPlain(context, { columns, rows })
}

/** Formats a table for people; the first column always stays. */
export function formatPlain(context: Context, { columns, rows }: PlainTable): string {
  const isNumber = (index: number): boolean =>
    rows.every((row) => row[index] === undefined || typeof row[index] === 'number')
  const { text: lines } = formatTable(
    columns.map((title, index) => ({
      title,
      rank: index,
      align: isNumber(index) ? 'right' : 'left'
    })),
    rows.map((row) =>
      row.map((value) => (typeof value === 'number' ? formatNumber(value) : formatValue(value)))
    ),
    { width: context.out.columns, colors: context.colors }
  )
  return lines
}

async function showGroups(
  context: Context,
  result: GroupResult,
  choice: { readonly csv: boolean; readonly markdown: boolean }
): Promise<undefined> {
  if (await printTable(context, choice, () => plainGroups(result))) return
  if (context.json) {
    const groups = result.groups.map(({ key, count, aggregates }) => ({
      ...pairs(result.by, key),
      count,
      aggregates
    }))
    return void (await printJson(context, groups))
  }
  if (result.groups.length === 0) note(context, 'No such runs.')
  else await print(context, formatPlain(context, plainGroups(result)))
}

const AGGREGATES = ['mean', 'std', 'min', 'median', 'max'] as const

function plainGroups({ by, fields, groups }: GroupResult): PlainTable {
  return {
    columns: [
      ...by,
      'runs',
      ...fields.flatMap((field) => AGGREGATES.map((name) => `${name}(${field})`))
    ],
    rows: groups.map(({ key, count, aggregates }) => [
      ...key,
      count,
      ...fields.flatMap((field) => AGGREGATES.map((name) => aggregates[field]?.[name]))
    ])
  }
}

function pairs(
  names: readonly string[],
  values: readonly (Json | undefined)[]
): { readonly [name: string]: Json | undefined } {
  return Object.fromEntries(names.map((name, index) => [name, values[index]]))
}
