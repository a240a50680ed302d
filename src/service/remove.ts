import { editRecord } from '../format/edit.ts'
import type { KeyOf, ObjectKey } from '../model/kinds.ts'
import { deleteBranch, expireDeleted, restoreBranch, writeHidden } from '../store/deleted.ts'
import { guardFiles, storeErrors } from '../store/errors.ts'
import { type Damage, listRecords } from '../store/list.ts'
import type { ProjectStore } from '../store/project-store.ts'
import type { Transaction } from '../store/transaction.ts'
import { addressOf } from './context.ts'
import { RunRemovals } from './run-removals.ts'

type RunKey = KeyOf<'run'>

/** Deletes an experiment: its branch goes and is kept for 30 days; other copies of it are hidden. */
export async function removeExperiment(store: ProjectStore, experiment: string): Promise<boolean> {
  const { host, repository, folder } = store
  const key: ObjectKey = { kind: 'experiment', experiment }
  const view = await store.viewOf(key)
  if (view === undefined || !(await view.has(key))) return false
  const now = host.platform.clock.now()
  await guardFiles(folder, async () => {
    await expireDeleted(repository, now)
    await deleteBranch(repository, experiment, now)
    await writeHidden(host.files, repository, experiment, true)
  })
  return true
}

/**
 * Brings a deleted experiment back as it was when it was deleted; `false` if it is not known here.
 *
 * @throws STORE_EXISTS
 */
export async function restoreExperiment(store: ProjectStore, experiment: string): Promise<boolean> {
  const key: ObjectKey = { kind: 'experiment', experiment }
  if ((await store.viewOf(key)) !== undefined) {
    throw storeErrors.create('STORE_EXISTS', { address: addressOf(store, key), kind: key.kind })
  }
  const restored = await guardFiles(store.folder, async () => {
    const headOid = await restoreBranch(store.repository, experiment)
    await writeHidden(store.host.files, store.repository, experiment, false)
    return headOid
  })
  return restored !== undefined || (await store.viewOf(key)) !== undefined
}

/**
 * Deletes an object inside an experiment, or a dataset or view; `false` if there is none.
 *
 * A run takes its child runs with it. @throws STORE_IN_USE for an execution that has runs.
 */
export async function removeObject(
  store: ProjectStore,
  key: ObjectKey,
  transaction: Transaction,
  removals: RunRemovals = new RunRemovals()
): Promise<boolean> {
  if (key.kind === 'run') return removals.remove(key, transaction)
  if (!(await transaction.has(key))) return false
  if (key.kind === 'execution') await checkUnused(store, key, transaction)
  transaction.remove(key)
  if (key.kind === 'artifact') await forgetArtifact(key, transaction)
  return true
}

async function checkUnused(
  store: ProjectStore,
  key: KeyOf<'execution'>,
  transaction: Transaction
): Promise<void> {
  const view = await transaction.view(key)
  const by: string[] = []
  for await (const run of listRecords(view, 'run', experimentOf(key), ignore)) {
    if (run.record.execution === key.execution) by.push(addressOf(store, run.key))
  }
  if (by.length === 0) return
  throw storeErrors.create('STORE_IN_USE', { address: addressOf(store, key), by })
}

/** Takes an artifact out of its run's list. */
async function forgetArtifact(key: KeyOf<'artifact'>, transaction: Transaction): Promise<void> {
  const runKey: RunKey = { kind: 'run', experiment: key.experiment, run: key.run }
  const run = await transaction.read<'run'>(runKey)
  if (run?.artifacts?.[key.name] === undefined) return
  const changes = { artifacts: { [key.name]: undefined } }
  transaction.write<'run'>(runKey, editRecord('run', run, changes, transaction.stamp(run)))
}

function experimentOf(key: { readonly experiment: string }): KeyOf<'experiment'> {
  return { kind: 'experiment', experiment: key.experiment }
}

/** What can't be read names no parent and no execution that one could know of. */
function ignore(_damage: Damage): void {}
