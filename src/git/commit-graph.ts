import { encodeUtf8 } from '../base/bytes.ts'
import { parseCommit } from './commit.ts'
import { readTyped } from './object-read.ts'
import type { ObjectReader } from './object-store.ts'
import { type GitObject, isOid, type Oid } from './objects.ts'

/** What walks over history need of a commit. */
export interface CommitNode {
  readonly oid: Oid
  readonly tree: Oid
  readonly parents: readonly Oid[]
  /** The committer's time, in seconds since 1970. */
  readonly epochSeconds: number
  /** Whether it has parents that were never brought here. */
  readonly isEdge?: boolean
}

/** Commits by their names, each read once. For one walk: it keeps all that it saw. */
export class CommitGraph {
  readonly #objects: Pick<ObjectReader, 'read'>
  readonly #nodes = new Map<Oid, CommitNode>()

  constructor(objects: Pick<ObjectReader, 'read'>) {
    this.#objects = objects
  }

  /** @throws GIT_OBJECT_MISSING, GIT_OBJECT_TYPE */
  async read(commitOid: Oid): Promise<CommitNode> {
    const known = this.#nodes.get(commitOid)
    if (known !== undefined) return known
    const node = nodeOf(await readTyped(this.#objects, commitOid, 'commit'))
    this.#nodes.set(commitOid, node)
    return node
  }
}

function nodeOf(object: GitObject): CommitNode {
  return scanNode(object) ?? parseNode(object)
}

const [TREE, PARENT, AUTHOR, COMMITTER] = ['tree ', 'parent ', 'author ', 'committer '].map(
  encodeUtf8
) as Four
type Four = [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
const TIME = /> (\d{1,12}) [+-]\d{4}$/

/** Reads the few fields of a commit in git's own form; `undefined` if it has another. */
function scanNode({ oid, bytes, isEdge }: GitObject): CommitNode | undefined {
  if (isEdge) return undefined
  let at = 0
  const take = (name: Uint8Array): string | undefined => {
    if (!startsWith(bytes, name, at)) return undefined
    const start = at + name.length
    const end = bytes.indexOf(0x0a, start)
    at = end + 1
    return end < 0 ? undefined : decodeAscii(bytes, start, end)
  }
  const tree = take(TREE)
  const parents: Oid[] = []
  for (let parent = take(PARENT); parent !== undefined; parent = take(PARENT)) parents.push(parent)
  const isAuthored = take(AUTHOR) !== undefined
  const time = isAuthored ? TIME.exec(take(COMMITTER) ?? '')?.[1] : undefined
  if (tree === undefined || time === undefined || ![tree, ...parents].every(isOid)) return undefined
  return { oid, tree, parents, epochSeconds: Number(time) }
}

function startsWith(bytes: Uint8Array, start: Uint8Array, at: number): boolean {
  for (let i = 0; i < start.length; i++) if (bytes[at + i] !== start[i]) return false
  return true
}

/** Decodes bytes of which those that are not ASCII don't matter. */
function decodeAscii(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] as number)
  return text
}

function parseNode(object: GitObject): CommitNode {
  const { tree, parents, committer } = parseCommit(object)
  const node = { oid: object.oid, tree, parents, epochSeconds: committer.epochSeconds }
  return object.isEdge ? { ...node, isEdge: true } : node
}

interface Timed {
  readonly epochSeconds: number
}

interface Waiting<T extends Timed> {
  readonly node: T
  readonly order: number
}

/** Commits to be visited, the newest first; of equally old ones, the one that came first. */
export class CommitQueue<T extends Timed = CommitNode> {
  readonly #heap: Waiting<T>[] = []
  #pushed = 0

  get size(): number {
    return this.#heap.length
  }

  push(node: T): void {
    const heap = this.#heap
    heap.push({ node, order: this.#pushed++ })
    for (let at = heap.length - 1; at > 0; ) {
      const above = (at - 1) >> 1
      if (!this.#isBefore(at, above)) break
      this.#swap(at, above)
      at = above
    }
  }

  pop(): T | undefined {
    const heap = this.#heap
    if (heap.length === 0) return undefined
    this.#swap(0, heap.length - 1)
    const popped = heap.pop()
    for (let at = 0; ; ) {
      const left = 2 * at + 1
      const right = left + 1
      let first = at
      if (left < heap.length && this.#isBefore(left, first)) first = left
      if (right < heap.length && this.#isBefore(right, first)) first = right
      if (first === at) return popped?.node
      this.#swap(at, first)
      at = first
    }
  }

  #isBefore(a: number, b: number): boolean {
    const x = this.#heap[a] as Waiting<T>
    const y = this.#heap[b] as Waiting<T>
    const difference = x.node.epochSeconds - y.node.epochSeconds
    return difference === 0 ? x.order < y.order : difference > 0
  }

  #swap(a: number, b: number): void {
    const kept = this.#heap[a] as Waiting<T>
    this.#heap[a] = this.#heap[b] as Waiting<T>
    this.#heap[b] = kept
  }
}
