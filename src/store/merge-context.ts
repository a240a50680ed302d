import type { Hash } from '../base/platform.ts'
import { formatRecord } from '../format/record.ts'
import { readTyped } from '../git/object-read.ts'
import type { ObjectReader } from '../git/object-store.ts'
import { createObject, EMPTY_TREE, type NewObject, type Oid } from '../git/objects.ts'
import {
  FILE_MODE,
  FOLDER_MODE,
  formatTree,
  isFolder,
  parseTree,
  type TreeEntry,
  type TreeTarget
} from '../git/tree.ts'
import type { Kind, RecordOfKind } from '../model/kinds.ts'

/** What nobody but a person may decide, or what could not be kept beside the other side's. */
export interface MergeConflict {
  readonly path: string
  /** The contested field; absent if a file and a folder of one name met, and the folder stays. */
  readonly fieldPath?: string
}

/** What lies at one path on both sides and in each merge base. */
export interface Sides {
  readonly ours: TreeTarget | undefined
  readonly theirs: TreeTarget | undefined
  readonly bases: readonly (TreeTarget | undefined)[]
}

/** Trees to be merged. */
export interface MergeInput {
  readonly ours: Oid
  readonly theirs: Oid
  /** Trees of the merge bases; empty if there are none. */
  readonly bases: readonly Oid[]
  /**
   * Finds a path in the tree that the bases merge to; asked only where they differ. Default: what
   * differs between the bases counts as changed.
   */
  readonly findInBase?: (path: string) => Promise<TreeTarget | undefined>
  /**
   * Whether records that this program cannot read merge as plain files, as they may where only
   * the existence of objects is asked for. Default: false.
   */
  readonly lenient?: boolean
}

/** Reads and makes objects for one merge, and gathers what it finds. */
export class MergeContext {
  readonly created = new Map<Oid, NewObject>()
  readonly conflicts: MergeConflict[] = []
  readonly lenient: boolean
  readonly #objects: Pick<ObjectReader, 'read'>
  readonly #hash: Hash
  readonly #findInBase: MergeInput['findInBase']

  constructor(objects: Pick<ObjectReader, 'read'>, hash: Hash, input: MergeInput) {
    this.#objects = objects
    this.#hash = hash
    this.#findInBase = input.findInBase
    this.lenient = input.lenient ?? false
  }

  async readBlob(oid: Oid): Promise<Uint8Array> {
    return this.created.get(oid)?.bytes ?? (await readTyped(this.#objects, oid, 'blob')).bytes
  }

  /** Reads a folder by name; nothing else has entries. */
  async readEntries(target: TreeTarget | undefined): Promise<Map<string, TreeEntry>> {
    if (target === undefined || !isFolder(target) || target.oid === EMPTY_TREE) return new Map()
    const tree =
      this.created.get(target.oid) ?? (await readTyped(this.#objects, target.oid, 'tree'))
    return new Map(parseTree(tree).map((entry) => [entry.name, entry]))
  }

  /** Finds what lies below a folder. */
  async find(target: TreeTarget | undefined, path: string): Promise<TreeTarget | undefined> {
    let found = target
    for (const name of path.split('/')) found = (await this.readEntries(found)).get(name)
    return found
  }

  writeBlob(bytes: Uint8Array): TreeTarget {
    return { mode: FILE_MODE, oid: this.#write('blob', bytes) }
  }

  writeRecord<K extends Kind>(kind: K, record: RecordOfKind[K]): TreeTarget {
    return this.writeBlob(formatRecord(kind, record))
  }

  /** Makes a folder; `undefined` if it would be empty. */
  writeFolder(entries: ReadonlyMap<string, TreeTarget>): TreeTarget | undefined {
    if (entries.size === 0) return undefined
    const named = [...entries].map(([name, { mode, oid }]) => ({ name, mode, oid }))
    return { mode: FOLDER_MODE, oid: this.#write('tree', formatTree(named)) }
  }

  /**
   * Tells whether what one side has and the other lacks stays: it does unless it is as it was in the
   * merge base, where the other side then removed it.
   */
  async lives(path: string, target: TreeTarget, sides: Sides): Promise<boolean> {
    const [first, ...others] = sides.bases
    if (others.every((base) => isSame(base, first))) return !isSame(first, target)
    return this.#findInBase === undefined || !isSame(await this.#findInBase(path), target)
  }

  /** Lists the new objects of a tree; what was made on the way and is no part of it is left out. */
  reachableFrom(treeOid: Oid): readonly NewObject[] {
    const reached = new Map<Oid, NewObject>()
    const waiting = [treeOid]
    for (let oid = waiting.pop(); oid !== undefined; oid = waiting.pop()) {
      const object = this.created.get(oid)
      if (object === undefined || reached.has(oid)) continue
      reached.set(oid, object)
      if (object.type !== 'tree') continue
      for (const entry of parseTree(object)) waiting.push(entry.oid)
    }
    return [...reached.values()]
  }

  #write(type: 'blob' | 'tree', bytes: Uint8Array): Oid {
    const object = createObject(this.#hash, type, bytes)
    this.created.set(object.oid, object)
    return object.oid
  }
}

/** Tells whether two places hold the same. */
export function isSame(a: TreeTarget | undefined, b: TreeTarget | undefined): boolean {
  return a?.oid === b?.oid && a?.mode === b?.mode
}

/** Tells whether there is a merge base and a target is in each as it is now. */
export function isUnchanged(target: TreeTarget | undefined, sides: Sides): boolean {
  return sides.bases.length > 0 && sides.bases.every((base) => isSame(base, target))
}
