import { experimentRef } from '../format/paths.ts'
import type { KeyOf, Kind, ObjectKey } from '../model/kinds.ts'
import { storeErrors } from '../store/errors.ts'
import type { ProjectStore } from '../store/project-store.ts'
import { type Purged, purgedPathsOf, purgePaths } from '../store/purge.ts'
import { descendantsOf, readChildren } from '../store/put-back.ts'
import { addressOf, type ServiceContext } from './context.ts'
import { removeObject } from './remove.ts'
import type { ExchangeOptions, SyncReport } from './sync.ts'
import { pushProject } from './sync-service.ts'

/** How an object is purged. */
export interface PurgeOptions extends ExchangeOptions {
  /** The remote to which the rewritten branch is pushed, by name. Default: none. */
  readonly remote?: string
  /** Told of the commits rewritten so far and of all. Default: nobody is. */
  readonly onRewrite?: (done: number, total: number) => void
}

/** What a purge did. */
export interface PurgeReport extends Purged {
  readonly address: string
  readonly kind: Kind
  /** What the push came to; absent if none was asked for. */
  readonly pushed?: SyncReport
}

const KINDS = [
  'run',
  'execution',
  'environment',
  'split',
  'computation',
  'metric',
  'result',
  'artifact'
] as const

type PurgeableKey = KeyOf<(typeof KINDS)[number]>

/**
 * Takes an object inside an experiment out of its history, and a run's child runs with it.
 *
 * @throws STORE_NOT_FOUND, STORE_WRONG_KIND, STORE_IN_USE, STORE_PURGE, STORE_BUSY; what `push` throws,
 * with the object purged here.
 */
export async function purgeObject(
  context: ServiceContext,
  address: string,
  options: PurgeOptions = {}
): Promise<PurgeReport> {
  options.signal?.throwIfAborted()
  const { store, key } = await findPurgeable(context, address)
  const found = addressOf(store, key)
  const keys: ObjectKey[] = [key]
  const ref = experimentRef(key.experiment)
  const view = await store.view(ref)
  if (view !== undefined && (await view.has(key))) {
    if (key.kind === 'run') {
      keys.push(...descendantsOf(await readChildren(view, key.experiment), key))
    }
    // What names the object, such as a run's list of artifacts, names it no more.
    await store.transact([ref], 'delete', (transaction) => removeObject(store, key, transaction))
  }
  const { onRewrite, signal } = options
  const purged = await purgePaths(store, key, purgedPathsOf(keys), {
    address: found,
    ...(onRewrite === undefined ? {} : { onProgress: onRewrite }),
    ...(signal === undefined ? {} : { signal })
  })
  const report = { address: found, kind: key.kind, ...purged }
  if (options.remote === undefined) return report
  const { onRewrite: _, ...exchange } = options
  const request = { ...exchange, in: store.slug, experiments: [key.experiment] }
  return { ...report, pushed: await pushProject(context, request) }
}

/** Finds what is there, or was: an object that was deleted is still in the history. */
async function findPurgeable(
  { book }: ServiceContext,
  address: string
): Promise<{ readonly store: ProjectStore; readonly key: PurgeableKey }> {
  const there = await book.find(address)
  if (there !== undefined && !(KINDS as readonly Kind[]).includes(there.key.kind)) {
    const wanted = 'object inside an experiment'
    throw storeErrors.create('STORE_WRONG_KIND', { address, kind: there.key.kind, wanted })
  }
  const [place] = there === undefined ? await book.candidates(address, KINDS) : [there]
  if (place === undefined) throw storeErrors.create('STORE_NOT_FOUND', { address })
  return place as unknown as { readonly store: ProjectStore; readonly key: PurgeableKey }
}
