import type { FieldsAnswer } from '../source/answers.ts'
import { shortName } from './field-list.ts'
import type { ChosenColumn } from './table-state.ts'

/** How the values of a column are shown. */
export type ColumnKind = 'metric' | 'number' | 'duration' | 'time' | 'tags' | 'status' | 'text'

/** A column of a table of runs. */
export interface Column extends ChosenColumn {
  readonly label: string
  /** What is read aloud and shown as a hint. */
  readonly title: string
  readonly kind: ColumnKind
  readonly width: number
  /** Which of a row's values it shows. */
  readonly valueIndex: number
  readonly isNumeric: boolean
  /** For metrics, as declared. */
  readonly goal: 'minimize' | 'maximize' | undefined
}

/** So many metrics and parameters are shown as long as nobody chose. */
const SHOWN_METRICS = 6
const SHOWN_PARAMS = 12

const WIDTHS: { readonly [kind in ColumnKind]: number } = {
  metric: 116,
  number: 104,
  duration: 96,
  time: 132,
  tags: 170,
  status: 110,
  text: 140
}

/** Fields of runs that have a form of their own. */
const KINDS: { readonly [field: string]: ColumnKind } = {
  duration: 'duration',
  created: 'time',
  started: 'time',
  finished: 'time',
  time: 'time',
  tags: 'tags',
  tag: 'tags',
  status: 'status',
  seed: 'number',
  exitCode: 'number'
}

/** Chooses the fields that are shown as long as nobody chose: metrics with a goal first. */
export function chooseFields(fields: FieldsAnswer, hasExperiments: boolean): readonly string[] {
  const metrics = fields.used.filter((field) => field.startsWith('metrics.'))
  const isDeclared = (field: string): boolean => goalOf(fields, field) !== undefined
  // Those of the whole before those of parts, such as `val/loss`; the sort keeps the order of equals.
  const rankOf = (field: string): number =>
    Number(!isDeclared(field)) + 2 * Number(field.includes('/'))
  const ordered = metrics.toSorted((a, b) => rankOf(a) - rankOf(b))
  // Of maps their members are shown.
  const isMap = (field: string): boolean => fields.used.some((each) => each.startsWith(`${field}.`))
  const params = fields.used.filter((field) => field.startsWith('params.') && !isMap(field))
  return [
    ...(hasExperiments ? ['experiment'] : []),
    ...ordered.slice(0, SHOWN_METRICS),
    'started',
    'duration',
    'tags',
    ...params.slice(0, SHOWN_PARAMS)
  ]
}

/** Describes a column. `isNumber`: whether numbers were found in it. */
export function describeColumn(
  chosen: ChosenColumn,
  valueIndex: number,
  fields: FieldsAnswer,
  isNumber: boolean
): Column {
  const { field } = chosen
  const goal = goalOf(fields, field)
  const kind = kindOf(field, isNumber)
  const label = shortName(field)
  const needed = Math.min(220, 46 + label.length * 7.4)
  return {
    ...chosen,
    kind,
    label,
    goal,
    valueIndex,
    title: goal === undefined ? field : `${field} (${goal} is better)`.replace('imize is', ' is'),
    width: chosen.width ?? Math.round(Math.max(WIDTHS[kind], needed)),
    isNumeric: kind === 'metric' || kind === 'number' || kind === 'duration'
  }
}

function kindOf(field: string, isNumber: boolean): ColumnKind {
  if (field.startsWith('metrics.')) return 'metric'
  if (Object.hasOwn(KINDS, field)) return KINDS[field] as ColumnKind
  return isNumber ? 'number' : 'text'
}

/** Returns what is better of a metric, or of a member of its summary. */
export function goalOf(fields: FieldsAnswer, field: string): 'minimize' | 'maximize' | undefined {
  if (!field.startsWith('metrics.')) return undefined
  const name = shortName(field)
  const whole = name.replace(/\.(?:last|min|max|mean)$/, '')
  for (const metric of [name, whole]) {
    if (Object.hasOwn(fields.metrics, metric)) return fields.metrics[metric]?.goal
  }
  return undefined
}
