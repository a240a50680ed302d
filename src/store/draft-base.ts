import { encodeUtf8 } from '../base/bytes.ts'
import type { Hash } from '../base/platform.ts'
import { ATTRIBUTES_PATH, ATTRIBUTES_TEXT, FIRST_COMMIT_OID } from '../format/constants.ts'
import { MAIN_REF } from '../format/paths.ts'
import { readCommit } from '../git/commit.ts'
import { createObject, type NewObject } from '../git/objects.ts'
import type { Repository } from '../git/repository.ts'
import { FILE_MODE, type TreeTarget } from '../git/tree.ts'
import { editTree } from '../git/tree-edit.ts'
import { readPath } from '../git/tree-walk.ts'
import type { DraftBase } from './draft.ts'

/**
 * Reads where a branch stands.
 *
 * A branch that does not exist begins at the project's first commit; an experiment's has what `main`
 * holds of it, if it was published there.
 */
export async function readDraftBase(
  repository: Repository,
  hash: Hash,
  ref: string
): Promise<DraftBase> {
  const headOid = await repository.refs.read(ref)
  if (headOid !== undefined) {
    const { tree } = await readCommit(repository.objects, headOid)
    return { ref, headOid, parentOid: headOid, treeOid: tree, created: [] }
  }
  const created: NewObject[] = []
  const attributes = createObject(hash, 'blob', encodeUtf8(ATTRIBUTES_TEXT))
  created.push(attributes)
  const changes = new Map<string, TreeTarget>([
    [ATTRIBUTES_PATH, { mode: FILE_MODE, oid: attributes.oid }]
  ])
  const folder = ref.replace(/^refs\/heads\//, '')
  const published = ref === MAIN_REF ? undefined : await readPublished(repository, folder)
  if (published !== undefined) changes.set(folder, published)
  const tree = await editTree(repository.objects, undefined, changes, hash)
  created.push(...tree.created)
  return { ref, headOid: null, parentOid: FIRST_COMMIT_OID, treeOid: tree.rootOid, created }
}

async function readPublished(
  repository: Repository,
  folder: string
): Promise<TreeTarget | undefined> {
  const mainOid = await repository.refs.read(MAIN_REF)
  if (mainOid === undefined) return undefined
  const { tree } = await readCommit(repository.objects, mainOid)
  return readPath(repository.objects, tree, folder)
}
