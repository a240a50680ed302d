import type { StoredObject } from '../service/objects.ts'
import type { ArtifactEntry } from '../service/workspace.ts'
import { formatConflicts } from './conflicts.ts'
import type { Context } from './context.ts'
import { formatPairs, formatSection, indent } from './page.ts'
import { printable, printableLines } from './printable.ts'
import {
  formatArtifacts,
  formatComputations,
  formatEnvironment,
  formatResults,
  formatRows,
  formatSplits,
  formatValues
} from './run-parts.ts'
import { formatRunTable, formatTook, paintStatus } from './run-table.ts'
import type { Column } from './table.ts'
import { flatten, formatAge, formatMoment, formatNumber, formatValue } from './values.ts'

/** A run with all that lies below it. */
export interface RunPage {
  readonly run: StoredObject<'run'>
  readonly splits: readonly StoredObject<'split'>[]
  readonly computations: readonly StoredObject<'computation'>[]
  readonly metrics: readonly StoredObject<'metric'>[]
  readonly results: readonly StoredObject<'result'>[]
  readonly artifacts: readonly ArtifactEntry[]
  readonly children: readonly StoredObject<'run'>[]
  readonly environment: StoredObject<'environment'> | undefined
}

type View = Pick<Context, 'colors' | 'out' | 'now'>

/** Formats a run as a page. */
export function formatRunPage(view: View, page: RunPage): string {
  const { run } = page
  return [
    formatHead(view, run, page.environment),
    formatSection(view, 'Parameters', formatParams(view, run.fields.params)),
    formatSection(view, 'Metrics', formatMetrics(view, run)),
    formatSection(view, 'Values', formatValues(view, page.metrics)),
    formatSection(view, 'Splits', formatSplits(view, page.splits)),
    formatSection(view, 'Computations', formatComputations(view, inOrder(page.computations))),
    formatSection(view, 'Results', formatResults(view, page.results)),
    formatSection(view, 'Artifacts', formatArtifacts(view, page.artifacts)),
    formatSection(
      view,
      'Child runs',
      page.children.length === 0 ? '' : indent(formatRunTable(narrower(view), page.children))
    ),
    formatSection(view, 'Environment', formatEnvironment(view, page.environment))
  ].join('')
}

function narrower(view: View): View {
  const { out } = view
  return {
    ...view,
    out: { ...out, write: (chunk) => out.write(chunk), columns: out.columns - 2 }
  }
}

/** Orders computations by when they started; of two at one time, that without a predecessor first. */
function inOrder(
  computations: readonly StoredObject<'computation'>[]
): StoredObject<'computation'>[] {
  const time = ({ fields }: StoredObject<'computation'>): string =>
    `${fields.started ?? ''} ${fields.predecessor ?? ''}`
  return [...computations].sort((a, b) => (time(a) < time(b) ? -1 : time(a) > time(b) ? 1 : 0))
}

function formatHead(
  view: View,
  run: StoredObject<'run'>,
  environment: StoredObject<'environment'> | undefined
): string {
  const { fields } = run
  const code = environment?.fields.code
  const took = formatTook(fields, view.now())
  const ended =
    fields.signal !== undefined
      ? `ended by ${printable(fields.signal)}`
      : fields.exitCode
        ? `exit status ${fields.exitCode}`
        : ''
  const title = [
    view.colors.bold(`run ${view.colors.yellow(run.id)}`),
    paintStatus(view, fields.status, fields.status),
    ended
  ]
  const commit = code?.commit === undefined ? '' : `, on commit ${code.commit.slice(0, 8)}`
  const branch = code?.branch === undefined ? '' : ` of ${printable(code.branch)}`
  return (
    `${title.filter((part) => part !== '').join('  ')}\n` +
    formatPairs(view, [
      ['name', text(fields.name)],
      ['address', printable(run.address)],
      [
        'started',
        fields.started &&
          `${formatMoment(fields.started)} (${formatAge(fields.started, view.now())})${took && `, took ${took}`}`
      ],
      ['command', fields.entry?.command?.map(quoteWord).join(' ')],
      ['file', text(fields.entry?.file)],
      ['code', fields.execution && `${fields.execution}${commit}${branch}`],
      ['key', text(fields.key)],
      ['seed', fields.seed === undefined ? undefined : formatValue(fields.seed)],
      ['part of', text(fields.parent)],
      [
        'datasets',
        Object.entries(fields.datasets ?? {})
          .map(datasetText)
          .join(', ')
      ],
      ['tags', (fields.tags ?? []).map(printable).join(', ')],
      ['notes', fields.notes === undefined ? undefined : printableLines(fields.notes)],
      ['error', fields.error && view.colors.red(printableLines(errorText(fields.error)))],
      ['undecided', formatConflicts(run)]
    ])
  )
}

function text(value: string | undefined): string | undefined {
  return value === undefined ? undefined : printable(value)
}

function quoteWord(word: string): string {
  return /^[\w@%+=:,./*-]+$/.test(word) ? word : `'${printable(word).replaceAll("'", "'\\''")}'`
}

function errorText(error: NonNullable<StoredObject<'run'>['fields']['error']>): string {
  return error.name === undefined || error.name === 'Error' || error.name === 'RuntreeError'
    ? error.message
    : `${error.name}: ${error.message}`
}

function datasetText([name, reference]: [
  string,
  { readonly version?: string; readonly role?: string }
]): string {
  const details = [reference.version, reference.role].filter((detail) => detail !== undefined)
  const behind = details.length === 0 ? '' : ` (${details.map(printable).join(', ')})`
  return printable(name) + behind
}

function formatParams(view: View, params: StoredObject<'run'>['fields']['params']): string {
  return formatPairs(
    view,
    [...flatten(params)].map(([name, value]) => [printable(name), formatValue(value)])
  )
}

function formatMetrics(view: View, run: StoredObject<'run'>): string {
  const summaries = Object.entries(run.fields.metrics ?? {})
  const overSplits = summaries.some(([, summary]) => summary.mean !== undefined)
  const number = (title: string, rank: number): Column => ({ title, rank, align: 'right' })
  return formatRows(
    view,
    [
      { title: 'metric', maxWidth: 48, minWidth: 30 },
      number('last', 0),
      ...(overSplits ? [number('mean', 1), number('std', 2)] : []),
      number('min', 3),
      number('max', 4),
      number('step', 6),
      number('points', 5)
    ],
    summaries.map(([name, summary]) => [
      name,
      formatNumber(summary.last),
      ...(overSplits ? [optionalNumber(summary.mean), optionalNumber(summary.std)] : []),
      formatNumber(summary.min),
      formatNumber(summary.max),
      optionalNumber(summary.step),
      String(summary.count)
    ])
  )
}

function optionalNumber(value: number | undefined): string {
  return value === undefined ? '' : formatNumber(value)
}
