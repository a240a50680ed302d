import type { Hash } from '../base/platform.ts'
import type { ObjectStore } from '../git/object-store.ts'
import { createObject, type NewObject, type Oid } from '../git/objects.ts'
import { FILE_MODE, isFolder, type TreeTarget } from '../git/tree.ts'
import type { TreeChanges } from '../git/tree-edit.ts'
import { readPath } from '../git/tree-walk.ts'

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
  readonly #objects: Pick<ObjectStore, 'read'>
  readonly #changes = new Map<string, TreeTarget | null>()
  readonly #blobs = new Map<Oid, NewObject>()

  constructor(objects: Pick<ObjectStore, 'read'>, base: DraftBase, below?: Draft) {
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

  get blobs(): Iterable<NewObject> {
    return this.#blobs.values()
  }

  /** Finds the file at a path, changes included. */
  async target(path: string): Promise<TreeTarget | undefined> {
    const own = this.#changes.get(path)
    if (own) return own
    for (
      let folder = path;
      folder !== '';
      folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))
    ) {
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
    if (isFolder(target)) this.#forget(path)
    this.#changes.set(path, target)
  }

  /** Removes a file, or a folder with all in it. */
  remove(path: string): void {
    this.#forget(path)
    this.#changes.set(path, null)
  }

  #forget(path: string): void {
    for (const changed of this.#changes.keys()) {
      if (changed.startsWith(`${path}/`)) this.#changes.delete(changed)
    }
  }

  /** Reads objects, those that are not stored yet included. */
  get reader(): Pick<ObjectStore, 'read'> {
    return { read: async (oid) => this.#pending(oid) ?? this.#objects.read(oid) }
  }

  #pending(oid: Oid): NewObject | undefined {
    return (
      this.#blobs.get(oid) ??
      (this.#below === undefined ? undefined : this.#below.#pending(oid)) ??
      this.base.created.find((object) => object.oid === oid)
    )
  }
}
