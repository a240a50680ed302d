import { concatBytes, encodeUtf8, parseHex } from '../base/bytes.ts'
import type { GitObject } from './objects.ts'
import { formatTree, isFolder, parseTree, type TreeEntry } from './tree.ts'
import { checkTreeName } from './tree-name.ts'

const ZERO = 0x30
const SLASH = 0x2f
/** How long the mode of a folder and the space behind it are. */
const FOLDER_START = 6

/** A name where it stands among bytes. */
interface Name {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  readonly isFolder: boolean
}

/** What becomes of the place at which an entry stands, or would. */
interface Splice {
  readonly name: Name
  /** What stands there afterwards; nothing if the entry goes. */
  readonly bytes: Uint8Array | undefined
}

/**
 * Returns the bytes of a tree with entries replaced or added, or removed where they are `undefined`. The
 * others are copied as they lie, many at once: the entries of a large folder cost next to nothing.
 *
 * @throws GIT_TREE_NAME if a new name is one that `git fsck --strict` refuses.
 */
export function spliceTree(
  tree: GitObject | undefined,
  changed: ReadonlyMap<string, TreeEntry | undefined>
): Uint8Array {
  if (tree === undefined)
    return formatTree([...changed.values()].filter((entry) => entry !== undefined))
  const parts = merge(tree.bytes, formatSplices(changed))
  if (parts === undefined) return rewrite(tree, changed)
  return concatBytes(parts.filter((part) => part !== undefined))
}

/** Returns what the tree consists of then, in pieces; `undefined` if its entries are in no good order. */
function merge(
  before: Uint8Array,
  splices: readonly Splice[]
): (Uint8Array | undefined)[] | undefined {
  const parts: (Uint8Array | undefined)[] = []
  let next = 0
  let kept = 0
  let last: Name | undefined
  for (let at = 0; at < before.length; ) {
    const start = before.indexOf(0x20, at) + 1
    const end = before.indexOf(0, start)
    if (start === 0 || end < 0 || end + 21 > before.length || before[at] === ZERO) return undefined
    const name = { bytes: before, start, end, isFolder: start - at === FOLDER_START }
    if (last !== undefined && compareNames(last, name) >= 0) return undefined
    for (; next < splices.length; next++) {
      const splice = splices[next] as Splice
      const order = compareNames(splice.name, name)
      if (order > 0) break
      parts.push(before.subarray(kept, Math.max(kept, at)), splice.bytes)
      kept = order === 0 ? end + 21 : Math.max(kept, at)
    }
    last = name
    at = end + 21
  }
  parts.push(before.subarray(kept))
  for (; next < splices.length; next++) parts.push(splices[next]?.bytes)
  return parts
}

/** Every entry that changes goes as the file and as the folder that it may be, and comes as what it is. */
function formatSplices(changed: ReadonlyMap<string, TreeEntry | undefined>): readonly Splice[] {
  const splices: Splice[] = []
  for (const [text, entry] of changed) {
    const bytes = encodeUtf8(text)
    if (entry !== undefined) checkTreeName(text)
    for (const isFolderNow of [false, true]) {
      const name = { bytes, start: 0, end: bytes.length, isFolder: isFolderNow }
      const stands = entry !== undefined && isFolder(entry) === isFolderNow
      splices.push({ name, bytes: stands ? formatEntry(entry) : undefined })
    }
  }
  return splices.sort((a, b) => compareNames(a.name, b.name))
}

function formatEntry({ mode, name, oid }: TreeEntry): Uint8Array {
  return concatBytes([encodeUtf8(`${mode} ${name}\0`), parseHex(oid)])
}

/** Orders names as git does: by their bytes, a folder's as if `/` followed it. */
function compareNames(a: Name, b: Name): number {
  for (let i = 0; ; i++) {
    const x = byteAt(a, i)
    const y = byteAt(b, i)
    if (x !== y) return x - y
    if (x < 0) return 0
  }
}

function byteAt({ bytes, start, end, isFolder }: Name, index: number): number {
  const at = start + index
  if (at < end) return bytes[at] as number
  return at === end && isFolder ? SLASH : -1
}

/** Makes a tree that another program left in no good order anew. */
function rewrite(tree: GitObject, changed: ReadonlyMap<string, TreeEntry | undefined>): Uint8Array {
  const entries = new Map(parseTree(tree).map((entry) => [entry.name, entry]))
  for (const [name, entry] of changed) {
    if (entry === undefined) entries.delete(name)
    else entries.set(name, entry)
  }
  return formatTree([...entries.values()])
}
