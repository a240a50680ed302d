import type { StoredObject } from '../service/objects.ts'
import { formatConflicts } from './conflicts.ts'
import type { Context } from './context.ts'
import { isKind } from './find.ts'
import { formatPairs, formatSection } from './page.ts'
import { fieldsOf } from './print.ts'
import { printable, printableLines } from './printable.ts'
import { formatRows } from './run-parts.ts'
import {
  flatten,
  formatAge,
  formatMoment,
  formatNumber,
  formatSize,
  formatValue
} from './values.ts'

type View = Pick<Context, 'colors' | 'out' | 'now'>

/** Formats any object but a run as a page. */
export function formatObjectPage(view: View, object: StoredObject): string {
  const title = view.colors.bold(
    `${object.kind} ${view.colors.yellow(printable(object.id || object.project))}`
  )
  if (isKind(object, 'dataset')) return `${title}\n${formatDataset(view, object)}`
  if (isKind(object, 'experiment')) return `${title}\n${formatExperiment(view, object)}`
  if (isKind(object, 'result')) return `${title}\n${formatResult(view, object)}`
  if (isKind(object, 'project')) return `${title}\n${formatCommon(view, object)}`
  return `${title}\n${formatAny(view, object)}`
}

function formatCommon(
  view: View,
  object: StoredObject<'project'> | StoredObject<'dataset'> | StoredObject<'experiment'>,
  more: readonly (readonly [string, string | undefined])[] = []
): string {
  const { fields } = object
  return formatPairs(view, [
    ['name', printable(fields.name)],
    ['address', printable(object.address)],
    ['created', `${formatMoment(fields.created)} (${formatAge(fields.created, view.now())})`],
    ['about', fields.description === undefined ? undefined : printableLines(fields.description)],
    ...more,
    ['tags', (fields.tags ?? []).map(printable).join(', ')],
    ['notes', fields.notes === undefined ? undefined : printableLines(fields.notes)],
    ['undecided', formatConflicts(object)]
  ])
}

function formatExperiment(view: View, experiment: StoredObject<'experiment'>): string {
  const metrics = Object.entries(experiment.fields.metrics ?? {})
  return (
    formatCommon(view, experiment) +
    formatSection(
      view,
      'Declared metrics',
      formatRows(
        view,
        [
          { title: 'metric' },
          { title: 'goal', rank: 1 },
          { title: 'unit', rank: 2 },
          { title: 'about', rank: 3, maxWidth: 60 }
        ],
        metrics.map(([name, metric]) => [
          name,
          metric.goal ?? '',
          metric.unit ?? '',
          metric.description ?? ''
        ])
      )
    )
  )
}

function formatDataset(view: View, dataset: StoredObject<'dataset'>): string {
  const { fields } = dataset
  const optional = (value: string | undefined): string | undefined =>
    value === undefined ? undefined : printable(value)
  return (
    formatCommon(view, dataset, [
      ['type', optional(fields.type)],
      ['version', optional(fields.version)],
      ['rows', fields.rows === undefined ? undefined : String(fields.rows)],
      ['size', fields.sizeBytes === undefined ? undefined : formatSize(fields.sizeBytes)],
      ['digest', optional(fields.digest)],
      ['locations', (fields.locations ?? []).map(printable).join('\n')],
      ['source', optional(fields.originalSource)],
      ['license', optional(fields.license)]
    ]) +
    formatSection(
      view,
      'Attributes',
      formatRows(
        view,
        [
          { title: '#', align: 'right' },
          { title: 'name', minWidth: 12 },
          { title: 'level', rank: 1 },
          { title: 'type', rank: 2 },
          { title: 'unit', rank: 3 },
          { title: 'target', rank: 4 },
          { title: 'about', rank: 5, maxWidth: 60 }
        ],
        (fields.attributes ?? []).map((attribute) => [
          String(attribute.index),
          attribute.name,
          attribute.measurementLevel ?? '',
          attribute.type ?? '',
          attribute.unit ?? '',
          attribute.defaultTarget ? 'yes' : '',
          attribute.description ?? ''
        ])
      )
    )
  )
}

function formatResult(view: View, result: StoredObject<'result'>): string {
  const { columns = [], aggregates = {}, key, rows } = result.fields
  const number = (title: string, rank: number) => ({ title, rank, align: 'right' as const })
  return (
    formatPairs(view, [
      ['name', printable(result.fields.name)],
      ['address', printable(result.address)],
      ['rows', String(rows)],
      ['key', key === undefined ? undefined : printable(key)]
    ]) +
    formatSection(
      view,
      'Columns',
      formatRows(
        view,
        [
          { title: 'column', minWidth: 20 },
          { title: 'type' },
          number('min', 1),
          number('max', 2),
          number('mean', 3)
        ],
        columns.map(({ name, type }) => {
          const { min, max, mean } = aggregates[name] ?? {}
          const numbers = [min, max, mean].map((value) =>
            value === undefined ? '' : formatNumber(value)
          )
          return [name, type, ...numbers]
        })
      )
    )
  )
}

const SHOWN_VALUE_LENGTH = 400

function formatAny(view: View, object: StoredObject): string {
  const { schema: _, edits: __, ...fields } = fieldsOf(object)
  const pairs = [...flatten(fields)].map(([name, value]): [string, string] => {
    const text = formatValue(value)
    const shown = text.length > SHOWN_VALUE_LENGTH ? `${text.slice(0, SHOWN_VALUE_LENGTH)}…` : text
    return [printable(name), shown]
  })
  return formatPairs(view, [['address', printable(object.address)], ...pairs])
}
