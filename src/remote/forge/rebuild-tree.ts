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

/** What is to lie in a tree: a file, or a link. */
export interface TreeFile {
  readonly path: string
  readonly mode: TreeMode
  readonly oid: Oid
}

/** Makes the trees that hold files, the one that holds all of them first. @throws GIT_TREE_NAME */
export function makeTrees(hash: Hash, files: readonly TreeFile[]): readonly GitObject[] {
  const folders = new Map<string, TreeEntry[]>([['', []]])
  const open = (path: string): TreeEntry[] => {
    const known = folders.get(path)
    if (known !== undefined) return known
    const entries: TreeEntry[] = []
    if (path !== '') open(parentOf(path))
    folders.set(path, entries)
    return entries
  }
  for (const { path, mode, oid } of files) {
    open(parentOf(path)).push({ name: path.slice(path.lastIndexOf('/') + 1), mode, oid })
  }
  const trees: GitObject[] = []
  // A folder stands behind the one that it lies in, so backwards its trees are all there.
  for (const [path, entries] of [...folders].reverse()) {
    const tree = createObject(hash, 'tree', formatTree(entries))
    trees.push(tree)
    if (path === '') break
    const name = path.slice(path.lastIndexOf('/') + 1)
    folders.get(parentOf(path))?.push({ name, mode: FOLDER_MODE, oid: tree.oid })
  }
  return trees.reverse()
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
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
