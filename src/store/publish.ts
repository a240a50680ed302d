import { formatCommit, readCommit } from '../git/commit.ts'
import { createObject, type NewObject, type Oid } from '../git/objects.ts'
import { FILE_MODE, type TreeTarget } from '../git/tree.ts'
import { editTree } from '../git/tree-edit.ts'
import { walkTree } from '../git/tree-walk.ts'
import { remoteErrors } from '../remote/errors.ts'
import { type ExchangeOptions, openLink } from './exchange.ts'
import type { ProjectStore } from './project-store.ts'
import type { RemoteSettings } from './remote-config.ts'

/** What is put on a branch of a remote. */
export interface PublishPlan {
  /** The branch, which holds nothing of the project itself. */
  readonly branch: string
  /** By path. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** Folders that hold nothing but such files: others in them go. The rest of the branch stays. */
  readonly folders: readonly string[]
  /** The first line of the commit's message. */
  readonly subject: string
}

/** What was published. */
export interface Published {
  readonly remote: string
  /** The remote's address, without credentials. */
  readonly url: string
  readonly branch: string
  /** Files that were added or changed, and that went. */
  readonly changed: number
  readonly removed: number
  /** What the branch holds now. */
  readonly commitOid: Oid
}

/**
 * Puts files on a branch of a remote in one commit, on top of what is there; of what has not changed
 * nothing is sent.
 *
 * @throws REMOTE_STALE if somebody else moved the branch meanwhile; REMOTE_REJECTED
 */
export async function publishFiles(
  store: ProjectStore,
  remote: RemoteSettings,
  plan: PublishPlan,
  options: ExchangeOptions = {}
): Promise<Published> {
  const ref = `refs/heads/${plan.branch}`
  const own = `refs/runtree/published/${remote.name}/${plan.branch}`
  const { objects, refs } = store.repository
  const link = await openLink(store, remote.url, options)
  try {
    const tip = (await link.refs('push')).get(ref)
    if (tip !== undefined && !(await objects.has(tip))) {
      await link.fetch(store, new Map([[ref, own]]))
    }
    const made = await makeCommit(store, tip, plan)
    const { changed, removed } = made
    const place = { remote: remote.name, url: remote.url, branch: plan.branch }
    if (made.commitOid === tip) return { ...place, changed, removed, commitOid: tip }
    const before = await refs.read(own)
    await store.repository.commit(made.objects, [
      { ref: own, expected: before ?? null, value: made.commitOid }
    ])
    await link.refs('push')
    const update = { ref, expected: tip ?? null, value: made.commitOid }
    const pushed = (await link.push(store, [update])).get(ref)
    if (pushed?.status === 'stale') {
      throw remoteErrors.create('REMOTE_STALE', { url: remote.url, ref, found: pushed.found })
    }
    if (pushed?.status === 'rejected') {
      throw remoteErrors.create('REMOTE_REJECTED', { url: remote.url, ref, reason: pushed.reason })
    }
    return { ...place, changed, removed, commitOid: made.commitOid }
  } finally {
    await link.close()
  }
}

/** Makes the commit that holds the files; the one before if nothing is different. */
async function makeCommit(
  store: ProjectStore,
  tip: Oid | undefined,
  { files, folders, subject }: PublishPlan
): Promise<{
  readonly commitOid: Oid
  readonly objects: readonly NewObject[]
  readonly changed: number
  readonly removed: number
}> {
  const { objects } = store.repository
  const { hash, clock } = store.host.platform
  const base = tip === undefined ? undefined : (await readCommit(objects, tip)).tree
  const there = new Map<string, Oid>()
  if (base !== undefined) {
    for await (const { path, oid } of walkTree(objects, base)) there.set(path, oid)
  }
  const changes = new Map<string, TreeTarget | null>()
  const blobs: NewObject[] = []
  for (const [path, bytes] of files) {
    const blob = createObject(hash, 'blob', bytes)
    if (there.get(path) === blob.oid) continue
    blobs.push(blob)
    changes.set(path, { mode: FILE_MODE, oid: blob.oid })
  }
  const changed = changes.size
  for (const path of there.keys()) {
    if (!files.has(path) && folders.some((folder) => path.startsWith(`${folder}/`))) {
      changes.set(path, null)
    }
  }
  const removed = changes.size - changed
  if (tip !== undefined && changes.size === 0) {
    return { commitOid: tip, objects: [], changed, removed }
  }
  const tree = await editTree(objects, base, changes, hash)
  const identity = {
    ...(await store.host.committer()),
    epochSeconds: Math.max(0, Math.floor(clock.now() / 1000)),
    offset: '+0000'
  }
  const parents = tip === undefined ? [] : [tip]
  const message = `${subject}\n`
  const header = { tree: tree.rootOid, parents, author: identity, committer: identity, message }
  const commit = createObject(hash, 'commit', formatCommit(header))
  return { commitOid: commit.oid, objects: [...blobs, ...tree.created, commit], changed, removed }
}
