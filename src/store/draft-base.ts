import { encodeUtf8 } from '../base/bytes.ts'
import { ATTRIBUTES_PATH, ATTRIBUTES_TEXT, FIRST_COMMIT_OID } from '../format/constants.ts'
import { experimentOfRef, MAIN_REF } from '../format/paths.ts'
import { readCommit } from '../git/commit.ts'
import { createObject, type NewObject, type Oid } from '../git/objects.ts'
import { commitsTouching } from '../git/path-history.ts'
import type { Repository } from '../git/repository.ts'
import { FILE_MODE, type TreeTarget } from '../git/tree.ts'
import { editTree } from '../git/tree-edit.ts'
import { readPath } from '../git/tree-walk.ts'
import { readHidden } from './deleted.ts'
import type { DraftBase } from './draft.ts'
import type { StoreHost } from './host.ts'

/**
 * Reads where a branch stands.
 *
 * A branch that does not exist begins at the project's first commit. An experiment's that was published
 * into `main`, and is not hidden, begins where it was published, with what `main` holds of it.
 */
export async function readDraftBase(
  repository: Repository,
  host: Pick<StoreHost, 'files' | 'platform'>,
  ref: string
): Promise<DraftBase> {
  const { hash } = host.platform
  const headOid = await repository.refs.read(ref)
  if (headOid !== undefined) {
    const { tree } = await readCommit(repository.objects, headOid)
    return { ref, headOid, parentOid: headOid, treeOid: tree, created: [] }
  }
  const attributes = createObject(hash, 'blob', encodeUtf8(ATTRIBUTES_TEXT))
  const changes = new Map<string, TreeTarget>([
    [ATTRIBUTES_PATH, { mode: FILE_MODE, oid: attributes.oid }]
  ])
  const published = await readPublished(repository, host, ref)
  if (published !== undefined) changes.set(published.folder, published.target)
  const tree = await editTree(repository.objects, undefined, changes, hash)
  const created: NewObject[] = [attributes, ...tree.created]
  const parentOid = published?.headOid ?? FIRST_COMMIT_OID
  return { ref, headOid: null, parentOid, treeOid: tree.rootOid, created }
}

interface Published {
  readonly folder: string
  readonly target: TreeTarget
  /** The branch's commit that was merged; `undefined` if it came otherwise, such as squashed. */
  readonly headOid: Oid | undefined
}

async function readPublished(
  repository: Repository,
  { files }: Pick<StoreHost, 'files'>,
  ref: string
): Promise<Published | undefined> {
  const experiment = experimentOfRef(ref)
  if (experiment === undefined) return undefined
  const mainOid = await repository.refs.read(MAIN_REF)
  if (mainOid === undefined) return undefined
  const { objects } = repository
  const { tree } = await readCommit(objects, mainOid)
  const folder = `experiments/${experiment}`
  const target = await readPath(objects, tree, folder)
  if (target === undefined) return undefined
  if ((await readHidden(files, repository.path)).has(experiment)) return undefined
  for await (const commit of commitsTouching(objects, mainOid, folder)) {
    const isBranch = (await readPath(objects, commit.tree, 'project.yaml')) === undefined
    if (isBranch) return { folder, target, headOid: commit.oid }
  }
  return { folder, target, headOid: undefined }
}
