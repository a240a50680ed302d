import { encodeUtf8 } from '../base/bytes.ts'
import { formatMessage } from '../format/commit-message.ts'
import { ATTRIBUTES_PATH, ATTRIBUTES_TEXT } from '../format/constants.ts'
import { EXPERIMENT_REF_PREFIX, MAIN_REF } from '../format/paths.ts'
import { formatCommit } from '../git/commit.ts'
import { createObject, type Oid } from '../git/objects.ts'
import { FILE_MODE, type TreeTarget } from '../git/tree.ts'
import { editTree } from '../git/tree-edit.ts'
import { modelErrors } from '../model/errors.ts'
import { isSlug } from '../model/slug.ts'
import { storeErrors } from './errors.ts'
import type { ProjectStore } from './project-store.ts'

/** The state of a whole project under a name. */
export interface Snapshot {
  readonly name: string
  readonly ref: string
  readonly commitOid: Oid
}

/** What the tags of snapshots begin with. */
export const SNAPSHOT_REF_PREFIX = 'refs/tags/snapshots/'

/**
 * Fixes the state of a whole project under a name: one commit whose parents are `main` and the heads of
 * all experiments, and whose tree joins theirs, under the tag `snapshots/<name>`.
 *
 * @throws MODEL_NAME if the name is no slug; STORE_EXISTS if there is a snapshot of that name.
 */
export async function createSnapshot(store: ProjectStore, name: string): Promise<Snapshot> {
  if (!isSlug(name))
    throw modelErrors.create('MODEL_NAME', {
      name,
      reason: 'small letters, digits, ., _ and - are allowed'
    })
  const { objects, refs } = store.repository
  const { hash, clock } = store.host.platform
  const ref = `${SNAPSHOT_REF_PREFIX}${name}`
  const main = await store.view(MAIN_REF)
  if (main === undefined) {
    throw storeErrors.create('STORE_NOT_A_PROJECT', { folder: store.folder })
  }
  const parents: Oid[] = [main.commitOid]
  const attributes = createObject(hash, 'blob', encodeUtf8(ATTRIBUTES_TEXT))
  const changes = new Map<string, TreeTarget>([
    [ATTRIBUTES_PATH, { mode: FILE_MODE, oid: attributes.oid }]
  ])
  for (const [branch, headOid] of await refs.list(EXPERIMENT_REF_PREFIX)) {
    const folder = branch.slice('refs/heads/'.length)
    const entry = await (await store.viewAt(headOid)).entry(folder)
    parents.push(headOid)
    if (entry !== undefined) changes.set(folder, entry)
  }
  const tree = await editTree(objects, main.treeOid, changes, hash)
  const identity = {
    ...(await store.host.committer()),
    epochSeconds: Math.max(0, Math.floor(clock.now() / 1000)),
    offset: '+0000'
  }
  const message = formatMessage({ operation: 'snapshot', keys: [{ kind: 'project' }], note: name })
  const commit = createObject(
    hash,
    'commit',
    formatCommit({ tree: tree.rootOid, parents, author: identity, committer: identity, message })
  )
  const update = await store.repository.commit(
    [attributes, ...tree.created, commit],
    [{ ref, expected: null, value: commit.oid }]
  )
  if (update.status === 'changed') {
    throw storeErrors.create('STORE_EXISTS', { address: `snapshots/${name}`, kind: 'snapshot' })
  }
  return { name, ref, commitOid: commit.oid }
}

/** Lists the snapshots of a project by name. */
export async function listSnapshots(store: ProjectStore): Promise<readonly Snapshot[]> {
  const refs = await store.repository.refs.list(SNAPSHOT_REF_PREFIX)
  return [...refs].map(([ref, commitOid]) => ({
    name: ref.slice(SNAPSHOT_REF_PREFIX.length),
    ref,
    commitOid
  }))
}
