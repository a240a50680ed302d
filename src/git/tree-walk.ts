import { gitErrors } from './errors.ts'
import { readTyped } from './object-read.ts'
import type { ObjectReader } from './object-store.ts'
import { EMPTY_TREE, type GitObject, type Oid } from './objects.ts'
import { findTreeEntry, isFolder, parseTree, type TreeEntry, type TreeTarget } from './tree.ts'

/** A file, link or submodule with its path from the root. */
export interface TreeFile extends TreeTarget {
  readonly path: string
}

/** How many folders are read ahead of where a walk stands, per level. */
const READ_AHEAD = 256

/**
 * Finds what lies at a path of a tree; `''` is no path.
 *
 * @throws GIT_OBJECT_MISSING if a tree on the way is not in the store.
 */
export async function readPath(
  objects: Pick<ObjectReader, 'read'>,
  rootOid: Oid,
  path: string
): Promise<TreeEntry | undefined> {
  let folderOid: Oid = rootOid
  let entry: TreeEntry | undefined
  for (const name of path.split('/')) {
    if (entry !== undefined) {
      if (!isFolder(entry)) return undefined
      folderOid = entry.oid
    }
    if (folderOid === EMPTY_TREE) return undefined
    entry = findTreeEntry(await readTyped(objects, folderOid, 'tree'), name)
    if (entry === undefined) return undefined
  }
  return entry
}

/** Lists a folder of a tree, in git's order; `undefined` if there is no folder. `''` is the root. */
export async function listFolder(
  objects: Pick<ObjectReader, 'read'>,
  rootOid: Oid,
  path: string
): Promise<readonly TreeEntry[] | undefined> {
  const folderOid = await findFolder(objects, rootOid, path)
  return folderOid === undefined ? undefined : readFolder(objects, folderOid)
}

/** Reads the entries of a tree. @throws GIT_OBJECT_MISSING */
export async function readFolder(
  objects: Pick<ObjectReader, 'read'>,
  treeOid: Oid
): Promise<readonly TreeEntry[]> {
  return treeOid === EMPTY_TREE ? [] : parseTree(await readTyped(objects, treeOid, 'tree'))
}

/** How a tree is walked. */
export interface WalkTreeOptions {
  /** Walks only the folder, or the file, at this path. Default: the whole tree. */
  readonly prefix?: string
}

/**
 * Walks all files of a tree, folder by folder in git's order; paths are from the root.
 *
 * @throws GIT_OBJECT_MISSING
 */
export async function* walkTree(
  objects: ObjectReader,
  rootOid: Oid,
  options: WalkTreeOptions = {}
): AsyncGenerator<TreeFile> {
  const prefix = options.prefix ?? ''
  if (prefix === '') {
    yield* walkFolder(objects, await readFolder(objects, rootOid), '')
    return
  }
  const entry = await readPath(objects, rootOid, prefix)
  if (entry === undefined) return
  if (isFolder(entry))
    yield* walkFolder(objects, await readFolder(objects, entry.oid), `${prefix}/`)
  else yield { path: prefix, mode: entry.mode, oid: entry.oid }
}

interface WalkedFolder {
  readonly entries: readonly TreeEntry[]
  /** The folder's path with a slash at its end. */
  readonly before: string
  /** How many entries were walked. */
  at: number
  read: (treeOid: Oid) => readonly TreeEntry[]
}

/** Walks with a stack of its own: a generator in a generator hands every file up level by level. */
async function* walkFolder(
  objects: ObjectReader,
  entries: readonly TreeEntry[],
  before: string
): AsyncGenerator<TreeFile> {
  const stack: WalkedFolder[] = [{ entries, before, at: 0, read: () => [] }]
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const entry = top.entries[top.at]
    if (entry === undefined) {
      stack.pop()
      continue
    }
    if (top.at % READ_AHEAD === 0) {
      const ahead = top.entries.slice(top.at, top.at + READ_AHEAD).filter(isFolder)
      top.read = await readFolders(
        objects,
        ahead.map((folder) => folder.oid)
      )
    }
    top.at++
    const path = top.before + entry.name
    if (!isFolder(entry)) yield { path, mode: entry.mode, oid: entry.oid }
    else stack.push({ entries: top.read(entry.oid), before: `${path}/`, at: 0, read: () => [] })
  }
}

/**
 * Reads many trees at once; the function that is returned gives the entries of each.
 *
 * @throws GIT_OBJECT_MISSING
 */
export async function readFolders(
  objects: Pick<ObjectReader, 'readMany'>,
  treeOids: readonly Oid[]
): Promise<(treeOid: Oid) => readonly TreeEntry[]> {
  const wanted = [...new Set(treeOids)].filter((oid) => oid !== EMPTY_TREE)
  const trees = new Map<Oid, GitObject>()
  if (wanted.length > 0) {
    for await (const tree of objects.readMany(wanted)) trees.set(tree.oid, tree)
  }
  const missing = wanted.find((oid) => !trees.has(oid))
  if (missing !== undefined) {
    throw gitErrors.create('GIT_OBJECT_MISSING', { oid: missing, type: 'tree' })
  }
  return (oid) => {
    const tree = trees.get(oid)
    return tree === undefined ? [] : parseTree(tree)
  }
}

async function findFolder(
  objects: Pick<ObjectReader, 'read'>,
  rootOid: Oid,
  path: string
): Promise<Oid | undefined> {
  if (path === '') return rootOid
  const entry = await readPath(objects, rootOid, path)
  return entry !== undefined && isFolder(entry) ? entry.oid : undefined
}
