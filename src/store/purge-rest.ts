import { parseLfsPointer } from '../artifacts/lfs-pointer.ts'
import { lfsObjectPath } from '../artifacts/local-content.ts'
import { MAIN_REF } from '../format/paths.ts'
import { isAncestor } from '../git/ancestry.ts'
import { walkNewObjects } from '../git/object-walk.ts'
import type { Oid } from '../git/objects.ts'
import { commitsTouching } from '../git/path-history.ts'
import { isFolder, type TreeTarget } from '../git/tree.ts'
import { readPath, walkTree } from '../git/tree-walk.ts'
import type { ProjectStore } from './project-store.ts'

/** Lists the refs, but for one, whose history holds what was purged. */
export async function listHolders(
  store: ProjectStore,
  ownRef: string,
  paths: readonly string[],
  originOids: readonly Oid[]
): Promise<readonly string[]> {
  const holders: string[] = []
  for (const [ref, oid] of await store.repository.refs.list('refs/')) {
    if (ref !== ownRef && (await holds(store, ref, oid, paths, originOids))) holders.push(ref)
  }
  return holders
}

async function holds(
  store: ProjectStore,
  ref: string,
  refOid: Oid,
  paths: readonly string[],
  originOids: readonly Oid[]
): Promise<boolean> {
  const { objects } = store.repository
  const commitOid = await store.resolveRevision(refOid).catch(() => undefined)
  if (commitOid === undefined) return false
  for (const oid of originOids) if (await isAncestor(objects, oid, commitOid)) return true
  const { treeOid } = await store.viewAt(commitOid)
  for (const path of paths) {
    if ((await readPath(objects, treeOid, path)) !== undefined) return true
    // What was published as one commit has no history in common with the branch.
    if (ref !== MAIN_REF) continue
    for await (const _ of commitsTouching(objects, commitOid, path)) return true
  }
  return false
}

/**
 * Removes content beside the history to which only what was purged pointed; returns how many files.
 *
 * Branches and tags that point at it keep it.
 */
export async function removeContent(
  store: ProjectStore,
  targets: readonly TreeTarget[]
): Promise<number> {
  const { objects, refs } = store.repository
  const pointers = new Map<Oid, string>()
  const add = async (oid: Oid): Promise<void> => {
    const bytes = (await objects.read(oid))?.bytes
    const pointer = bytes === undefined ? undefined : parseLfsPointer(bytes)
    if (pointer !== undefined) pointers.set(oid, pointer.sha256)
  }
  for (const target of targets) {
    if (!isFolder(target)) await add(target.oid)
    else for await (const { oid } of walkTree(objects, target.oid)) await add(oid)
  }
  if (pointers.size === 0) return 0
  const kept = [
    ...(await refs.list('refs/heads/')).values(),
    ...(await refs.list('refs/tags/')).values()
  ]
  for await (const { oid } of walkNewObjects(objects, kept, [])) pointers.delete(oid)
  for (const sha256 of pointers.values()) {
    await store.host.files.remove(lfsObjectPath(store.folder, sha256))
  }
  return pointers.size
}
