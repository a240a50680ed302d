import type { Hash } from '../base/platform.ts'
import { formatCommit, readCommit } from '../git/commit.ts'
import { CommitGraph, type CommitNode } from '../git/commit-graph.ts'
import type { HeldObjects, ObjectStore } from '../git/object-store.ts'
import { createObject, type NewObject, type Oid } from '../git/objects.ts'
import type { TreeTarget } from '../git/tree.ts'
import { editTree } from '../git/tree-edit.ts'
import { readPath } from '../git/tree-walk.ts'

/** A history in which some paths never were. */
export interface RewrittenHistory {
  readonly headOid: Oid
  /** The oldest commits that held any of the paths: whatever held them has one of these in its history. */
  readonly originOids: readonly Oid[]
  /** How many commits were made anew or left out. */
  readonly replaced: number
  /** What lay at the paths, each once. */
  readonly targets: readonly TreeTarget[]
  /** The objects that were written. To be released once a ref leads to them. */
  readonly held: HeldObjects
}

/** How a rewrite stops, and reports. */
export interface RewriteOptions {
  /** Told of the commits done so far and of all. Default: nobody is. */
  readonly onProgress?: (done: number, total: number) => void
  readonly signal?: AbortSignal
}

/** New objects are written when there are so many. */
const BATCH_OBJECTS = 4000

/** Headers of a commit that sign it as it was. */
const SIGNATURES = ['gpgsig', 'gpgsig-sha256', 'mergetag']

/**
 * Makes a history anew without some paths. Commits from before the paths were there stay what they are;
 * those that did nothing but change them are left out; the others keep their author, time and message.
 *
 * Of a history that is not here as a whole, `undefined`: what lies before its edge can't be rewritten.
 */
export async function rewriteWithout(
  objects: ObjectStore,
  hash: Hash,
  headOid: Oid,
  paths: readonly string[],
  options: RewriteOptions = {}
): Promise<RewrittenHistory | undefined> {
  const graph = new CommitGraph(objects)
  const order = await oldestFirst(graph, headOid)
  if (order.some(({ isEdge }) => isEdge)) return undefined
  const rewrite = new Rewrite(objects, hash, paths)
  try {
    for (const [done, node] of order.entries()) {
      options.signal?.throwIfAborted()
      if (done % 200 === 0) options.onProgress?.(done, order.length)
      await rewrite.add(node)
    }
    options.onProgress?.(order.length, order.length)
    return await rewrite.finish(headOid)
  } catch (error) {
    await rewrite.release()
    throw error
  }
}

/** Lists a history so that parents come before their children. */
async function oldestFirst(graph: CommitGraph, headOid: Oid): Promise<readonly CommitNode[]> {
  const order: CommitNode[] = []
  const seen = new Set<Oid>([headOid])
  const stack: { readonly node: CommitNode; next: number }[] = [
    { node: await graph.read(headOid), next: 0 }
  ]
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const parent = top.node.parents[top.next++]
    if (parent === undefined) {
      order.push(top.node)
      stack.pop()
    } else if (!seen.has(parent)) {
      seen.add(parent)
      stack.push({ node: await graph.read(parent), next: 0 })
    }
  }
  return order
}

interface Rewritten {
  readonly oid: Oid
  readonly tree: Oid
  /** Whether the commit, or any in its history, held one of the paths. */
  readonly isTainted: boolean
}

class Rewrite {
  readonly #objects: ObjectStore
  readonly #hash: Hash
  readonly #paths: readonly string[]
  readonly #done = new Map<Oid, Rewritten>()
  readonly #trees = new Map<Oid, Oid>()
  readonly #origins: Oid[] = []
  readonly #targets = new Map<Oid, TreeTarget>()
  readonly #written = new Set<Oid>()
  readonly #held: HeldObjects[] = []
  #waiting: NewObject[] = []
  #replaced = 0

  constructor(objects: ObjectStore, hash: Hash, paths: readonly string[]) {
    this.#objects = objects
    this.#hash = hash
    this.#paths = paths
  }

  async add(node: CommitNode): Promise<void> {
    const before = node.parents.map((oid) => this.#done.get(oid) as Rewritten)
    const isBorn = before.every(({ isTainted }) => !isTainted)
    const tree = await this.#without(node.tree)
    const isTainted = !isBorn || tree !== node.tree
    if (isBorn && isTainted) this.#origins.push(node.oid)
    const parents = [...new Set(before.map(({ oid }) => oid))]
    if (!isTainted) {
      this.#done.set(node.oid, { oid: node.oid, tree, isTainted })
      return
    }
    this.#replaced++
    const [only] = parents
    const isEmpty = parents.length === 1 && before[0]?.tree === tree
    const oid = isEmpty && only !== undefined ? only : await this.#commit(node.oid, tree, parents)
    this.#done.set(node.oid, { oid, tree, isTainted })
    if (this.#waiting.length >= BATCH_OBJECTS) await this.#write()
  }

  async finish(headOid: Oid): Promise<RewrittenHistory> {
    await this.#write()
    return {
      headOid: (this.#done.get(headOid) as Rewritten).oid,
      originOids: this.#origins,
      replaced: this.#replaced,
      targets: [...this.#targets.values()],
      held: { release: () => this.release() }
    }
  }

  async release(): Promise<void> {
    for (const held of this.#held.splice(0)) await held.release()
  }

  /** Returns a tree without the paths. */
  async #without(treeOid: Oid): Promise<Oid> {
    const known = this.#trees.get(treeOid)
    if (known !== undefined) return known
    const changes = new Map<string, null>()
    for (const path of this.#paths) {
      const target = await readPath(this.#objects, treeOid, path)
      if (target === undefined) continue
      this.#targets.set(target.oid, target)
      changes.set(path, null)
    }
    let oid = treeOid
    if (changes.size > 0) {
      const edited = await editTree(this.#objects, treeOid, changes, this.#hash)
      for (const object of edited.created) this.#keep(object)
      oid = edited.rootOid
    }
    this.#trees.set(treeOid, oid)
    return oid
  }

  async #commit(oldOid: Oid, tree: Oid, parents: readonly Oid[]): Promise<Oid> {
    const { headers = [], ...commit } = await readCommit(this.#objects, oldOid)
    const kept = headers.filter(({ name }) => !SIGNATURES.includes(name))
    const bytes = formatCommit({ ...commit, tree, parents, headers: kept })
    const object = createObject(this.#hash, 'commit', bytes)
    this.#keep(object)
    return object.oid
  }

  #keep(object: NewObject): void {
    if (this.#written.has(object.oid)) return
    this.#written.add(object.oid)
    this.#waiting.push(object)
  }

  async #write(): Promise<void> {
    if (this.#waiting.length === 0) return
    this.#held.push(await this.#objects.write(this.#waiting))
    this.#waiting = []
  }
}
