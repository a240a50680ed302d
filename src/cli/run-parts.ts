import { isJsonObject, type Json } from '../base/json.ts'
import type { StoredObject } from '../service/objects.ts'
import type { ArtifactEntry } from '../service/workspace.ts'
import type { Context } from './context.ts'
import { formatPairs, indent } from './page.ts'
import { printable } from './printable.ts'
import { formatTook } from './run-table.ts'
import { type Column, formatTable } from './table.ts'
import { flatten, formatCount, formatNumber, formatSize, formatValue } from './values.ts'

type View = Pick<Context, 'colors' | 'out' | 'now'>

/** Formats values that are no numbers as part of a page. */
export function formatValues(view: View, metrics: readonly StoredObject<'metric'>[]): string {
  return metrics
    .map(({ fields }) => {
      const type = fields.type === fields.name ? undefined : fields.type
      const details = [type, fields.split && `split ${fields.split}`].filter(Boolean)
      const behind =
        details.length === 0 ? '' : view.colors.dim(`  ${printable(details.join(', '))}`)
      return `  ${printable(fields.name)}${behind}\n${indent(indent(formatMatrix(view, fields.value)))}`
    })
    .join('')
}

/** Formats a matrix of numbers, with labels or without, as rows; anything else on one line. */
function formatMatrix(view: View, value: Json): string {
  const { labels, matrix } = isJsonObject(value) ? value : { labels: [], matrix: value }
  if (!isMatrix(matrix)) {
    const line = formatValue(value)
    const room = view.out.columns * 3
    return `${line.length > room ? `${line.slice(0, room)}…` : line}\n`
  }
  const names = Array.isArray(labels) ? labels.map(formatValue) : []
  const margin = Math.max(0, ...names.map((name) => name.length))
  const rows = matrix.map((row) => row.map(formatNumber))
  const width = Math.max(...rows.flat().map((cell) => cell.length))
  return rows
    .map((row, at) => {
      const name = margin === 0 ? '' : `${(names[at] ?? '').padEnd(margin)}  `
      return `${view.colors.dim(name)}${row.map((cell) => cell.padStart(width)).join('  ')}\n`
    })
    .join('')
}

const SHOWN_ROWS = 30

function isMatrix(value: Json | undefined): value is readonly (readonly number[])[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= SHOWN_ROWS &&
    value.every((row) => Array.isArray(row) && row.every((cell) => typeof cell === 'number'))
  )
}

/** Formats splits as part of a page. */
export function formatSplits(view: View, splits: readonly StoredObject<'split'>[]): string {
  const part = (
    each: { readonly count?: number; readonly indices?: readonly number[] } | undefined
  ) => (each === undefined ? '' : String(each.count ?? each.indices?.length ?? ''))
  return formatRows(
    view,
    [
      { title: 'split' },
      ...['train', 'test', 'validation'].map(
        (title): Column => ({ title, align: 'right', rank: 1 })
      ),
      { title: 'seed', rank: 2, align: 'right' },
      { title: 'dataset', rank: 3 }
    ],
    splits.map(({ fields }) => [
      fields.name,
      part(fields.train),
      part(fields.test),
      part(fields.validation),
      fields.seed === undefined ? '' : String(fields.seed),
      fields.dataset ?? ''
    ])
  )
}

/** Formats computations as part of a page. */
export function formatComputations(
  view: View,
  computations: readonly StoredObject<'computation'>[]
): string {
  return formatRows(
    view,
    [
      { title: 'computation' },
      { title: 'component', rank: 1 },
      { title: 'split', rank: 2 },
      { title: 'after', rank: 4 },
      { title: 'took', rank: 1, align: 'right' },
      { title: 'parameters', rank: 3, maxWidth: 60 }
    ],
    computations.map(({ fields }) => [
      fields.name,
      fields.component ?? '',
      fields.split ?? '',
      fields.predecessor ?? '',
      formatTook(fields, view.now()),
      [...flatten({ ...fields.params, ...fields.hyperparams })]
        .map(([name, value]) => `${name}=${formatValue(value)}`)
        .join(' ')
    ])
  )
}

/** Formats results as part of a page. */
export function formatResults(view: View, results: readonly StoredObject<'result'>[]): string {
  return formatRows(
    view,
    [
      { title: 'result' },
      { title: 'rows', align: 'right' },
      { title: 'columns', maxWidth: 100, rank: 1 }
    ],
    results.map(({ fields }) => [
      fields.name,
      String(fields.rows),
      (fields.columns ?? []).map((column) => column.name).join(', ')
    ])
  )
}

/** Formats artifacts as a table. */
export function formatArtifacts(view: View, artifacts: readonly ArtifactEntry[]): string {
  return formatRows(
    view,
    [
      { title: 'artifact', maxWidth: 60, minWidth: 20 },
      { title: 'size', align: 'right', rank: 1 },
      { title: 'type', rank: 1, maxWidth: 30 },
      { title: 'where', rank: 2, maxWidth: 60 }
    ],
    artifacts.map((artifact) => [
      artifact.path,
      artifact.sizeBytes === undefined ? '' : formatSize(artifact.sizeBytes),
      artifact.mediaType ?? '',
      artifact.uri ?? (artifact.present ? '' : 'not here')
    ])
  )
}

/** Formats a table inside a section of a page. */
export function formatRows(
  view: View,
  columns: readonly Column[],
  rows: readonly (readonly string[])[]
): string {
  if (rows.length === 0) return ''
  const { text } = formatTable(columns, rows, {
    width: view.out.columns - 2,
    colors: plainHead(view)
  })
  return indent(text)
}

function plainHead(view: View): View['colors'] {
  return { ...view.colors, bold: view.colors.dim }
}

/** Formats an environment as part of a page. */
export function formatEnvironment(
  view: View,
  environment: StoredObject<'environment'> | undefined
): string {
  if (environment === undefined) return ''
  const { fields } = environment
  const { platform, processors, runtime, scheduler, ci, code } = fields
  const who = [fields.user, fields.host].filter(Boolean).join(' at ')
  return formatPairs(view, [
    ['host', printable(who)],
    [
      'platform',
      printable([platform?.os, platform?.release, platform?.arch].filter(Boolean).join(' '))
    ],
    ['runtime', runtime && printable(`${runtime.name} ${runtime.version}`)],
    [
      'processors',
      processors && printable([processors.count, processors.model].filter(Boolean).join(' × '))
    ],
    ['memory', fields.memoryBytes === undefined ? undefined : formatSize(fields.memoryBytes)],
    ['gpus', (fields.gpus ?? []).map((gpu) => printable(gpu.name)).join(', ')],
    ['packages', formatCountOf(fields.packages, 'package')],
    [
      'lock files',
      Object.keys(fields.lockFiles ?? {})
        .map(printable)
        .join(', ')
    ],
    ['job', scheduler && printable(`${scheduler.kind} ${scheduler.jobId}`)],
    ['ci', ci && printable([ci.provider, ci.jobUrl].filter(Boolean).join(' '))],
    ['left out', (code?.leftOut ?? []).map(printable).join(', ')],
    ['warnings', (code?.warnings ?? []).map(printable).join('\n')]
  ])
}

function formatCountOf(map: object | undefined, noun: string): string | undefined {
  return map === undefined ? undefined : formatCount(Object.keys(map).length, noun)
}
