import type { Hash } from '../../base/platform.ts'
import { createObject, type GitObject, type Oid } from '../../git/objects.ts'
import { FOLDER_MODE, formatTree, type TreeEntry, type TreeMode } from '../../git/tree.ts'

/** An entry of a listing of a tree and all that lies below it. */
export interface ListedEntry {
  /** From the tree that was listed on. */
  readonly path: string
  readonly mode: string
  readonly oid: Oid
}

/** Trees that were made from a listing. */
export interface RebuiltTrees {
  readonly root: GitObject
  /** All of them, the one that was listed first. */
  readonly trees: readonly GitObject[]
  /** A folder whose entries don't give its name; `undefined` if all do. */
  readonly damaged?: Oid
}

/**
 * Makes trees from a listing. What is in a folder must give the name that the listing has for it; that of
 * the tree itself is the caller's to check.
 *
 * @throws GIT_TREE_NAME
 */
export function rebuildTrees(hash: Hash, entries: readonly ListedEntry[]): RebuiltTrees {
  const folders = new Map<string, TreeEntry[]>([['', []]])
  const names = new Map<string, Oid>()
  for (const { path, mode, oid } of entries) {
    const slash = path.lastIndexOf('/')
    const entry = {
      name: path.slice(slash + 1),
      mode: mode.replace(/^0+/, '') as TreeMode,
      oid
    }
    const folder = slash < 0 ? '' : path.slice(0, slash)
    const siblings = folders.get(folder)
    if (siblings === undefined) folders.set(folder, [entry])
    else siblings.push(entry)
    if (entry.mode !== FOLDER_MODE) continue
    names.set(path, oid)
    if (!folders.has(path)) folders.set(path, [])
  }
  const trees: GitObject[] = []
  let damaged: Oid | undefined
  for (const [path, children] of folders) {
    const tree = createObject(hash, 'tree', formatTree(children))
    if (path !== '' && tree.oid !== names.get(path)) damaged ??= names.get(path) ?? tree.oid
    trees.push(tree)
  }
  const root = trees[0] as GitObject
  return { root, trees, ...(damaged === undefined ? {} : { damaged }) }
}
