import type { Hash } from '../base/platform.ts'
import type { ObjectReader } from '../git/object-store.ts'
import { createObject, type GitObject, type NewObject, type Oid } from '../git/objects.ts'
import { FILE_MODE, isFolder, type TreeTarget } from '../git/tree.ts'
import { editTree, type TreeChanges } from '../git/tree-edit.ts'
import { readPath } from '../git/tree-walk.ts'
import { View } from './view.ts'

/** Where a branch stood when a draft of it was begun. */
export interface DraftBase {
  readonly ref: string
  /** What the ref must still hold when the draft is committed; `null` if it must not exist. */
  readonly headOid: Oid | null
  /** The new commit's parent. */
  readonly parentOid: Oid
  readonly treeOid: Oid
  /** Objects of `treeOid` that are not stored yet. */
  readonly created: readonly NewObject[]
}

/** Changes of a branch that are not committed yet. A draft on a draft can be thrown away. */
export class Draft {
  readonly base: DraftBase
  readonly #below: Draft | undefined
  readonly #objects: ObjectReader
  readonly #changes = new Map<string, TreeTarget | null>()
  readonly #blobs = new Map<Oid, NewObject>()
  /** Whether a folder was put somewhere, or something was removed: what lies below it is changed too. */
  #isFolderChanged = false

  constructor(objects: ObjectReader, base: DraftBase, below?: Draft) {
    this.#objects = objects
    this.base = base
    this.#below = below
  }

  /** Begins a draft on this one. */
  fork(): Draft {
    return new Draft(this.#objects, this.base, this)
  }

  /** Takes over the changes of a draft that was begun on this one. */
  join(fork: Draft): void {
    for (const [path, target] of fork.#changes) {
      if (target === null) this.remove(path)
      else this.set(path, target)
    }
    for (const [oid, blob] of fork.#blobs) this.#blobs.set(oid, blob)
  }

  get changes(): TreeChanges {
    return this.#changes
  }

  /** The contents that the changes put somewhere; what was replaced meanwhile is not among them. */
  get blobs(): Iterable<NewObject> {
    const used = new Set([...this.#changes.values()].map((target) => target?.oid))
    return [...this.#blobs.values()].filter(({ oid }) => used.has(oid))
  }

  /** Returns the state of the branch with the changes so far; trees are made for it, not stored. */
  async view(hash: Hash): Promise<View> {
    const trees = new Map<Oid, NewObject>()
    const pending = (oid: Oid): NewObject | undefined => trees.get(oid) ?? this.pending(oid)
    const objects = overlay(this.#objects, pending)
    const treeOid = await this.#edit(objects, trees, hash)
    return new View(objects, this.base.parentOid, treeOid)
  }

  async #edit(objects: ObjectReader, trees: Map<Oid, NewObject>, hash: Hash): Promise<Oid> {
    const before =
      this.#below === undefined ? this.base.treeOid : await this.#below.#edit(objects, trees, hash)
    if (this.#changes.size === 0) return before
    const { rootOid, created } = await editTree(objects, before, this.#changes, hash)
    for (const tree of created) trees.set(tree.oid, tree)
    return rootOid
  }

  /** Finds the file at a path, changes included. */
  async target(path: string): Promise<TreeTarget | undefined> {
    const own = this.#changes.get(path)
    if (own) return own
    let folder = this.#isFolderChanged ? path : ''
    for (; folder !== ''; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
      const change = this.#changes.get(folder)
      if (change === null) return undefined
      if (change && isFolder(change))
        return readPath(this.reader, change.oid, path.slice(folder.length + 1))
    }
    if (this.#below !== undefined) return this.#below.target(path)
    return readPath(this.reader, this.base.treeOid, path)
  }

  async file(path: string): Promise<Uint8Array | undefined> {
    const target = await this.target(path)
    if (target === undefined || isFolder(target)) return undefined
    return (await this.reader.read(target.oid))?.bytes
  }

  write(hash: Hash, path: string, bytes: Uint8Array): NewObject {
    const blob = createObject(hash, 'blob', bytes)
    this.#blobs.set(blob.oid, blob)
    this.set(path, { mode: FILE_MODE, oid: blob.oid })
    return blob
  }

  set(path: string, target: TreeTarget): void {
    if (isFolder(target)) {
      this.#forget(path)
      this.#isFolderChanged = true
    }
    this.#changes.set(path, target)
  }

  /** Removes a file, or a folder with all in it. */
  remove(path: string): void {
    this.#forget(path)
    this.#isFolderChanged = true
    this.#changes.set(path, null)
  }

  #forget(path: string): void {
    for (const changed of this.#changes.keys()) {
      if (changed.startsWith(`${path}/`)) this.#changes.delete(changed)
    }
  }

  /** Reads objects, those that are not stored yet included. */
  get reader(): ObjectReader {
    return overlay(this.#objects, (oid) => this.pending(oid))
  }

  /** Finds an object that is not stored yet. */
  pending(oid: Oid): NewObject | undefined {
    return (
      this.#blobs.get(oid) ??
      (this.#below === undefined ? undefined : this.#below.pending(oid)) ??
      this.base.created.find((object) => object.oid === oid)
    )
  }
}

/** Reads objects of a store and others that are not in it yet. */
function overlay(
  objects: ObjectReader,
  pending: (oid: Oid) => GitObject | undefined
): ObjectReader {
  return {
    read: async (oid) => pending(oid) ?? objects.read(oid),
    async *readMany(oids) {
      const stored: Oid[] = []
      for (const oid of oids) {
        const object = pending(oid)
        if (object === undefined) stored.push(oid)
        else yield object
      }
      if (stored.length > 0) yield* objects.readMany(stored)
    }
  }
}
