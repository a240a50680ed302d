import type { StoredObject } from '../service/objects.ts'
import type { FindOptions, FindResult, UnknownField } from '../service/query.ts'
import type { Workspace } from '../service/workspace.ts'
import type { Context } from './context.ts'
import { usageError } from './errors.ts'
import { collect } from './find.ts'
import { warn } from './print.ts'
import { printable } from './printable.ts'

/** Joins the filters of a command line into one that all of them must pass. */
export function joinFilters(filters: readonly string[]): string | undefined {
  const given = filters.filter((filter) => filter.trim() !== '')
  if (given.length <= 1) return given[0]
  return given.map((filter) => `(${filter})`).join(' and ')
}

/**
 * Finds runs for a command: what can't be read, and fields that no run has, are told of on the side.
 *
 * @throws CLI_USAGE if no run has a field that they are sorted by.
 */
export async function findRuns(
  context: Context,
  workspace: Workspace,
  options: FindOptions
): Promise<FindResult> {
  return askSorted(context, options, (asked) => workspace.runs.find(asked))
}

/**
 * Asks for runs in an order: what can't be read, and fields that no run has, are told of on the side.
 *
 * @throws CLI_USAGE if no run has a field that they are sorted by.
 */
export async function askSorted<T extends { readonly unknown: readonly UnknownField[] }>(
  context: Context,
  options: FindOptions,
  ask: (options: FindOptions) => Promise<T>
): Promise<T> {
  const found = await askRuns(context, (onDamaged) =>
    ask({ ...options, onDamaged, signal: context.signal })
  )
  const sorts = [options.sort ?? []].flat().map((key) => key.replace(/^-/, ''))
  const wrong = found.unknown.find(({ field }) => sorts.includes(field))
  if (wrong === undefined) return found
  throw usageError(`The runs can't be sorted by ${wrong.field}: none of them has it.`)
}

/** Splits names that were given with commas between them or one after another. */
export function listNames(given: readonly string[]): readonly string[] {
  return given
    .flatMap((names) => names.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

/** Asks something of runs, and tells on the side what can't be read and which fields no run has. */
export async function askRuns<T extends { readonly unknown: readonly UnknownField[] }>(
  context: Context,
  ask: (
    onDamaged: (damage: { readonly path: string; readonly error: unknown }) => void
  ) => Promise<T>
): Promise<T> {
  const [answer] = await collect<T>(context, async function* (onDamaged) {
    yield await ask(onDamaged)
  })
  for (const { field, suggestion } of (answer as T).unknown) {
    const meant = suggestion === undefined ? '' : ` Did you mean ${printable(suggestion)}?`
    warn(context, `None of these runs has a field ${printable(field)}.${meant}`)
  }
  return answer as T
}

/**
 * Returns the key by which a list is sorted: of a metric with a goal the best comes first, unless `+` or
 * `-` before its name say which way.
 */
export function sortKeyOf(
  sort: string,
  experiment: StoredObject<'experiment'> | undefined
): string {
  if (sort.startsWith('-')) return sort
  if (sort.startsWith('+')) return sort.slice(1)
  const name = sort.replace(/^metrics\./, '')
  const metrics = experiment?.fields.metrics ?? {}
  const goal = Object.hasOwn(metrics, name) ? metrics[name]?.goal : undefined
  return goal === 'maximize' ? `-${sort}` : sort
}
