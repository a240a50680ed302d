import type { Platform } from '../base/platform.ts'
import { branchOf, folderOf, pathOf, removedPathsOf } from '../format/paths.ts'
import { formatRecord, parseRecord } from '../format/record.ts'
import { nextStamp } from '../format/stamp.ts'
import type { TreeTarget } from '../git/tree.ts'
import type { KeyOf, Kind, ObjectKey, RecordOfKind } from '../model/kinds.ts'
import type { EditableRecord, Stamp } from '../model/records.ts'
import type { Draft } from './draft.ts'
import type { View } from './view.ts'

/**
 * Changes of a project that are committed together or not at all.
 *
 * Reads see the changes that were made before in the same transaction.
 */
export class Transaction {
  readonly writer: string
  readonly platform: Platform
  readonly #drafts: ReadonlyMap<string, Draft>
  readonly #touched = new Map<string, ObjectKey>()

  constructor(drafts: ReadonlyMap<string, Draft>, platform: Platform, writer: string) {
    this.#drafts = drafts
    this.platform = platform
    this.writer = writer
  }

  /** The objects that were changed, in order. */
  get touched(): readonly ObjectKey[] {
    return [...this.#touched.values()]
  }

  async read<K extends Kind>(key: KeyOf<K>): Promise<RecordOfKind[K] | undefined> {
    const path = pathOf(key as ObjectKey)
    const bytes = await this.#draftOf(key as ObjectKey).file(path)
    return bytes && parseRecord(key.kind as K, bytes, path)
  }

  /** Tells whether an object is there, readable or not. */
  async has(key: ObjectKey): Promise<boolean> {
    const draft = this.#draftOf(key)
    if ((await draft.target(pathOf(key))) !== undefined) return true
    return key.kind === 'artifact' && (await draft.target(folderOf(key))) !== undefined
  }

  write<K extends Kind>(key: KeyOf<K>, record: RecordOfKind[K]): void {
    const bytes = formatRecord(key.kind as K, record)
    this.writeFile(key as ObjectKey, pathOf(key as ObjectKey), bytes)
  }

  readFile(owner: ObjectKey, path: string): Promise<Uint8Array | undefined> {
    return this.#draftOf(owner).file(path)
  }

  /** Writes a file that belongs to an object, such as a part of a series. */
  writeFile(owner: ObjectKey, path: string, bytes: Uint8Array): void {
    this.#draftOf(owner).write(this.platform.hash, path, bytes)
    this.#touch(owner)
  }

  removeFile(owner: ObjectKey, path: string): void {
    this.#draftOf(owner).remove(path)
    this.#touch(owner)
  }

  /** Puts at a path what lies there in another tree. */
  place(key: ObjectKey, path: string, target: TreeTarget): void {
    this.#draftOf(key).set(path, target)
    this.#touch(key)
  }

  /** Removes an object with all that lies in its folder. */
  remove(key: ObjectKey): void {
    for (const path of removedPathsOf(key)) this.#draftOf(key).remove(path)
    this.#touch(key)
  }

  /** Returns the state of an object's branch with the changes that were made so far. */
  view(key: ObjectKey): Promise<View> {
    return this.#draftOf(key).view(this.platform.hash)
  }

  /** Returns a stamp for an edit of a record, greater than every stamp in it and later than `afterMs`. */
  stamp(record: EditableRecord, afterMs?: number): Stamp {
    return nextStamp(this.platform.clock, this.writer, record, afterMs)
  }

  #touch(key: ObjectKey): void {
    this.#touched.set(folderOf(key) || pathOf(key), key)
  }

  #draftOf(key: ObjectKey): Draft {
    const draft = this.#drafts.get(branchOf(key))
    if (draft === undefined) throw new TypeError(`the transaction is not on ${branchOf(key)}`)
    return draft
  }
}
