import { editRecord } from '../format/edit.ts'
import { branchOf, removedPathsOf } from '../format/paths.ts'
import type { KeyOf, ObjectKey, RecordOfKind } from '../model/kinds.ts'
import { deleteBranch, expireDeleted, restoreBranch, writeHidden } from '../store/deleted.ts'
import { storeErrors } from '../store/errors.ts'
import { type Damage, listRecords } from '../store/list.ts'
import type { ProjectStore } from '../store/project-store.ts'
import type { Transaction } from '../store/transaction.ts'
import type { View } from '../store/view.ts'
import { addressOf } from './context.ts'

type RunKey = KeyOf<'run'>

/** Deletes an experiment: its branch goes and is kept for 30 days; a published copy is hidden. */
export async function removeExperiment(store: ProjectStore, experiment: string): Promise<boolean> {
  const { host, repository, folder } = store
  const key: ObjectKey = { kind: 'experiment', experiment }
  const view = await store.viewOf(key)
  if (view === undefined || !(await view.has(key))) return false
  const now = host.platform.clock.now()
  await expireDeleted(repository, now)
  await deleteBranch(repository, experiment, now)
  if ((await store.viewOf(key)) !== undefined)
    await writeHidden(host.files, folder, experiment, true)
  return true
}

/** Brings a deleted experiment back, as it was when deleted or at a commit. */
export async function restoreExperiment(
  store: ProjectStore,
  experiment: string,
  commitOid: string | undefined
): Promise<boolean> {
  if ((await store.view(branchOf({ kind: 'experiment', experiment }))) !== undefined) {
    const address = addressOf(store, { kind: 'experiment', experiment })
    throw storeErrors.create('STORE_EXISTS', { address, kind: 'experiment' })
  }
  const restored = await restoreBranch(store.repository, experiment, commitOid)
  await writeHidden(store.host.files, store.folder, experiment, false)
  return (
    restored !== undefined || (await store.viewOf({ kind: 'experiment', experiment })) !== undefined
  )
}

/**
 * Deletes an object inside an experiment, or a dataset or view; `false` if there is none.
 *
 * A run takes its child runs with it. @throws STORE_IN_USE for an execution that has runs.
 */
export async function removeObject(
  store: ProjectStore,
  key: ObjectKey,
  transaction: Transaction
): Promise<boolean> {
  if (!(await transaction.has(key))) return false
  if (key.kind === 'execution') await checkUnused(store, key)
  if (key.kind === 'run') {
    for (const child of await descendantsOf(store, key)) transaction.remove(child)
  }
  transaction.remove(key)
  if (key.kind === 'artifact') await forgetArtifact(key, transaction)
  return true
}

/** Lists the runs below a run, at any depth. */
async function descendantsOf(store: ProjectStore, key: RunKey): Promise<readonly RunKey[]> {
  const view = await store.viewOf(key)
  return view === undefined ? [] : descendantsIn(view, key)
}

async function descendantsIn(view: View, key: RunKey): Promise<readonly RunKey[]> {
  const children = new Map<string, string[]>()
  for await (const { key: run, record } of listRecords(view, 'run', experimentOf(key), ignore)) {
    if (record.parent === undefined) continue
    children.set(record.parent, [...(children.get(record.parent) ?? []), run.run])
  }
  const found = new Set<string>()
  const visit = (run: string): void => {
    for (const child of children.get(run) ?? []) {
      if (found.has(child) || child === key.run) continue
      found.add(child)
      visit(child)
    }
  }
  visit(key.run)
  return [...found].map((run) => ({ ...key, run }))
}

async function checkUnused(store: ProjectStore, key: KeyOf<'execution'>): Promise<void> {
  const view = await store.viewOf(key)
  const by: string[] = []
  if (view === undefined) return
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

/** Puts back what lay at an object's place in another state of its branch, with its child runs. */
export async function placeFrom(
  view: View,
  key: ObjectKey,
  transaction: Transaction
): Promise<void> {
  const keys: ObjectKey[] = [key]
  if (key.kind === 'run') {
    keys.push(...(await descendantsIn(view, key)))
    const record = (await view.record<'run'>(key)) as RecordOfKind['run']
    if (record.execution !== undefined) {
      keys.push({ kind: 'execution', experiment: key.experiment, execution: record.execution })
    }
  }
  for (const each of keys) {
    if (each !== key && (await transaction.has(each))) continue
    for (const path of removedPathsOf(each)) {
      const target = await view.entry(path)
      if (target !== undefined) transaction.place(each, path, target)
    }
  }
}

function experimentOf(key: { readonly experiment: string }): KeyOf<'experiment'> {
  return { kind: 'experiment', experiment: key.experiment }
}

/** What can't be read names no parent and no execution that one could know of. */
function ignore(_damage: Damage): void {}
