import { equalBytes } from '../base/bytes.ts'
import type { Hash } from '../base/platform.ts'
import { readTyped } from './object-read.ts'
import type { ObjectReader } from './object-store.ts'
import { createObject, EMPTY_TREE, type GitObject, type NewObject, type Oid } from './objects.ts'
import {
  FOLDER_MODE,
  findTreeEntry,
  isFolder,
  parseTree,
  type TreeEntry,
  type TreeTarget
} from './tree.ts'
import { spliceTree } from './tree-splice.ts'

const FEW = 8

/** What shall lie at a path; `null` removes the file or the whole folder there. */
export type TreeChanges = ReadonlyMap<string, TreeTarget | null>

/** A tree after changes, and the trees that are to be stored for it. */
export interface EditedTree {
  readonly rootOid: Oid
  readonly created: readonly NewObject[]
  /** Whether files were put at paths, none of them where a folder was, and nothing else was done. */
  readonly isPlain: boolean
}

interface Change {
  target?: TreeTarget | null
  readonly children: Map<string, Change>
}

/**
 * Changes paths of a tree; reads and makes only the folders above them.
 *
 * Folders that become empty vanish. A file gives way to a folder of its name and the reverse. A
 * path may be removed, or set to a folder, and paths under it set at once: those come second.
 *
 * @throws GIT_TREE_NAME, GIT_OBJECT_MISSING
 */
export async function editTree(
  objects: Pick<ObjectReader, 'read'>,
  rootOid: Oid | undefined,
  changes: TreeChanges,
  hash: Hash
): Promise<EditedTree> {
  const created = new Map<Oid, NewObject>()
  let isPlain = true
  const edit = async (oid: Oid | undefined, change: Change): Promise<Oid | undefined> => {
    const before =
      oid === undefined || oid === EMPTY_TREE ? undefined : await readTyped(objects, oid, 'tree')
    const find = entryFinder(before, change.children.size)
    const changed = new Map<string, TreeEntry | undefined>()
    for (const [name, child] of change.children) {
      const entry = find(name)
      if (!putsFile(child, entry)) isPlain = false
      // Nearly all are files, for which nothing has to be waited for.
      const isLeaf = child.children.size === 0
      changed.set(
        name,
        isLeaf ? placed(name, entry, child) : await editEntry(name, entry, child, edit)
      )
    }
    const bytes = spliceTree(before, changed)
    if (bytes.length === 0) return undefined
    if (before !== undefined && equalBytes(before.bytes, bytes)) return oid
    const tree = createObject(hash, 'tree', bytes)
    created.set(tree.oid, tree)
    return tree.oid
  }
  const edited = await edit(rootOid, nestChanges(changes))
  if (edited !== undefined) return { rootOid: edited, created: [...created.values()], isPlain }
  const empty = createObject(hash, 'tree', new Uint8Array())
  return { rootOid: empty.oid, created: rootOid === empty.oid ? [] : [empty], isPlain: false }
}

/** Tells whether a change is of files below, or puts one where no folder is. */
function putsFile({ target }: Change, before: TreeEntry | undefined): boolean {
  if (target === undefined) return true
  if (target === null || isFolder(target)) return false
  return before === undefined || !isFolder(before)
}

/** Looks for a few entries one by one, and for many in a map of all. */
function entryFinder(
  tree: GitObject | undefined,
  count: number
): (name: string) => TreeEntry | undefined {
  if (tree === undefined) return () => undefined
  if (count <= FEW) return (name) => findTreeEntry(tree, name)
  const entries = new Map(parseTree(tree).map((entry) => [entry.name, entry]))
  return (name) => entries.get(name)
}

/** Returns what a change puts at its own place, or leaves there. */
function placed(
  name: string,
  before: TreeEntry | undefined,
  { target }: Change
): TreeEntry | undefined {
  if (target === undefined) return before
  return target === null ? undefined : { mode: target.mode, name, oid: target.oid }
}

async function editEntry(
  name: string,
  before: TreeEntry | undefined,
  change: Change,
  edit: (oid: Oid | undefined, change: Change) => Promise<Oid | undefined>
): Promise<TreeEntry | undefined> {
  const kept = placed(name, before, change)
  const isKeptFile = kept !== undefined && !isFolder(kept)
  const oid = await edit(isKeptFile ? undefined : kept?.oid, change)
  if (oid === undefined) return isKeptFile ? kept : undefined
  return { mode: FOLDER_MODE, name, oid }
}

function nestChanges(changes: TreeChanges): Change {
  const root: Change = { children: new Map() }
  for (const [path, target] of changes) {
    let change = root
    for (const name of path.split('/')) {
      const child = change.children.get(name) ?? { children: new Map() }
      change.children.set(name, child)
      change = child
    }
    change.target = target
  }
  checkNesting(root, '')
  return root
}

function checkNesting(change: Change, path: string): void {
  if (change.target && !isFolder(change.target) && change.children.size > 0) {
    throw new TypeError(`${path} cannot be set together with a path under it`)
  }
  for (const [name, child] of change.children) {
    checkNesting(child, path === '' ? name : `${path}/${name}`)
  }
}
