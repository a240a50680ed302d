import { encodeUtf8, formatHex } from '../base/bytes.ts'
import { gitErrors } from './errors.ts'
import { checkType } from './object-read.ts'
import type { ObjectReader } from './object-store.ts'
import { EMPTY_TREE, type Oid } from './objects.ts'

/** A commit that changes more paths counts as one that may change any. */
const MAX_PATHS = 512

const SLASH = 0x2f
const FNV_START = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** The hash of no path: in its place stands “may have changed any”. */
export const ANY_PATH = 0xffffffff

/** Hashes a path, as FNV-1a does with 32 bits. */
export function hashPath(path: string): number {
  return finish(hashBytes(FNV_START, encodeUtf8(path)))
}

/** Hashes files that changed and the folders above them; `ANY_PATH` alone if they are very many. */
export function hashFiles(paths: Iterable<string>): readonly number[] {
  const found = new Set<number>()
  for (const path of paths) {
    let hash = FNV_START
    for (const byte of encodeUtf8(path)) {
      if (byte === SLASH) found.add(finish(hash))
      hash = hashByte(hash, byte)
    }
    found.add(finish(hash))
    if (found.size > MAX_PATHS) return [ANY_PATH]
  }
  return [...found]
}

/** Two trees that are compared; the one before may be absent. */
export interface TreePair {
  readonly before: Oid | undefined
  readonly after: Oid
}

/** Two folders at one path that differ. */
interface FolderPair {
  /** The number of the pair of trees that they are in. */
  readonly pair: number
  readonly before: Oid | undefined
  readonly after: Oid | undefined
  /** The hash of the path and the slash behind it. */
  readonly hash: number
}

/**
 * Hashes, for each pair of trees, the paths, folders among them, at which they differ; `ANY_PATH` alone
 * if they are very many. All pairs are compared level by level, so that many trees are read at a time.
 *
 * @throws GIT_OBJECT_MISSING
 */
export async function hashChangedPaths(
  objects: Pick<ObjectReader, 'readMany'>,
  pairs: readonly TreePair[]
): Promise<readonly (readonly number[])[]> {
  const found = pairs.map((): number[] => [])
  let level = pairs.map(({ before, after }, pair): FolderPair => {
    return { pair, before, after, hash: FNV_START }
  })
  for (level = level.filter(isDifferent); level.length > 0; ) {
    const trees = await readTrees(objects, level)
    const next: FolderPair[] = []
    for (const folders of level) {
      const paths = found[folders.pair] as number[]
      if (paths.length <= MAX_PATHS) compareFolders(folders, trees, paths, next)
    }
    level = next
  }
  return found.map((paths) => (paths.length > MAX_PATHS ? [ANY_PATH] : paths))
}

function isDifferent({ before, after }: FolderPair): boolean {
  return before !== after
}

async function readTrees(
  objects: Pick<ObjectReader, 'readMany'>,
  level: readonly FolderPair[]
): Promise<ReadonlyMap<Oid | undefined, Uint8Array>> {
  const wanted = new Set<Oid>()
  for (const { before, after } of level) {
    if (before !== undefined) wanted.add(before)
    if (after !== undefined) wanted.add(after)
  }
  wanted.delete(EMPTY_TREE)
  const trees = new Map<Oid | undefined, Uint8Array>()
  for await (const tree of objects.readMany([...wanted])) {
    trees.set(tree.oid, checkType(tree, 'tree').bytes)
  }
  for (const oid of wanted) {
    if (!trees.has(oid)) throw gitErrors.create('GIT_OBJECT_MISSING', { oid, type: 'tree' })
  }
  return trees
}

/** Adds the hashes of what differs in two folders, and the folders in them that do. */
function compareFolders(
  { pair, before, after, hash: above }: FolderPair,
  trees: ReadonlyMap<Oid | undefined, Uint8Array>,
  found: number[],
  next: FolderPair[]
): void {
  const a = new Entries(trees.get(before) ?? NOTHING)
  const b = new Entries(trees.get(after) ?? NOTHING)
  while (a.next() || b.next()) {
    const order = compareEntries(a, b)
    if (order === 0 && a.isSame(b)) {
      a.pass()
      b.pass()
      continue
    }
    const hash = (order > 0 ? b : a).hashName(above)
    found.push(finish(hash))
    const one = order <= 0 ? a.folder() : undefined
    const other = order >= 0 ? b.folder() : undefined
    if (order <= 0) a.pass()
    if (order >= 0) b.pass()
    if (one === other) continue
    next.push({ pair, before: one, after: other, hash: hashByte(hash, SLASH) })
  }
}

const NOTHING = new Uint8Array()

/** Goes through the entries of a tree without making anything of those that don't matter. */
class Entries {
  readonly bytes: Uint8Array
  /** Where the entry begins, its name does, and its name ends. */
  start = 0
  name = 0
  end = 0
  #isFound = false

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** Tells whether there is an entry. */
  next(): boolean {
    if (this.#isFound) return true
    if (this.start >= this.bytes.length) return false
    this.name = this.bytes.indexOf(0x20, this.start) + 1
    this.end = this.bytes.indexOf(0, this.name)
    this.#isFound = true
    return true
  }

  pass(): void {
    this.start = this.end + 21
    this.#isFound = false
  }

  get isFolder(): boolean {
    return this.bytes[this.start] === 0x34
  }

  folder(): Oid | undefined {
    return this.isFolder ? formatHex(this.bytes, this.end + 1, this.end + 21) : undefined
  }

  isSame(other: Entries): boolean {
    const length = this.end + 21 - this.start
    if (other.end + 21 - other.start !== length) return false
    for (let at = length - 1; at >= 0; at--) {
      if (this.bytes[this.start + at] !== other.bytes[other.start + at]) return false
    }
    return true
  }

  hashName(before: number): number {
    return hashBytes(before, this.bytes, this.name, this.end)
  }

  /** Returns a byte of the name as git sorts by it: a slash follows that of a folder. */
  sortByte(at: number): number {
    const index = this.name + at
    if (index < this.end) return this.bytes[index] as number
    return index === this.end && this.isFolder ? SLASH : 0
  }
}

/** Orders the entries at which two trees stand; one that is at its end comes last. */
function compareEntries(a: Entries, b: Entries): number {
  if (!a.next()) return 1
  if (!b.next()) return -1
  const length = Math.max(a.end - a.name, b.end - b.name) + 1
  for (let at = 0; at < length; at++) {
    const difference = a.sortByte(at) - b.sortByte(at)
    if (difference !== 0) return difference
  }
  return 0
}

function hashBytes(hash: number, bytes: Uint8Array, start = 0, end = bytes.length): number {
  let value = hash
  for (let at = start; at < end; at++) value = hashByte(value, bytes[at] as number)
  return value
}

function hashByte(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, FNV_PRIME) >>> 0
}

function finish(hash: number): number {
  return hash === ANY_PATH ? 0 : hash
}
