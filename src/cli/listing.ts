import { equalJson, isJsonObject, type JsonObject } from '../base/json.ts'
import type { StoredObject } from '../service/objects.ts'
import { fieldAt } from '../service/select.ts'
import { usageError } from './errors.ts'
import { type Describable, fieldsOf } from './print.ts'
import { mergeDeep, nest, parseTyped } from './values.ts'

/** Top-level fields of a run; a plain name that is none of them is a parameter's or a metric's. */
const RUN_FIELDS = [
  'name',
  'key',
  'execution',
  'parent',
  'status',
  'created',
  'started',
  'finished',
  'exitCode',
  'signal',
  'seed',
  'notes'
]

const MAPS = ['params', 'metrics', 'entry', 'datasets', 'error']

/** Tells whether an object passes a filter. */
export type Filter = (object: Pick<Describable, 'fields'>) => boolean

/**
 * Parses filters such as `status=finished`, `k=5`, `params.model.depth=3` or `tag=baseline`; an object
 * passes if it passes each.
 *
 * A plain name that is no field of a run is a parameter.
 *
 * @throws CLI_USAGE
 */
export function parseFilters(filters: readonly string[]): Filter {
  const wanted = filters.map((filter) => {
    const at = filter.indexOf('=')
    if (at < 1) throw usageError(`The filter ${filter} is not of the form name=value.`)
    const name = filter.slice(0, at)
    return { name, text: filter.slice(at + 1) }
  })
  return (object) =>
    wanted.every(({ name, text }) => {
      const fields = fieldsOf(object)
      if (name === 'tag' || name === 'tags') return listOf(fields.tags).includes(text)
      const value = fieldAt(fields, fieldPath(name))
      return String(value) === text || equalJson(value, parseTyped(text))
    })
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function fieldPath(name: string): string {
  if (RUN_FIELDS.includes(name) || MAPS.includes(name.split('.')[0] as string)) return name
  return `params.${name}`
}

/**
 * Sorts runs by a field, parameter or metric; `-` before its name puts the greatest first. Runs without
 * the value come last. Of a metric the mean over splits counts, else the last value.
 *
 * @throws CLI_USAGE if no run has such a field.
 */
export function sortRuns(
  runs: readonly StoredObject<'run'>[],
  sort: string
): StoredObject<'run'>[] {
  const descending = sort.startsWith('-')
  const name = descending ? sort.slice(1) : sort
  const keyed = runs.map((run) => ({ run, key: sortKey(fieldsOf(run), name) }))
  if (runs.length > 0 && keyed.every(({ key }) => key === undefined)) {
    throw usageError(`None of these runs has a field, parameter or metric ${name}.`)
  }
  const sign = descending ? -1 : 1
  return keyed
    .sort((a, b) => {
      const absent = Number(isMissing(a.key)) - Number(isMissing(b.key))
      return absent !== 0 || isMissing(a.key) ? absent : sign * compare(a.key, b.key)
    })
    .map(({ run }) => run)
}

function sortKey(fields: JsonObject, name: string): unknown {
  if (RUN_FIELDS.includes(name)) return fields[name]
  const metric = fieldAt(fields.metrics, name)
  if (isJsonObject(metric)) return metric.mean ?? metric.last
  return fieldAt(fields.params, name) ?? fieldAt(fields, name)
}

function isMissing(key: unknown): boolean {
  return key === undefined || key === null || Number.isNaN(key)
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const left = typeof a === 'string' ? a : JSON.stringify(a)
  const right = typeof b === 'string' ? b : JSON.stringify(b)
  return left < right ? -1 : left > right ? 1 : 0
}

/** Fields that are text, whatever is typed: `version=1` is the version “1”. */
export const TEXT_FIELDS = [
  'name',
  'description',
  'notes',
  'version',
  'type',
  'digest',
  'license',
  'originalSource',
  'key',
  'component',
  'predecessor',
  'split',
  'dataset',
  'parent'
]

/**
 * Parses assignments such as `lr=0.1` or `model.depth=3` into nested maps; the values of the names in
 * `isText` stay text.
 *
 * @throws CLI_USAGE
 */
export function parseAssignments(
  assignments: readonly string[],
  isText: readonly string[] = []
): JsonObject {
  return assignments.reduce<JsonObject>((fields, assignment) => {
    const at = assignment.indexOf('=')
    if (at < 1) throw usageError(`${assignment} is not of the form name=value.`)
    const [name, text] = [assignment.slice(0, at), assignment.slice(at + 1)]
    return mergeDeep(fields, nest(name, isText.includes(name) ? text : parseTyped(text)))
  }, {})
}

/** Orders runs by their start, the latest first. */
export function newestFirst(runs: readonly StoredObject<'run'>[]): StoredObject<'run'>[] {
  const time = (run: StoredObject<'run'>): string => run.fields.started ?? run.fields.created
  return [...runs].sort((a, b) => (time(a) < time(b) ? 1 : time(a) > time(b) ? -1 : 0))
}
