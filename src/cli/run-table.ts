import type { Json } from '../base/json.ts'
import { equalJson } from '../base/json.ts'
import type { StoredObject } from '../service/objects.ts'
import { abbreviatedLength } from './abbreviate.ts'
import type { Context } from './context.ts'
import { printable } from './printable.ts'
import { type Column, formatTable, shorten } from './table.ts'
import {
  flatten,
  formatAge,
  formatCount,
  formatDuration,
  formatNumber,
  formatValue
} from './values.ts'

type StoredRun = StoredObject<'run'>
type RunFields = StoredRun['fields']
type Summary = NonNullable<RunFields['metrics']>[string]

/** How the runs are shown. */
export interface RunTableOptions {
  /** Show every column, however wide the table becomes. Default: false. */
  readonly all?: boolean
  /** Whether a greater value of a metric is better; its best value is marked. Default: none is. */
  readonly goals?: { readonly [metric: string]: 'minimize' | 'maximize' | undefined }
  /** Show the experiment of each run. Default: false. */
  readonly experiment?: boolean
}

interface RunColumn extends Column {
  readonly cell: (run: StoredRun) => string
}

/**
 * Formats runs as a table: those parameters first in which the runs differ, then metrics; columns that
 * have no room are left away and named in the last line.
 */
export function formatRunTable(
  context: Pick<Context, 'colors' | 'out' | 'now'>,
  runs: readonly StoredRun[],
  options: RunTableOptions = {}
): string {
  const shown = chooseColumns(context, runs, options)
  const { text, hidden } = formatTable(
    shown,
    runs.map((run) => shown.map((column) => column.cell(run))),
    {
      width: options.all ? Number.POSITIVE_INFINITY : context.out.columns,
      colors: context.colors
    }
  )
  if (hidden.length === 0) return text
  const line = `No room for ${formatCount(hidden.length, 'column')}: ${hidden.join(', ')}`
  return `${text}${context.colors.dim(shorten(printable(line), context.out.columns))}\n`
}

/** Formats how long something took, or takes if it is running. */
export function formatTook(
  fields: { readonly started?: string; readonly finished?: string; readonly status?: string },
  now: number
): string {
  if (fields.started === undefined) return ''
  const end = fields.finished === undefined ? undefined : Date.parse(fields.finished)
  if (end === undefined && fields.status !== 'running') return ''
  return formatDuration((end ?? now) - Date.parse(fields.started))
}

/** Colours a run's status. */
export function paintStatus(
  context: Pick<Context, 'colors'>,
  text: string,
  status: string
): string {
  const { green, red, cyan, yellow } = context.colors
  const paint = { finished: green, failed: red, running: cyan, interrupted: yellow }[status]
  return paint === undefined ? text : paint(text)
}

/** Formats a metric's summary: the mean over splits with its deviation, else the last value. */
export function formatSummary(summary: Summary | undefined): string {
  if (summary === undefined) return ''
  if (summary.mean === undefined) return formatNumber(summary.last)
  const std =
    summary.std === undefined ? '' : ` ±${formatNumber(Number(summary.std.toPrecision(2)))}`
  return `${formatNumber(summary.mean)}${std}`
}

function chooseColumns(
  context: Pick<Context, 'colors' | 'now'>,
  runs: readonly StoredRun[],
  options: RunTableOptions
): RunColumn[] {
  const length = abbreviatedLength(runs.map((run) => run.id))
  const status = (row: number): string => runs[row]?.fields.status ?? ''
  const some = (has: (fields: RunFields) => unknown): boolean => runs.some((run) => has(run.fields))
  const when = (wanted: boolean, column: RunColumn): RunColumn[] => (wanted ? [column] : [])
  return [
    {
      title: 'run',
      minWidth: length,
      cell: (run) => run.id.slice(0, length),
      paint: (text) => context.colors.yellow(text)
    },
    ...when(options.experiment === true, {
      title: 'experiment',
      rank: 2,
      maxWidth: 24,
      cell: (run) => run.key.experiment
    }),
    ...when(
      some((fields) => fields.name),
      { title: 'name', rank: 3, minWidth: 16, maxWidth: 40, cell: (run) => run.fields.name ?? '' }
    ),
    {
      title: 'status',
      minWidth: 11,
      cell: (run) => run.fields.status,
      paint: (text, row) => paintStatus(context, text, status(row))
    },
    {
      title: some((fields) => fields.started) ? 'started' : 'created',
      rank: 6,
      minWidth: 10,
      cell: (run) => formatAge(run.fields.started ?? run.fields.created, context.now()),
      paint: (text) => context.colors.dim(text)
    },
    ...when(
      some((fields) => fields.started),
      {
        title: 'took',
        rank: 90,
        align: 'right',
        cell: (run) => formatTook(run.fields, context.now())
      }
    ),
    ...paramColumns(runs),
    ...metricColumns(context, runs, options),
    ...when(
      some((fields) => fields.tags?.length),
      { title: 'tags', rank: 80, cell: (run) => (run.fields.tags ?? []).join(', ') }
    ),
    ...when(new Set(runs.map((run) => run.fields.execution)).size > 1, {
      title: 'code',
      rank: 100,
      maxWidth: 7,
      cell: (run) => run.fields.execution ?? ''
    })
  ]
}

/** Parameters that differ come first and stay longest. */
function paramColumns(runs: readonly StoredRun[]): RunColumn[] {
  const flat = new Map(runs.map((run) => [run, flatten(run.fields.params)]))
  const names = new Set([...flat.values()].flatMap((params) => [...params.keys()]))
  const values = (name: string): (Json | undefined)[] => runs.map((run) => flat.get(run)?.get(name))
  const differs = (name: string): boolean => {
    const [first, ...others] = values(name)
    return others.some((value) => !equalJson(value, first))
  }
  const ordered = [...names].map((name) => ({ name, differs: differs(name) }))
  return [
    ...ordered.filter((each) => each.differs),
    ...ordered.filter((each) => !each.differs)
  ].map((each, index) => ({
    title: each.name,
    rank: each.differs ? 10 + 2 * index : 200 + index,
    align: values(each.name).every((value) => value === undefined || typeof value === 'number')
      ? 'right'
      : 'left',
    minWidth: Math.min(12, Math.max(9, each.name.length)),
    maxWidth: 24,
    cell: (run) => formatValue(flat.get(run)?.get(each.name))
  }))
}

function metricColumns(
  context: Pick<Context, 'colors'>,
  runs: readonly StoredRun[],
  options: RunTableOptions
): RunColumn[] {
  const names = new Set(runs.flatMap((run) => Object.keys(run.fields.metrics ?? {})))
  const goals = options.goals ?? {}
  const ordered = [...names].sort((a, b) => Number(b in goals) - Number(a in goals))
  return ordered.map((name, index) => {
    const numbers = runs.map((run) => mainValue(run.fields.metrics?.[name]))
    const best = bestOf(numbers, goals[name])
    return {
      title: name,
      rank: 9 + 2 * index,
      align: 'right',
      cell: (run) => formatSummary(run.fields.metrics?.[name]),
      paint: (text, row) =>
        best !== undefined && numbers[row] === best ? context.colors.green(text) : text
    }
  })
}

/** Returns the number by which runs are compared: the mean over splits, else the last value. */
export function mainValue(summary: Summary | undefined): number | undefined {
  return summary?.mean ?? summary?.last
}

/** Returns the best of some numbers; `undefined` without a goal or a number. */
export function bestOf(
  values: readonly (number | undefined)[],
  goal: 'minimize' | 'maximize' | undefined
): number | undefined {
  const numbers = values.filter((value) => value !== undefined && !Number.isNaN(value)) as number[]
  if (goal === undefined || numbers.length === 0) return undefined
  return numbers.reduce((a, b) => ((goal === 'minimize' ? b < a : b > a) ? b : a))
}
