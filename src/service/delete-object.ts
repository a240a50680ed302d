import { experimentRef } from '../format/paths.ts'
import type { Kind, ObjectKey } from '../model/kinds.ts'
import { deleteExperimentThere, deleteProjectThere, failureOf } from '../store/delete-there.ts'
import { storeErrors } from '../store/errors.ts'
import { pushTo } from '../store/exchange.ts'
import type { ProjectStore } from '../store/project-store.ts'
import { listRemotes, type RemoteSettings, requireRemote } from '../store/remote-config.ts'
import { forgetRemote } from '../store/remote-record.ts'
import { compareWithRemote } from '../store/sync-state.ts'
import type { Place } from './address-book.ts'
import { addressOf, exchangeOptions, type ServiceContext } from './context.ts'
import type { DeleteOptions, DeleteReport, RemoteDeletion } from './workspace.ts'

/**
 * Deletes an object here, at remotes, or both; `removeHere` does the first.
 *
 * @throws STORE_UNPUSHED, STORE_DELETE_MODE, STORE_NO_REMOTE
 */
export async function deleteObject(
  context: ServiceContext,
  { store, key }: Place,
  options: DeleteOptions,
  removeHere: () => Promise<boolean>
): Promise<DeleteReport> {
  const { mode = 'local' } = options
  const objectKey = key as ObjectKey
  const remotes = mode === 'local' ? [] : await remotesOf(store, options)
  if (objectKey.kind === 'project') {
    if (mode !== 'remote' && !options.force) await checkPushed(store)
    const remote = await collect(remotes, (each) =>
      deleteProjectThere(store, each, exchangeOptions(context, options))
    )
    return { local: mode !== 'remote' && (await removeHere()), remote }
  }
  if (objectKey.kind === 'experiment') {
    const { experiment } = objectKey
    const remote = await collect(remotes, async (each) => {
      const asking = exchangeOptions(context, options)
      const keepsHere = mode === 'remote'
      const there = { ...asking, keepsHere }
      const deleted = await deleteExperimentThere(store, each, experiment, there)
      const isGone = deleted.every(({ status }) => status === 'deleted' || status === 'absent')
      if (keepsHere && isGone) await forgetRemote(store, each, experiment)
      return deleted
    })
    return { local: mode !== 'remote' && (await removeHere()), remote }
  }
  if (mode === 'remote') {
    const address = addressOf(store, objectKey)
    throw storeErrors.create('STORE_DELETE_MODE', { address, mode })
  }
  const local = await removeHere()
  const remote = await collect(remotes, (each) => pushDeletion(context, store, each, key, options))
  return { local, remote }
}

/** Tells whether every branch lies at some remote as it is here. */
async function checkPushed(store: ProjectStore): Promise<void> {
  const safe = new Map<string, boolean>()
  for (const { name } of await listRemotes(store)) {
    for (const { ref, status } of await compareWithRemote(store, name)) {
      safe.set(ref, (safe.get(ref) ?? false) || status === 'unchanged' || status === 'behind')
    }
  }
  if (safe.size > 0 && [...safe.values()].every(Boolean)) return
  throw storeErrors.create('STORE_UNPUSHED', { project: store.slug })
}

async function remotesOf(
  store: ProjectStore,
  options: DeleteOptions
): Promise<readonly RemoteSettings[]> {
  if (options.remote !== undefined) return [await requireRemote(store, options.remote)]
  return listRemotes(store)
}

async function collect(
  remotes: readonly RemoteSettings[],
  body: (remote: RemoteSettings) => Promise<readonly RemoteDeletion[]>
): Promise<readonly RemoteDeletion[]> {
  const deletions: RemoteDeletion[] = []
  for (const remote of remotes) deletions.push(...(await body(remote)))
  return deletions
}

/** Pushes the branch on which an object was deleted. */
async function pushDeletion(
  context: ServiceContext,
  store: ProjectStore,
  remote: RemoteSettings,
  key: { readonly kind: Kind },
  options: DeleteOptions
): Promise<readonly RemoteDeletion[]> {
  const experiment = (key as { experiment?: string }).experiment
  const ref = experiment === undefined ? 'refs/heads/main' : experimentRef(experiment)
  const experiments = experiment === undefined ? [] : [experiment]
  try {
    const refs = await pushTo(store, remote, { ...exchangeOptions(context, options), experiments })
    const pushed = refs.find((each) => each.ref === ref)
    const isThere = ['new', 'updated', 'merged', 'unchanged'].includes(pushed?.status ?? '')
    if (isThere) return [{ remote: remote.name, ref, status: 'deleted' }]
    const reason = pushed?.reason ?? pushed?.status ?? 'it was not pushed'
    return [{ remote: remote.name, ref, status: 'rejected', reason }]
  } catch (error) {
    return [failureOf(remote, ref, error)]
  }
}
