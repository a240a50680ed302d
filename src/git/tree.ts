import {
  compareCodePoints,
  decodeName,
  encodeUtf8,
  encodeUtf8Into,
  formatHex,
  parseHex
} from '../base/bytes.ts'
import { gitErrors } from './errors.ts'
import { checkType } from './object-read.ts'
import type { GitObject, Oid } from './objects.ts'
import { checkTreeName } from './tree-name.ts'

/** A longer name is on no file system, and comparing many long ones takes long. */
const NAME_MAX_BYTES = 4096

/** How git writes what an entry is: in octal, a folder without the leading zero. */
export type TreeMode = '100644' | '100755' | '120000' | '160000' | '40000'

export const FILE_MODE = '100644'
export const FOLDER_MODE = '40000'

/** What a path stands for. */
export interface TreeTarget {
  readonly mode: TreeMode
  readonly oid: Oid
}

/** An entry of a tree. */
export interface TreeEntry extends TreeTarget {
  readonly name: string
}

/** Tells whether an entry is a folder, whose oid is that of a tree. */
export function isFolder(entry: TreeTarget): boolean {
  return entry.mode === FOLDER_MODE
}

/**
 * Parses a tree, or the entries between two places.
 *
 * @throws GIT_OBJECT_DAMAGED if it is none, or has a name that is not UTF-8.
 */
export function parseTree(tree: GitObject, start = 0, stop = tree.bytes.length): TreeEntry[] {
  const { bytes } = checkType(tree, 'tree')
  const entries: TreeEntry[] = []
  for (let at = start; at < stop; ) {
    let space = at
    while (space < stop && bytes[space] !== 0x20) space++
    let end = space
    while (end < stop && bytes[end] !== 0) end++
    if (end + 21 > stop) throw damaged(tree, 'it is cut short')
    if (end - space > NAME_MAX_BYTES) throw damaged(tree, 'a name in it is too long')
    const mode = parseMode(tree, at, space)
    const name = decodeName(bytes, space + 1, end)
    if (name === undefined) throw damaged(tree, 'a name in it is not UTF-8')
    at = end + 21
    entries.push({ mode, name, oid: formatHex(bytes, end + 1, at) })
  }
  return entries
}

/** Finds an entry without parsing the others. */
export function findTreeEntry(tree: GitObject, name: string): TreeEntry | undefined {
  const { bytes } = checkType(tree, 'tree')
  const wanted = encodeUtf8(name)
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at)
    const end = bytes.indexOf(0, space)
    if (space < 0 || end < 0 || end + 21 > bytes.length) throw damaged(tree, 'it is cut short')
    let same = end - space - 1 === wanted.length
    for (let i = 0; same && i < wanted.length; i++) same = bytes[space + 1 + i] === wanted[i]
    if (same) {
      return { mode: parseMode(tree, at, space), name, oid: formatHex(bytes, end + 1, end + 21) }
    }
    at = end + 21
  }
  return undefined
}

/**
 * Formats a tree, with its entries in git's order.
 *
 * @throws GIT_TREE_NAME if a name is one that `git fsck --strict` refuses, or is there twice.
 */
export function formatTree(entries: readonly TreeEntry[]): Uint8Array {
  const names = new Set<string>()
  let room = 0
  for (const { name } of entries) {
    checkTreeName(name)
    if (names.has(name)) {
      throw gitErrors.create('GIT_TREE_NAME', { name, reason: 'it is there twice' })
    }
    names.add(name)
    // A mode, a space, three bytes for each unit of the name, NUL, and the oid.
    room += name.length * 3 + 28
  }
  const bytes = new Uint8Array(room)
  let end = 0
  for (const entry of [...entries].sort(compareTreeEntries)) {
    end += encodeUtf8Into(`${entry.mode} ${entry.name}\0`, bytes.subarray(end))
    bytes.set(parseHex(entry.oid), end)
    end += 20
  }
  return bytes.slice(0, end)
}

/** Orders entries as git does: by the bytes of their names, a folder's as if `/` followed it. */
export function compareTreeEntries(a: TreeEntry, b: TreeEntry): number {
  return compareCodePoints(sortName(a), sortName(b))
}

function sortName(entry: TreeEntry): string {
  return isFolder(entry) ? `${entry.name}/` : entry.name
}

function parseMode(tree: GitObject, start: number, end: number): TreeMode {
  let mode = 0
  for (let i = start; i < end; i++) mode = mode * 8 + (tree.bytes[i] as number) - 0x30
  switch (mode & 0o170000) {
    case 0o040000:
      return '40000'
    case 0o100000:
      // Old programs wrote 100664 and the like; git counts only the owner's execute bit.
      return mode & 0o100 ? '100755' : '100644'
    case 0o120000:
      return '120000'
    case 0o160000:
      return '160000'
    default:
      throw damaged(tree, `it has an entry of the unknown mode ${mode.toString(8)}`)
  }
}

function damaged(tree: GitObject, reason: string): Error {
  return gitErrors.create('GIT_OBJECT_DAMAGED', { oid: tree.oid, where: 'the store', reason })
}
