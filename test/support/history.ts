import type { Platform } from '../../src/base/platform.ts'
import { formatCommit } from '../../src/git/commit.ts'
import { createObject, type NewObject, type Oid } from '../../src/git/objects.ts'
import type { Repository } from '../../src/git/repository.ts'
import { FILE_MODE, type TreeTarget } from '../../src/git/tree.ts'
import { editTree } from '../../src/git/tree-edit.ts'

/** A commit to be made: what it changes, on which of the commits before it, and when. */
export interface PlannedCommit {
  /** Indices of commits planned earlier. */
  readonly parents: readonly number[]
  readonly epochSeconds: number
  /** Contents by path, against the first parent; `null` removes. Default: no change. */
  readonly files?: Readonly<Record<string, string | null>>
}

/** Makes commits in a repository and returns their names, in the order of the plan. */
export async function makeHistory(
  repository: Repository,
  platform: Platform,
  plan: readonly PlannedCommit[]
): Promise<readonly Oid[]> {
  const trees: Oid[] = []
  const oids: Oid[] = []
  for (const [index, { parents, epochSeconds, files = {} }] of plan.entries()) {
    const objects: NewObject[] = []
    const changes = new Map<string, TreeTarget | null>()
    for (const [path, content] of Object.entries(files)) {
      if (content === null) {
        changes.set(path, null)
        continue
      }
      const blob = createObject(platform.hash, 'blob', new TextEncoder().encode(content))
      objects.push(blob)
      changes.set(path, { mode: FILE_MODE, oid: blob.oid })
    }
    const base = parents[0] === undefined ? undefined : trees[parents[0]]
    const edited = await editTree(repository.objects, base, changes, platform.hash)
    const who = { name: 'Ada', email: 'ada@example.org', epochSeconds, offset: '+0000' }
    const bytes = formatCommit({
      tree: edited.rootOid,
      parents: parents.map((parent) => oids[parent] as Oid),
      author: who,
      committer: who,
      message: `commit ${index}\n`
    })
    const commit = createObject(platform.hash, 'commit', bytes)
    const held = await repository.objects.write([...objects, ...edited.created, commit])
    await held.release()
    trees.push(edited.rootOid)
    oids.push(commit.oid)
  }
  return oids
}
