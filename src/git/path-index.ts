import { equalBytes, formatHex, parseHex } from '../base/bytes.ts'
import type { Hash } from '../base/platform.ts'
import { ANY_PATH, hashChangedPaths, hashFiles, type TreePair } from './changed-paths.ts'
import { CommitGraph, type CommitNode } from './commit-graph.ts'
import { gitErrors } from './errors.ts'
import { NameSet } from './name-set.ts'
import type { ObjectReader } from './object-store.ts'
import type { Oid } from './objects.ts'
import type { Pace } from './pace.ts'

const MAGIC = 0x32495052
const HEADER_BYTES = 16
const COMMIT_BYTES = 20 + 8 + 4 + 4

/** So many commits are compared with their parents at a time. */
const CHUNK = 64

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
  /** So many commits are added at most; the next call goes on. Default: all that are missing. */
  readonly most?: number
}

/** Stands for the first parent of a commit that has none. */
export const NO_PARENT = -1
/** Stands for a first parent that is not in the index. */
export const PARENT_UNKNOWN = -2

/**
 * Commits and the paths that each changed from its first parent, as hashes: what tells in a moment which
 * of a hundred thousand commits may have touched a file. It is made from the newest commits on, and as long
 * as it isn't whole, it knows where to go on.
 *
 * Derived from the objects alone, so it is right for good, and can be made again at any time.
 */
export class PathIndex {
  #names = new NameSet()
  #times = new Float64Array(0)
  #parents = new Int32Array(0)
  #ends = new Uint32Array(0)
  #paths = new Uint32Array(0)
  /** What is to be added next, the newest last, and the positions of those whose first parent it is. */
  #pending = new Map<Oid, number[]>()

  get count(): number {
    return this.#names.count
  }

  /** Whether all that commits in it lead to is in it. */
  get isWhole(): boolean {
    return this.#pending.size === 0
  }

  /** Returns the position of a commit; -1 if it is not in the index. */
  find(oid: Oid): number {
    return this.findName(parseHex(oid))
  }

  /** Does so by the 20 bytes of its name. */
  findName(name: Uint8Array): number {
    return this.#names.find(name, 0)
  }

  oidAt(position: number): Oid {
    return this.#names.oidAt(position)
  }

  timeAt(position: number): number {
    return this.#times[position] as number
  }

  /** Returns the position of the first parent, `NO_PARENT`, or `PARENT_UNKNOWN`. */
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
   * Adds commits and what lies before them, the newest first, and returns how many were added. Commits that
   * are missing and the edge of a shallow history are left out.
   *
   * @throws GIT_OBJECT_MISSING for a tree. What was added by then stays.
   */
  async extend(
    objects: Pick<ObjectReader, 'read' | 'readMany'>,
    headOids: readonly Oid[],
    { pace, most = Number.POSITIVE_INFINITY }: ExtendOptions = {}
  ): Promise<number> {
    for (const oid of headOids) this.#want(oid)
    const edges = new Set<Oid>()
    let added = 0
    while (added < most) {
      const graph = new CommitGraph(objects)
      const nodes = await this.#plan(graph, Math.min(CHUNK, most - added), edges)
      if (nodes.length === 0) break
      const pairs: TreePair[] = []
      for (const { parents, tree } of nodes) {
        const [first] = parents
        const before = first === undefined ? undefined : (await graph.read(first)).tree
        pairs.push({ before, after: tree })
      }
      const paths = await hashChangedPaths(objects, pairs)
      nodes.forEach((node, n) => {
        this.#add(node, paths[n] as readonly number[])
      })
      added += nodes.length
      await pace?.work(100 * nodes.length)
    }
    return added
  }

  /** Adds a commit that was just made, of which it is known what it changed, if its parent is there. */
  note({ oid, parentOid, epochSeconds, files }: MadeCommit): void {
    if (this.find(parentOid) < 0) return
    this.#add({ oid, parents: [parentOid], epochSeconds }, hashFiles(files))
  }

  /** Lists what to add next: lines of first parents, from what is pending on. */
  async #plan(graph: CommitGraph, most: number, edges: Set<Oid>): Promise<readonly CommitNode[]> {
    const planned = new Map<Oid, CommitNode>()
    const stack = [...this.#pending.keys()]
    for (let oid = stack.pop(); oid !== undefined && planned.size < most; oid = stack.pop()) {
      if (planned.has(oid) || edges.has(oid) || this.find(oid) >= 0) continue
      const node = await graph.read(oid).catch(passMissing)
      // Whether one changed anything, only what lies before it tells.
      if (node === undefined || node.isEdge) edges.add(oid)
      else {
        planned.set(oid, node)
        stack.push(...[...node.parents].reverse())
      }
    }
    return [...planned.values()]
  }

  /** Notes that a commit is to be added, if it isn't here; returns the positions that wait for it. */
  #want(oid: Oid): number[] | undefined {
    if (this.find(oid) >= 0) return undefined
    const waiting = this.#pending.get(oid) ?? []
    this.#pending.set(oid, waiting)
    return waiting
  }

  #add({ oid, parents, epochSeconds }: Omit<CommitNode, 'tree'>, paths: readonly number[]): void {
    // It may have been noted while it was compared.
    if (this.find(oid) >= 0) return
    const at = this.#names.add(parseHex(oid), 0)
    const used = at === 0 ? 0 : (this.#ends[at - 1] as number)
    this.#times = grown(this.#times, at + 1)
    this.#parents = grown(this.#parents, at + 1)
    this.#ends = grown(this.#ends, at + 1)
    this.#paths = grown(this.#paths, used + paths.length)
    this.#times[at] = epochSeconds
    this.#paths.set(paths, used)
    this.#ends[at] = used + paths.length
    for (const child of this.#pending.get(oid) ?? []) this.#parents[child] = at
    this.#pending.delete(oid)
    const [first, ...others] = parents
    for (const parent of others.reverse()) this.#want(parent)
    this.#parents[at] = first === undefined ? NO_PARENT : this.find(first)
    if (first === undefined || this.#parents[at] !== -1) return
    this.#parents[at] = PARENT_UNKNOWN
    this.#want(first)?.push(at)
  }

  /** Formats the index as the bytes of a file, with a digest at their end. */
  format(hash: Hash): Uint8Array {
    const { count } = this
    const used = count === 0 ? 0 : (this.#ends[count - 1] as number)
    const parents = this.#parents.slice(0, count)
    // One that waits is told by the number of what it waits for.
    let number = 0
    for (const children of this.#pending.values()) {
      for (const child of children) parents[child] = PARENT_UNKNOWN - number
      number++
    }
    const bytes = new Uint8Array(sizeOf(count, used, this.#pending.size))
    let at = 0
    const put = (array: ArrayBufferView): void => {
      bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at)
      at += array.byteLength
    }
    put(Uint32Array.of(MAGIC, count, used, this.#pending.size))
    put(this.#times.subarray(0, count))
    put(parents)
    put(this.#ends.subarray(0, count))
    put(this.#paths.subarray(0, used))
    put(this.#names.placeOf(0).bytes.subarray(0, count * 20))
    for (const oid of this.#pending.keys()) put(parseHex(oid))
    put(hash.sha1(bytes.subarray(0, at)))
    return bytes
  }

  /** Reads what `format` made on such a machine; `undefined` if the bytes are anything else. */
  static parse(bytes: Uint8Array, hash: Hash): PathIndex | undefined {
    const { buffer, length } = new Uint8Array(bytes)
    if (length < HEADER_BYTES + 20) return undefined
    const [magic, count, used, pending] = new Uint32Array(buffer, 0, 4) as unknown as Four
    if (magic !== MAGIC || length !== sizeOf(count, used, pending)) return undefined
    const digest = hash.sha1(bytes.subarray(0, length - 20))
    if (!equalBytes(digest, bytes.subarray(length - 20))) return undefined
    const index = new PathIndex()
    let at = HEADER_BYTES
    index.#times = new Float64Array(buffer, at, count)
    at += index.#times.byteLength
    index.#parents = new Int32Array(buffer, at, count)
    at += index.#parents.byteLength
    index.#ends = new Uint32Array(buffer, at, count)
    at += index.#ends.byteLength
    index.#paths = new Uint32Array(buffer, at, used)
    at += index.#paths.byteLength
    for (let n = 0; n < count; n++, at += 20) index.#names.add(bytes, at)
    const waiting: number[][] = []
    for (let n = 0; n < pending; n++, at += 20) {
      waiting.push([])
      index.#pending.set(formatHex(bytes, at, at + 20), waiting[n] as number[])
    }
    for (let child = 0; child < count; child++) {
      const parent = index.#parents[child] as number
      if (parent > PARENT_UNKNOWN) continue
      waiting[PARENT_UNKNOWN - parent]?.push(child)
      index.#parents[child] = PARENT_UNKNOWN
    }
    return index
  }
}

function passMissing(error: unknown): undefined {
  if (!gitErrors.is(error, 'GIT_OBJECT_MISSING')) throw error
}

type Four = [number, number, number, number]

function sizeOf(count: number, used: number, pending: number): number {
  return HEADER_BYTES + count * COMMIT_BYTES + used * 4 + pending * 20 + 20
}

/** Returns an array with room for as many items, twice as much as is needed if it has to be a new one. */
function grown<A extends Uint32Array | Int32Array | Float64Array>(array: A, length: number): A {
  if (length <= array.length) return array
  const larger = new (array.constructor as new (length: number) => A)(Math.max(64, length * 2))
  larger.set(array)
  return larger
}
