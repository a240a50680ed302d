import { parseLfsPointer } from '../artifacts/lfs-pointer.ts'
import { folderOf, partOf } from '../format/paths.ts'
import { gitErrors } from '../git/errors.ts'
import type { Oid } from '../git/objects.ts'
import { diffTrees } from '../git/tree-diff.ts'
import type { KeyOf } from '../model/kinds.ts'
import { hasArtifactContent } from './artifact-content.ts'
import { isDamage } from './damage.ts'
import type { ProjectStore } from './project-store.ts'
import { View } from './view.ts'

/** Content that lies beside the history, where pushes and pulls do not take it. */
export interface HeldBack {
  readonly count: number
  readonly sizeBytes: number
}

/** Sums up the content of a run's artifacts that lies beside the history, and not on this machine. */
export async function sumAbsent(
  store: ProjectStore,
  view: View,
  run: KeyOf<'run'>
): Promise<HeldBack> {
  const record = await view.record<'run'>(run)
  let [count, sizeBytes] = [0, 0]
  for (const name of Object.keys(record?.artifacts ?? {})) {
    const key: KeyOf<'artifact'> = { ...run, kind: 'artifact', name }
    const stored = await readHere(store, view, folderOf(key))
    const pointer = stored && parseLfsPointer(stored)
    if (pointer === undefined || (await hasArtifactContent(store, view, key))) continue
    count++
    sizeBytes += pointer.sizeBytes
  }
  return { count, sizeBytes }
}

/** Reads a file without asking for what was left at a remote. */
async function readHere(
  { repository: { local } }: ProjectStore,
  { commitOid, treeOid }: View,
  path: string
): Promise<Uint8Array | undefined> {
  try {
    return await new View(local, commitOid, treeOid).file(path)
  } catch (error) {
    if (gitErrors.is(error, 'GIT_OBJECT_MISSING')) return undefined
    throw error
  }
}

/**
 * Sums up the content beside the history that artifacts point at in one state of a branch, and did not
 * in an earlier one. Of a branch that somebody damaged nothing is told: that is for `verify` to do.
 */
export async function sumHeldBack(
  store: ProjectStore,
  beforeOid: Oid | undefined,
  afterOid: Oid
): Promise<HeldBack> {
  try {
    return await sumPointers(store, beforeOid, afterOid)
  } catch (error) {
    if (isDamage(error)) return { count: 0, sizeBytes: 0 }
    throw error
  }
}

async function sumPointers(
  store: ProjectStore,
  beforeOid: Oid | undefined,
  afterOid: Oid
): Promise<HeldBack> {
  const { objects } = store.repository
  const before = beforeOid === undefined ? undefined : await store.viewAt(beforeOid)
  const after = await store.viewAt(afterOid)
  let [count, sizeBytes] = [0, 0]
  for await (const change of diffTrees(objects, before?.treeOid, after.treeOid)) {
    if (change.after === undefined || partOf(change.path)?.part !== 'artifact') continue
    const bytes = (await objects.read(change.after.oid))?.bytes
    const pointer = bytes && parseLfsPointer(bytes)
    if (pointer === undefined) continue
    count++
    sizeBytes += pointer.sizeBytes
  }
  return { count, sizeBytes }
}
