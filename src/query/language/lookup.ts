import { compareCodePoints } from '../../base/bytes.ts'
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import type { FieldPath } from './filter.ts'

/**
 * Returns what a path names in a value.
 *
 * Where names have dots themselves, the longest one that is there is taken. A path through a list goes to
 * the item of a number, else to each of its items, and gives the list of what it finds.
 */
export function valueAt(value: unknown, path: FieldPath, from = 0): Json | undefined {
  if (from === path.length) return value as Json | undefined
  if (Array.isArray(value)) return inList(value, path, from)
  if (!isJsonObject(value)) return undefined
  if (from === path.length - 1) {
    const name = path[from] as string
    return Object.hasOwn(value, name) ? value[name] : undefined
  }
  for (let end = path.length; end > from; end--) {
    const name = path.slice(from, end).join('.')
    if (!Object.hasOwn(value, name)) continue
    const found = valueAt(value[name], path, end)
    if (found !== undefined) return found
  }
  return undefined
}

function inList(list: readonly unknown[], path: FieldPath, from: number): Json | undefined {
  const name = path[from] as string
  if (/^\d{1,9}$/.test(name)) return valueAt(list[Number(name)], path, from + 1)
  const found = list.flatMap((item) => {
    const value = valueAt(item, path, from)
    return value === undefined ? [] : Array.isArray(value) ? value : [value]
  })
  return found.length === 0 ? undefined : (found as Json[])
}

/** What a run is filtered by: its record, and those of what it belongs to. */
export interface RunSubject {
  readonly id: string
  readonly address: string
  readonly project: string
  readonly experiment: string
  readonly fields: JsonObject
  /** The other records, those that the question mentions. */
  readonly related?: RelatedRecords
}

/** The records to which a run leads. */
export interface RelatedRecords {
  readonly experiment?: object | undefined
  readonly execution?: object | undefined
  readonly environment?: object | undefined
  /** By slug. */
  readonly datasets?: { readonly [dataset: string]: object }
}

/** Tells which other records are needed to know a field. */
export function relatedBy(field: FieldPath): keyof RelatedRecords | undefined {
  switch (field[0]) {
    case 'experiment':
    case 'execution':
      return field.length > 1 ? field[0] : undefined
    case 'environment':
      return 'environment'
    case 'dataset':
      return field.length > 1 ? 'datasets' : undefined
    case 'datasets':
      return field.length > 2 ? 'datasets' : undefined
    default:
      return undefined
  }
}

/** Tells whether a field lies in a run's metrics. */
export function isMetric(field: FieldPath): boolean {
  return field[0] === 'metrics' && field.length > 1
}

/** Reads fields of runs, by what the docs call their names. */
export function runValue(run: RunSubject, field: FieldPath, nowMs: number): Json | undefined {
  const { fields } = run
  switch (field[0]) {
    case 'id':
    case 'address':
    case 'project':
      return field.length === 1 ? run[field[0]] : undefined
    case 'experiment':
      return field.length === 1 ? run.experiment : valueAt(run.related?.experiment, field, 1)
    case 'execution':
      if (field.length === 1) return fields.execution
      return valueAt(run.related?.execution, field, 1)
    case 'environment':
      return valueAt(run.related?.environment, field, 1)
    case 'dataset':
      return datasetValue(run, field)
    case 'datasets':
      return valueAt(field.length > 2 ? datasetsOf(run) : fields.datasets, field, 1)
    case 'metrics':
      return field.length === 1 ? fields.metrics : mainValue(valueAt(fields.metrics, field, 1))
    case 'tag':
      return field.length === 1 ? fields.tags : undefined
    case 'time':
      return field.length === 1 ? (fields.started ?? fields.created) : undefined
    case 'duration':
      return field.length === 1
        ? durationOf(fields.started, fields.finished, fields.status, nowMs)
        : undefined
    default:
      return plainValue(fields, field)
  }
}

/** Reads a field of the record itself; else a parameter of that name, else a metric. */
function plainValue(fields: JsonObject, field: FieldPath): Json | undefined {
  if (Object.hasOwn(fields, field[0] as string)) return valueAt(fields, field)
  if (isRunField(field[0] as string)) return undefined
  return valueAt(fields.params, field) ?? mainValue(valueAt(fields.metrics, field))
}

const RUN_FIELDS: ReadonlySet<string> = new Set([
  'schema',
  'name',
  'key',
  'entry',
  'parent',
  'status',
  'attempt',
  'created',
  'started',
  'finished',
  'exitCode',
  'signal',
  'error',
  'params',
  'tags',
  'notes',
  'seed',
  'artifacts',
  'edits',
  'conflicts'
])

/** Tells whether a first name is a field of every run's record, so that no parameter is meant. */
export function isRunField(name: string): boolean {
  return RUN_FIELDS.has(name)
}

/** Returns the number for which a metric's summary stands: the mean over splits, else the last value. */
export function mainValue(value: Json | undefined): Json | undefined {
  if (!isJsonObject(value) || typeof value.last !== 'number') return value
  return value.mean ?? value.last
}

/** Returns seconds from start to end, or to now while it runs. */
export function durationOf(
  started: Json | undefined,
  finished: Json | undefined,
  status: Json | undefined,
  nowMs: number
): number | undefined {
  if (typeof started !== 'string') return undefined
  const isOver = typeof finished === 'string'
  if (!isOver && status !== 'running') return undefined
  const end = isOver ? Date.parse(finished) : nowMs
  return (end - Date.parse(started)) / 1000
}

/** Joins each dataset's record with what the run says of it, which counts more; in order of their slugs. */
function datasetsOf(run: RunSubject): JsonObject {
  const references = run.fields.datasets
  if (!isJsonObject(references)) return {}
  const sorted = Object.entries(references).sort(([a], [b]) => compareCodePoints(a, b))
  const joined = sorted.map(([slug, reference]) => [
    slug,
    { ...run.related?.datasets?.[slug], ...(isJsonObject(reference) ? reference : {}) }
  ])
  return Object.fromEntries(joined)
}

function datasetValue(run: RunSubject, field: FieldPath): Json | undefined {
  const datasets = datasetsOf(run)
  const slugs = Object.keys(datasets)
  if (slugs.length === 0) return undefined
  return field.length === 1 ? slugs : inList(Object.values(datasets), field, 1)
}
