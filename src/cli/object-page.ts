import type { StoredObject } from '../service/objects.ts'
import type { Context } from './context.ts'
import { isKind } from './find.ts'
import { formatPairs, formatSection } from './page.ts'
import { fieldsOf } from './print.ts'
import { printable, printableLines } from './printable.ts'
import { formatRows } from './run-parts.ts'
import { flatten, formatAge, formatMoment, formatSize, formatValue } from './values.ts'

type View = Pick<Context, 'colors' | 'out' | 'now'>

/** Formats any object but a run as a page. */
export function formatObjectPage(view: View, object: StoredObject): string {
  const title = view.colors.bold(
    `${object.kind} ${view.colors.yellow(printable(object.id || object.project))}`
  )
  if (isKind(object, 'dataset')) return `${title}\n${formatDataset(view, object)}`
  if (isKind(object, 'experiment')) return `${title}\n${formatExperiment(view, object)}`
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
    [
      'undecided',
      Object.keys(fields.conflicts ?? {})
        .map(printable)
        .join(', ')
    ]
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
          { title: 'goal' },
          { title: 'unit' },
          { title: 'about', maxWidth: 60 }
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
