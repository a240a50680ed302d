import { equalBytes } from '../base/bytes.ts'
import { experimentOfRef, keyOfPath, MAIN_REF } from '../format/paths.ts'
import { parseRecord } from '../format/record.ts'
import type { ObjectKey } from '../model/kinds.ts'
import type { ProjectStore } from './project-store.ts'
import { putBack } from './put-back.ts'
import type { Transaction } from './transaction.ts'
import type { View } from './view.ts'

/** The folder of a branch that takes records which can't be read, under their own paths. */
const FOLDER = 'damaged'
/** So many changes of an object are looked at for one that can be read. */
const MAX_LOOKS = 1000

/**
 * Moves records that can't be read aside in one commit, and puts in the place of each the newest that
 * could be read, if there was one.
 */
export async function mendRecords(
  store: ProjectStore,
  ref: string,
  paths: readonly string[]
): Promise<void> {
  const owner = ownerOf(ref)
  if (owner === undefined) return
  await store.transact([ref], 'repair', async (transaction) => {
    for (const path of paths) {
      const key = keyOfPath(path)
      const bytes = await transaction.readFile(owner, path)
      if (key === undefined || bytes === undefined || (await isReadable(key, bytes, path))) continue
      const before = await findReadable(store, key, path)
      // A project or an experiment without its record would be none: a person has to look at it.
      if (before === undefined && (key.kind === 'project' || key.kind === 'experiment')) continue
      transaction.writeFile(owner, await freePath(transaction, owner, path, bytes), bytes)
      if (before === undefined) transaction.removeFile(owner, path)
      else transaction.writeFile(owner, path, before)
    }
  })
}

/** Puts back what a record cannot do without, as it last was in the history. */
export async function mendReference(
  store: ProjectStore,
  ref: string,
  key: ObjectKey
): Promise<void> {
  const experiment = experimentOfRef(ref)
  if (experiment === undefined || !('experiment' in key) || key.experiment !== experiment) return
  const found = await findState(store, key, (view) => view.has(key))
  if (found === undefined) return
  await store.transact([ref], 'repair', async (transaction) => {
    if (!(await transaction.has(key))) await putBack(found, key, transaction)
  })
}

/** Returns what changes of a branch are made in the name of; `undefined` for one that isn't ours. */
function ownerOf(ref: string): ObjectKey | undefined {
  if (ref === MAIN_REF) return { kind: 'project' }
  const experiment = experimentOfRef(ref)
  return experiment === undefined ? undefined : { kind: 'experiment', experiment }
}

async function isReadable(key: ObjectKey, bytes: Uint8Array, path: string): Promise<boolean> {
  try {
    await parseRecord(key.kind, bytes, path)
    return true
  } catch {
    return false
  }
}

async function findReadable(
  store: ProjectStore,
  key: ObjectKey,
  path: string
): Promise<Uint8Array | undefined> {
  let found: Uint8Array | undefined
  await findState(store, key, async (view) => {
    const bytes = await view.file(path)
    if (bytes === undefined || !(await isReadable(key, bytes, path))) return false
    found = bytes
    return true
  })
  return found
}

/** Finds the newest state of an object in its history that a test takes. */
async function findState(
  store: ProjectStore,
  key: ObjectKey,
  test: (view: View) => Promise<boolean>
): Promise<View | undefined> {
  let looks = 0
  for await (const oid of store.history(key)) {
    if (looks++ === MAX_LOOKS) return undefined
    const view = await store.viewAt(oid)
    if (await test(view).catch(() => false)) return view
  }
  return undefined
}

/** Returns where a damaged file goes: one of the same bytes may be there already, others stay. */
async function freePath(
  transaction: Transaction,
  owner: ObjectKey,
  path: string,
  bytes: Uint8Array
): Promise<string> {
  for (let number = 1; ; number++) {
    const target = `${FOLDER}/${path}${number === 1 ? '' : `~${number}`}`
    const there = await transaction.readFile(owner, target)
    if (there === undefined || equalBytes(there, bytes)) return target
  }
}
