import { isCoded, reasonOf } from '../base/errors.ts'
import { suggestName } from '../base/suggest.ts'
import type { StoredObject } from '../service/objects.ts'
import type { Service } from '../service/service.ts'
import type { Workspace } from '../service/workspace.ts'
import type { Context } from './context.ts'
import { cliErrors } from './errors.ts'
import { createPause } from './pause.ts'
import { note, warn } from './print.ts'
import { printable } from './printable.ts'
import { openProgress } from './progress.ts'

export type Kind = StoredObject['kind']

/** Kinds that have a service. */
export const SERVED_KINDS = [
  'project',
  'experiment',
  'run',
  'dataset',
  'execution',
  'split',
  'computation',
  'metric',
  'result',
  'environment',
  'view'
] as const satisfies readonly Kind[]

export type ServedKind = (typeof SERVED_KINDS)[number]

/** Returns the service of a kind. */
export function serviceOf<K extends ServedKind>(workspace: Workspace, kind: K): Service<K> {
  const services: { readonly [S in ServedKind]: Service<S> } = {
    project: workspace.projects,
    experiment: workspace.experiments,
    run: workspace.runs,
    dataset: workspace.datasets,
    execution: workspace.executions,
    split: workspace.splits,
    computation: workspace.computations,
    metric: workspace.metrics,
    result: workspace.results,
    environment: workspace.environments,
    view: workspace.views
  }
  return services[kind]
}

/** Tells whether objects of a kind have a service. */
export function isServed(kind: Kind): kind is ServedKind {
  return (SERVED_KINDS as readonly Kind[]).includes(kind)
}

/** Reads the object that an address names, as it is here. @throws CLI_NOT_FOUND */
export async function findObject(
  context: Pick<Context, 'signal'>,
  workspace: Workspace,
  address: string,
  at?: string
): Promise<StoredObject> {
  const reading = { signal: context.signal, offline: true, ...(at === undefined ? {} : { at }) }
  const object = await workspace.get(address, reading).then(
    (result) => result.object,
    (error: unknown) => {
      if (isCoded(error) && error.code === 'REMOTE_OFFLINE') return undefined
      throw error
    }
  )
  if (object === undefined) throw await nothingAt(workspace, address)
  return object
}

/** Returns the commit or tag behind an address; `undefined` if it names none. */
export function revisionOf(address: string | undefined): string | undefined {
  const inside = address?.slice(address.indexOf('#') + 1)
  return inside === undefined ? undefined : /@([^@/:]+)$/.exec(inside)?.[1]
}

/** Reads the run that an address names. @throws CLI_NOT_FOUND, CLI_WRONG_KIND */
export async function findRun(
  context: Pick<Context, 'signal'>,
  workspace: Workspace,
  address: string,
  at?: string
): Promise<StoredObject<'run'>> {
  const object = await findObject(context, workspace, address, at)
  if (isKind(object, 'run')) return object
  throw cliErrors.create('CLI_WRONG_KIND', { address, kind: object.kind, expected: 'run' })
}

/** Resolves an address to its kind and full form. @throws CLI_NOT_FOUND */
export async function resolveAddress(
  workspace: Workspace,
  address: string
): Promise<{ readonly kind: Kind; readonly address: string }> {
  const found = await workspace.resolve(address)
  if (found === undefined) throw await nothingAt(workspace, address)
  return found
}

/** Makes the failure of an address at which there is nothing, with the one that was most likely meant. */
export async function nothingAt(workspace: Workspace, address: string): Promise<Error> {
  const suggestion = await suggestAddress(workspace, address).catch(() => undefined)
  return cliErrors.create('CLI_NOT_FOUND', {
    address,
    ...(suggestion === undefined ? {} : { suggestion })
  })
}

async function suggestAddress(workspace: Workspace, address: string): Promise<string | undefined> {
  const known = ['datasets', 'views']
  for await (const { project } of workspace.projects.list()) {
    known.push(project)
    for await (const experiment of workspace.experiments.list({ in: project })) {
      known.push(experiment.address)
      if (project === workspace.project) known.push(experiment.key.experiment)
    }
  }
  return suggestName(address, known)
}

/** Narrows an object to a kind. */
export function isKind<K extends Kind>(
  object: StoredObject,
  kind: K
): object is StoredObject & StoredObject<K> {
  return object.kind === kind
}

/** Reads the environment of a run; one that can't be read is named on standard error and left away. */
export async function readEnvironment(
  context: Pick<Context, 'err' | 'colors'>,
  read: () => Promise<StoredObject<'environment'> | undefined>
): Promise<StoredObject<'environment'> | undefined> {
  try {
    return await read()
  } catch (error) {
    if (!isCoded(error)) throw error
    warn(context, printable(`The environment is left out: ${error.message}`))
    return undefined
  }
}

/** What a command has told of what is damaged: it may list more than once. */
const told = new WeakMap<Context, Set<string>>()

/** Collects a listing; what is damaged is named on standard error, once, and left away. */
export async function collect<T>(
  context: Context,
  listing: (onDamaged: (damage: { path: string; error: unknown }) => void) => AsyncIterable<T>
): Promise<T[]> {
  const found: T[] = []
  const progress = openProgress(context, 'reading')
  const pause = createPause(context)
  const known = told.get(context) ?? new Set()
  told.set(context, known)
  const onDamaged = (damage: { path: string; error: unknown }): void => {
    const text = `${printable(damage.path)} is left out: ${printable(reasonOf(damage.error))}`
    if (!known.has(text)) warn(context, text)
    known.add(text)
  }
  try {
    for await (const item of listing(onDamaged)) {
      await pause()
      found.push(item)
      progress.update(found.length, 0)
    }
  } finally {
    progress.stop()
  }
  return found
}

/** Tells whether a metric of a run has a value of its own; of a series, the record only sums it up. */
export function isStructured(metric: Pick<StoredObject<'metric'>, 'fields'>): boolean {
  return metric.fields.type !== SERIES_TYPE
}

/** The type that the service gives to a metric that is the summary of a series. */
const SERIES_TYPE = 'series'

/**
 * Ends the runs of the current project, or below an address, whose process is gone.
 *
 * A store that can't be written changes nothing: they are shown as they are.
 */
export async function recoverRuns(
  context: Pick<Context, 'err' | 'quiet' | 'colors'>,
  workspace: Workspace,
  place: { readonly in?: string } = {}
): Promise<void> {
  const stop = workspace.events.on('damaged', ({ path, error }) => {
    warn(context, printable(`${path} can't be recovered now: ${reasonOf(error)}`))
  })
  const recovered = await workspace.runs.recover(place).catch(() => [])
  stop()
  for (const { address, status } of recovered) {
    note(context, `The process of ${printable(address)} is gone: the run is now ${status}.`)
  }
}
