import { equalBytes, formatHex, parseHex } from '../base/bytes.ts'
import type { Hash } from '../base/platform.ts'
import { ANY_PATH, hashChangedPaths, hashFiles, type TreePair } from './changed-paths.ts'
import { CommitGraph, type CommitNode } from './commit-graph.ts'
import { gitErrors } from './errors.ts'
import type { ObjectReader } from './object-store.ts'
import type { Oid } from './objects.ts'
import type { Pace } from './pace.ts'

const MAGIC = 0x31495052
const HEADER_BYTES = 12
const COMMIT_BYTES = 20 + 8 + 4 + 4

/** So many commits are compared with their parents at a time. */
const CHUNK = 256

/** So far back the parent of a commit that was just made is looked for. */
const RECENT = 1024

/** A commit with one parent, in which files were added or changed, none of them where a folder was. */
export interface MadeCommit {
  readonly oid: Oid
  readonly parentOid: Oid
  readonly epochSeconds: number
  readonly files: readonly string[]
}

/** How an index is extended. */
export interface ExtendOptions {
  /** Lets others come to their turn. Default: nobody. */
  readonly pace?: Pick<Pace, 'work'> | undefined
  /** With more commits than this that are missing, nothing is done. Default: all are added. */
  readonly most?: number
}

/** Stands for a parent that is not there. */
export const NO_PARENT = -1

/**
 * Commits and the paths that each changed from its first parent, as hashes: what tells in a moment which
 * of a hundred thousand commits may have touched a file. A commit stands behind its parents.
 *
 * Derived from the objects alone, so it is right for good, and can be made again at any time.
 */
export class PathIndex {
  #count = 0
  #names = new Uint8Array(0)
  #times = new Float64Array(0)
  #parents = new Int32Array(0)
  #ends = new Uint32Array(0)
  #paths = new Uint32Array(0)
  #positions: Map<Oid, number> | undefined

  get count(): number {
    return this.#count
  }

  /** Returns the position of a commit, from `least` on; -1 if it is not in the index. */
  find(oid: Oid, least = 0): number {
    if (this.#positions !== undefined) return this.#positions.get(oid) ?? -1
    const name = parseHex(oid)
    for (let at = this.#count - 1; at >= least; at--) {
      const start = at * 20
      if (this.#names[start] !== name[0] || this.#names[start + 1] !== name[1]) continue
      if (equalBytes(this.#names.subarray(start, start + 20), name)) return at
    }
    return -1
  }

  oidAt(position: number): Oid {
    return formatHex(this.#names, position * 20, position * 20 + 20)
  }

  timeAt(position: number): number {
    return this.#times[position] as number
  }

  /** Returns the position of the first parent; `NO_PARENT` if there is none. */
  firstParentAt(position: number): number {
    return this.#parents[position] as number
  }

  /** Tells whether a commit may differ from its first parent at a path; `false` is certain. */
  mayTouch(position: number, pathHash: number): boolean {
    const end = this.#ends[position] as number
    for (let at = position === 0 ? 0 : (this.#ends[position - 1] as number); at < end; at++) {
      if (this.#paths[at] === pathHash || this.#paths[at] === ANY_PATH) return true
    }
    return false
  }

  /**
   * Adds a commit and all in its history that is missing, unless they are more than `most`; returns
   * how many were added.
   *
   * @throws GIT_OBJECT_MISSING; GIT_HISTORY_CUT in a shallow history. What was added by then stays.
   */
  async extend(
    objects: Pick<ObjectReader, 'read' | 'readMany'>,
    headOid: Oid,
    { pace, most = Number.POSITIVE_INFINITY }: ExtendOptions = {}
  ): Promise<number> {
    if (this.find(headOid) >= 0) return 0
    const positions = this.#openPositions()
    const before = this.#count
    try {
      const graph = new CommitGraph(objects)
      const missing = await listMissing(graph, headOid, positions, { pace, most })
      if (missing === undefined) return 0
      for (let at = 0; at < missing.length; at += CHUNK) {
        const nodes = missing.slice(at, at + CHUNK)
        const pairs: TreePair[] = []
        for (const { parents, tree } of nodes) {
          const [first] = parents
          const base = first === undefined ? undefined : (await graph.read(first)).tree
          pairs.push({ before: base, after: tree })
        }
        const paths = await hashChangedPaths(objects, pairs)
        for (const [n, node] of nodes.entries()) {
          const [first] = node.parents
          const parent = first === undefined ? NO_PARENT : (positions.get(first) as number)
          positions.set(node.oid, this.#count)
          this.#add(node.oid, node.epochSeconds, parent, paths[n] as readonly number[])
        }
        await pace?.work(100 * nodes.length)
      }
    } finally {
      this.#positions = undefined
    }
    return this.#count - before
  }

  /** Adds a commit that was just made, of which it is known what it changed, if its parent came lately. */
  note({ oid, parentOid, epochSeconds, files }: MadeCommit): void {
    const least = Math.max(0, this.#count - RECENT)
    const parent = this.find(parentOid, least)
    if (parent >= 0 && this.find(oid, least) < 0)
      this.#add(oid, epochSeconds, parent, hashFiles(files))
  }

  #openPositions(): Map<Oid, number> {
    const positions = new Map<Oid, number>()
    for (let at = 0; at < this.#count; at++) positions.set(this.oidAt(at), at)
    this.#positions = positions
    return positions
  }

  #add(oid: Oid, epochSeconds: number, parent: number, paths: readonly number[]): void {
    const at = this.#count++
    const used = at === 0 ? 0 : (this.#ends[at - 1] as number)
    this.#names = grown(this.#names, this.#count * 20)
    this.#times = grown(this.#times, this.#count)
    this.#parents = grown(this.#parents, this.#count)
    this.#ends = grown(this.#ends, this.#count)
    this.#paths = grown(this.#paths, used + paths.length)
    this.#names.set(parseHex(oid), at * 20)
    this.#times[at] = epochSeconds
    this.#parents[at] = parent
    this.#paths.set(paths, used)
    this.#ends[at] = used + paths.length
  }

  /** Formats the index as the bytes of a file, with a digest at their end. */
  format(hash: Hash): Uint8Array {
    const count = this.#count
    const used = count === 0 ? 0 : (this.#ends[count - 1] as number)
    const bytes = new Uint8Array(HEADER_BYTES + count * COMMIT_BYTES + used * 4 + 20)
    const view = new DataView(bytes.buffer)
    for (const [n, value] of [MAGIC, count, used].entries()) view.setUint32(n * 4, value, true)
    let at = HEADER_BYTES
    for (let n = 0; n < count; n++, at += 8) view.setFloat64(at, this.#times[n] as number, true)
    for (let n = 0; n < count; n++, at += 4) view.setInt32(at, this.#parents[n] as number, true)
    for (let n = 0; n < count; n++, at += 4) view.setUint32(at, this.#ends[n] as number, true)
    for (let n = 0; n < used; n++, at += 4) view.setUint32(at, this.#paths[n] as number, true)
    bytes.set(this.#names.subarray(0, count * 20), at)
    bytes.set(hash.sha1(bytes.subarray(0, bytes.length - 20)), bytes.length - 20)
    return bytes
  }

  /** Reads what `format` made; `undefined` if the bytes are anything else. */
  static parse(bytes: Uint8Array, hash: Hash): PathIndex | undefined {
    if (bytes.length < HEADER_BYTES + 20) return undefined
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const [magic, count, used] = [0, 4, 8].map((at) => view.getUint32(at, true)) as Three
    const size = HEADER_BYTES + count * COMMIT_BYTES + used * 4 + 20
    if (magic !== MAGIC || bytes.length !== size) return undefined
    const digest = hash.sha1(bytes.subarray(0, size - 20))
    if (!equalBytes(digest, bytes.subarray(size - 20))) return undefined
    const index = new PathIndex()
    let at = HEADER_BYTES
    index.#count = count
    index.#times = new Float64Array(count)
    for (let n = 0; n < count; n++, at += 8) index.#times[n] = view.getFloat64(at, true)
    index.#parents = new Int32Array(count)
    index.#ends = new Uint32Array(count)
    index.#paths = new Uint32Array(used)
    for (let n = 0; n < count; n++, at += 4) index.#parents[n] = view.getInt32(at, true)
    for (let n = 0; n < count; n++, at += 4) index.#ends[n] = view.getUint32(at, true)
    for (let n = 0; n < used; n++, at += 4) index.#paths[n] = view.getUint32(at, true)
    index.#names = bytes.slice(at, at + count * 20)
    return index
  }
}

/**
 * Lists the commits of a history that are not known, each behind its parents; `undefined` if they are
 * very many.
 *
 * @throws GIT_HISTORY_CUT
 */
async function listMissing(
  graph: CommitGraph,
  headOid: Oid,
  known: ReadonlyMap<Oid, number>,
  { pace, most }: ExtendOptions & { readonly most: number }
): Promise<readonly CommitNode[] | undefined> {
  const listed = new Set<Oid>()
  const missing: CommitNode[] = []
  const stack = [headOid]
  for (let oid = stack.at(-1); oid !== undefined; oid = stack.at(-1)) {
    const node = await graph.read(oid)
    // Whether it changed anything, only what lies before it tells.
    if (node.isEdge) throw gitErrors.create('GIT_HISTORY_CUT', { oid })
    const before = node.parents.filter((parent) => !known.has(parent) && !listed.has(parent))
    if (listed.size + stack.length > most) return undefined
    if (before.length > 0 && !listed.has(oid)) for (const parent of before) stack.push(parent)
    else {
      stack.pop()
      if (listed.has(oid)) continue
      listed.add(oid)
      missing.push(node)
    }
    await pace?.work(10)
  }
  return missing
}

type Three = [number, number, number]

/** Returns an array with room for as many items, twice as much as is needed if it has to be a new one. */
function grown<A extends Uint8Array | Uint32Array | Int32Array | Float64Array>(
  array: A,
  length: number
): A {
  if (length <= array.length) return array
  const larger = new (array.constructor as new (length: number) => A)(Math.max(64, length * 2))
  larger.set(array)
  return larger
}
