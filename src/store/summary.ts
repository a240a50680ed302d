import { concatBytes } from '../base/bytes.ts'
import { readCommit } from '../git/commit.ts'
import type { ReachedObject } from '../git/object-walk.ts'
import { createObject, EMPTY_TREE, type NewObject, type Oid } from '../git/objects.ts'
import { buildPack } from '../git/pack-build.ts'
import { isFolder } from '../git/tree.ts'
import { readFolders } from '../git/tree-walk.ts'
import type { ProjectStore } from './project-store.ts'

/** Which files a summary holds: those that lists and tables are made of (docs/FORMAT.md). */
const HELD =
  /(?:^|\/)(?:project|dataset|experiment|purged|execution|run|environment)\.yaml$|^views\/[^/]+\.yaml$|^README\.md$/

/** Folders whose names say nothing of what is in them: those of runs and executions, and above them. */
const BY_ID = /^(?:[0-9a-z]{1,2}|[0-9a-z]{12})$/

interface Folder {
  readonly oid: Oid
  /** With a slash at its end; `''` for the root. */
  readonly path: string
}

/**
 * Makes the summary of a branch: a blob that is a pack of a commit, all of its trees, and the files that
 * lists and tables are made of. It is the same on every machine on which bytes are deflated alike.
 */
export async function buildSummary(
  { repository, host }: ProjectStore,
  commitOid: Oid,
  options: { readonly signal?: AbortSignal } = {}
): Promise<NewObject> {
  const { objects } = repository
  const plan: ReachedObject[] = [{ oid: commitOid, type: 'commit' }]
  const seen = new Set<Oid>()
  /** What came last of each sort: things of one sort are often alike. */
  const latest = new Map<string, Oid>()
  const add = (oid: Oid, type: 'tree' | 'blob', sort: string): boolean => {
    if (seen.has(oid)) return false
    seen.add(oid)
    const basisOid = latest.get(sort)
    latest.set(sort, oid)
    plan.push({ oid, type, ...(basisOid === undefined ? {} : { basisOid }) })
    return true
  }
  let level: readonly Folder[] = [{ oid: (await readCommit(objects, commitOid)).tree, path: '' }]
  for (let depth = 0; level.length > 0; depth++) {
    options.signal?.throwIfAborted()
    const entriesOf = await readFolders(
      objects,
      level.map(({ oid }) => oid)
    )
    const next: Folder[] = []
    for (const { oid, path } of level) {
      const name = path.slice(path.lastIndexOf('/', path.length - 2) + 1, -1)
      if (oid !== EMPTY_TREE) add(oid, 'tree', `${depth} ${BY_ID.test(name) ? '' : name}/`)
      for (const entry of entriesOf(oid)) {
        const at = path + entry.name
        if (isFolder(entry)) next.push({ oid: entry.oid, path: `${at}/` })
        else if (HELD.test(at)) add(entry.oid, 'blob', entry.name)
      }
    }
    level = next
  }
  const { platform } = host
  const chunks: Uint8Array[] = []
  for await (const chunk of buildPack(objects, plan, platform, { ...options, offsets: true })) {
    chunks.push(chunk)
  }
  return createObject(platform.hash, 'blob', concatBytes(chunks))
}
