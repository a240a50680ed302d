import { formatMessage } from '../format/commit-message.ts'
import { experimentRef, folderOf, pathOf } from '../format/paths.ts'
import { formatRecord } from '../format/record.ts'
import { isAncestor } from '../git/ancestry.ts'
import { formatCommit, readCommit } from '../git/commit.ts'
import { createObject, type Oid } from '../git/objects.ts'
import { FILE_MODE } from '../git/tree.ts'
import { editTree } from '../git/tree-edit.ts'
import type { ObjectKey, RecordOfKind } from '../model/kinds.ts'
import { listDeleted } from './deleted.ts'
import { storeErrors } from './errors.ts'
import { listLiveRuns } from './live-runs.ts'
import type { ProjectStore } from './project-store.ts'
import { type RewriteOptions, type RewrittenHistory, rewriteWithout } from './purge-history.ts'
import { listHolders, removeContent } from './purge-rest.ts'
import { trackingRef } from './ref-map.ts'
import { listRemotes } from './remote-config.ts'

/** What a purge did. */
export interface Purged {
  readonly ref: string
  /** The head that was replaced. */
  readonly before: Oid
  readonly after: Oid
  /** The paths that are in no commit of the branch any more. */
  readonly paths: readonly string[]
  /** How many commits were made anew or left out. */
  readonly replaced: number
  /** Refs here that still lead to what was purged: `main`, snapshots, notes of what remotes have. */
  readonly heldBy: readonly string[]
  /** How many files of content beside the history were removed. */
  readonly removedContent: number
}

/** How often a history is rewritten anew because its branch moved meanwhile. */
const MAX_ATTEMPTS = 10

/**
 * Takes paths out of the history of an experiment: rewrites its branch, and leaves `purged.yaml` there,
 * which merging honours. Deleted branches of that name which held them are forgotten at once.
 *
 * The bytes are freed by the next collection of garbage that leaves nothing for its young age.
 *
 * @throws STORE_NOT_FOUND if no commit held them; STORE_PURGE, STORE_BUSY
 */
export async function purgePaths(
  store: ProjectStore,
  key: ObjectKey & { readonly experiment: string },
  paths: readonly string[],
  options: RewriteOptions & { readonly address: string }
): Promise<Purged> {
  const { address } = options
  const ref = experimentRef(key.experiment)
  if ('run' in key) {
    const live = await listLiveRuns(store, { experiment: key.experiment, run: key.run })
    const reason = 'what its run logs is not committed yet'
    if (live.length > 0) throw storeErrors.create('STORE_PURGE', { address, reason })
  }
  return store.repository.refs.queue(ref, async () => {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const purged = await purgeOnce(store, key, paths, options)
      if (purged !== undefined) return purged
    }
    throw storeErrors.create('STORE_BUSY', { ref, attempts: MAX_ATTEMPTS })
  })
}

/** Rewrites and moves the branch; `undefined` if it moved meanwhile. */
async function purgeOnce(
  store: ProjectStore,
  key: ObjectKey & { readonly experiment: string },
  paths: readonly string[],
  options: RewriteOptions & { readonly address: string }
): Promise<Purged | undefined> {
  const { address } = options
  const { objects, refs } = store.repository
  const { hash } = store.host.platform
  const ref = experimentRef(key.experiment)
  const before = await refs.read(ref)
  if (before === undefined) throw storeErrors.create('STORE_NOT_FOUND', { address })
  const rewritten = await rewriteWithout(objects, hash, before, paths, options)
  if (rewritten === undefined) {
    const reason = 'its history is not here as a whole'
    throw storeErrors.create('STORE_PURGE', { address, reason })
  }
  try {
    if (rewritten.replaced === 0) throw storeErrors.create('STORE_NOT_FOUND', { address })
    const forgotten = await listForgotten(store, key.experiment, rewritten.originOids)
    const after = await commitPurge(store, key, paths, before, rewritten)
    const update = await refs.update([
      { ref, expected: before, value: after.oid },
      ...forgotten.map((each) => ({ ...each, value: null }))
    ])
    await after.release()
    if (update.status === 'changed') return undefined
    const heldBy = await listHolders(store, ref, paths, rewritten.originOids)
    const removedContent = await removeContent(store, rewritten.targets)
    // What is derived may quote what was purged.
    const { files } = store.host
    await files.removeFolder(`${store.folder}/runtree/cache`, { recursive: true })
    const { replaced } = rewritten
    return { ref, before, after: after.oid, paths, replaced, heldBy, removedContent }
  } finally {
    await rewritten.held.release()
  }
}

/** Writes the commit that lists what was purged. */
async function commitPurge(
  store: ProjectStore,
  key: ObjectKey & { readonly experiment: string },
  paths: readonly string[],
  before: Oid,
  rewritten: RewrittenHistory
): Promise<{ readonly oid: Oid; release(): Promise<void> }> {
  const { objects } = store.repository
  const { hash, clock } = store.host.platform
  const listKey = { kind: 'purged', experiment: key.experiment } as const
  const view = await store.viewAt(rewritten.headOid)
  const earlier = await view.record<'purged'>(listKey)
  const heads = await listReplaced(store, key.experiment, before, rewritten.originOids)
  const record = {
    ...earlier,
    schema: 'purged/1',
    paths: union(earlier?.paths, paths),
    heads: union(earlier?.heads, heads)
  } as RecordOfKind['purged']
  const blob = createObject(hash, 'blob', formatRecord('purged', record))
  const changes = new Map([[pathOf(listKey), { mode: FILE_MODE, oid: blob.oid } as const]])
  const tree = await editTree(objects, view.treeOid, changes, hash)
  const epochSeconds = Math.max(0, Math.floor(clock.now() / 1000))
  const identity = { ...(await store.host.committer()), epochSeconds, offset: '+0000' }
  const commit = createObject(
    hash,
    'commit',
    formatCommit({
      tree: tree.rootOid,
      parents: [rewritten.headOid],
      author: identity,
      committer: identity,
      message: formatMessage({ operation: 'purge', keys: [key] })
    })
  )
  const held = await objects.write([blob, ...tree.created, commit])
  return { oid: commit.oid, release: () => held.release() }
}

/**
 * Lists the commits by which a merge knows a history that held what was purged: the oldest ones, those
 * that remotes were seen to have, and some on the way at doubling distances. The newest that another
 * copy has is the merge base there.
 */
async function listReplaced(
  store: ProjectStore,
  experiment: string,
  headOid: Oid,
  originOids: readonly Oid[]
): Promise<readonly Oid[]> {
  const { objects, refs } = store.repository
  const heads = new Set<Oid>([headOid, ...originOids])
  const add = async (oid: Oid | undefined): Promise<void> => {
    if (oid !== undefined && (await holdsAny(store, originOids, oid))) heads.add(oid)
  }
  for (const { name } of await listRemotes(store)) {
    await add(await refs.read(trackingRef(name, experimentRef(experiment))))
  }
  const line: Oid[] = []
  for (let oid: Oid | undefined = headOid; oid !== undefined; ) {
    line.push(oid)
    oid = (await readCommit(objects, oid)).parents[0]
  }
  for (let at = 1; at < line.length; at *= 2) await add(line[at])
  return [...heads]
}

/** Lists kept copies of the deleted experiment that held what was purged. */
async function listForgotten(
  store: ProjectStore,
  experiment: string,
  originOids: readonly Oid[]
): Promise<readonly { readonly ref: string; readonly expected: Oid }[]> {
  const forgotten: { ref: string; expected: Oid }[] = []
  for (const deleted of await listDeleted(store.repository)) {
    if (deleted.experiment !== experiment) continue
    if (!(await holdsAny(store, originOids, deleted.headOid))) continue
    forgotten.push({ ref: deleted.ref, expected: deleted.headOid })
  }
  return forgotten
}

async function holdsAny(
  { repository }: ProjectStore,
  originOids: readonly Oid[],
  headOid: Oid
): Promise<boolean> {
  for (const oid of originOids) {
    if (await isAncestor(repository.objects, oid, headOid)) return true
  }
  return false
}

function union(one: readonly string[] = [], other: readonly string[]): readonly string[] {
  return [...new Set([...one, ...other])].sort()
}

/** Names what a purge takes away when it takes an object. */
export function purgedPathsOf(keys: readonly ObjectKey[]): readonly string[] {
  const paths = keys.flatMap((key) =>
    key.kind === 'artifact' ? [folderOf(key), pathOf(key)] : [folderOf(key)]
  )
  return [...new Set(paths)].sort()
}
