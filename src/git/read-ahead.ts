import type { CommitGraph, CommitNode } from './commit-graph.ts'
import { readTyped } from './object-read.ts'
import type { ObjectReader } from './object-store.ts'
import { EMPTY_TREE, type GitObject, type Oid } from './objects.ts'
import { findTreeEntry, isFolder } from './tree.ts'

/** So many commits are looked ahead at first, for who asks for the newest change alone. */
const FIRST = 16
/** And so many later on. */
const MOST = 512

/** Trees for a walk over history, which compares those of each commit and its parent along a path. */
export class TreesAhead {
  readonly #objects: ObjectReader
  readonly #graph: CommitGraph
  readonly #names: readonly string[]
  readonly #covered = new Set<Oid>()
  #trees = new Map<Oid, GitObject>()
  #length = FIRST

  constructor(objects: ObjectReader, graph: CommitGraph, names: readonly string[]) {
    this.#objects = objects
    this.#graph = graph
    this.#names = names
  }

  /** Looks ahead at the parent alone next, and then further again. */
  lookNear(): void {
    this.#length = 1
  }

  /** @throws GIT_OBJECT_MISSING, GIT_OBJECT_TYPE */
  async read(treeOid: Oid): Promise<GitObject> {
    const known = this.#trees.get(treeOid)
    if (known !== undefined) return known
    const tree = await readTyped(this.#objects, treeOid, 'tree')
    if (this.#trees.size >= MOST * 16) this.#trees.clear()
    this.#trees.set(treeOid, tree)
    return tree
  }

  /**
   * Reads what comparing a commit with its parent needs, and the same of those before it: folder by
   * folder along the path, many trees at a time, and only where those of neighbours differ.
   */
  async cover(node: CommitNode): Promise<void> {
    if (this.#covered.has(node.oid)) return
    const line = await this.#follow(node)
    for (const { oid } of line.slice(0, -1)) this.#covered.add(oid)
    this.#trees = new Map()
    let folders: readonly (Oid | undefined)[] = line.map(({ tree }) => tree)
    for (const name of this.#names) {
      const wanted = listDiffering(folders)
      if (wanted.size === 0) return
      const below = new Map<Oid | undefined, Oid>()
      for await (const tree of this.#objects.readMany([...wanted])) {
        if (tree.type !== 'tree') continue
        this.#trees.set(tree.oid, tree)
        const entry = findTreeEntry(tree, name)
        if (entry !== undefined && isFolder(entry)) below.set(tree.oid, entry.oid)
      }
      folders = folders.map((oid) => below.get(oid))
    }
  }

  /** Follows first parents, until one was come by or can't be read: who gets there hears why. */
  async #follow(node: CommitNode): Promise<readonly CommitNode[]> {
    const line = [node]
    let last: CommitNode | undefined = node
    while (last !== undefined && line.length <= this.#length) {
      const parent: Oid | undefined = last.parents[0]
      last = parent === undefined ? undefined : await this.#tryRead(parent)
      if (last !== undefined) line.push(last)
      if (last !== undefined && this.#covered.has(last.oid)) break
    }
    this.#length = Math.min(this.#length * 2, MOST)
    return line
  }

  async #tryRead(commitOid: Oid): Promise<CommitNode | undefined> {
    try {
      return await this.#graph.read(commitOid)
    } catch {
      return undefined
    }
  }
}

/** Lists the folders that are not the same as those beside them. */
function listDiffering(folders: readonly (Oid | undefined)[]): Set<Oid> {
  const differing = new Set<Oid>()
  for (let at = 1; at < folders.length; at++) {
    const [one, other] = [folders[at - 1], folders[at]]
    if (one === other) continue
    if (one !== undefined) differing.add(one)
    if (other !== undefined) differing.add(other)
  }
  differing.delete(EMPTY_TREE)
  return differing
}
