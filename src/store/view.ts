import { folderOf, pathOf } from '../format/paths.ts'
import { parseRecord } from '../format/record.ts'
import { checkType, readTyped } from '../git/object-read.ts'
import type { ObjectReader } from '../git/object-store.ts'
import type { GitObject, Oid } from '../git/objects.ts'
import { isFolder, type TreeEntry } from '../git/tree.ts'
import { listFolder, readPath, walkTree } from '../git/tree-walk.ts'
import type { KeyOf, Kind, ObjectKey, RecordOfKind } from '../model/kinds.ts'

/** The state of a branch at a commit; what is read from it never changes. */
export class View {
  readonly objects: ObjectReader
  readonly commitOid: Oid
  readonly treeOid: Oid

  constructor(objects: ObjectReader, commitOid: Oid, treeOid: Oid) {
    this.objects = objects
    this.commitOid = commitOid
    this.treeOid = treeOid
  }

  /** Finds what lies at a path. */
  entry(path: string): Promise<TreeEntry | undefined> {
    return readPath(this.objects, this.treeOid, path)
  }

  /** Lists a folder; empty if there is none. */
  async folder(path: string): Promise<readonly TreeEntry[]> {
    return (await listFolder(this.objects, this.treeOid, path)) ?? []
  }

  async file(path: string): Promise<Uint8Array | undefined> {
    return (await this.blob(path))?.bytes
  }

  /** Reads the files of a folder, at any depth, in order of their paths. */
  async *files(
    folder: string
  ): AsyncGenerator<{ readonly path: string; readonly bytes: Uint8Array }> {
    for await (const { path, oid } of walkTree(this.objects, this.treeOid, { prefix: folder })) {
      const { bytes } = await readTyped(this.objects, oid, 'blob')
      yield { path, bytes }
    }
  }

  /** Reads the same at once: what was left at a remote comes with one request. */
  async filesAtOnce(
    folder: string
  ): Promise<readonly { readonly path: string; readonly bytes: Uint8Array }[]> {
    return readFiles(this.objects, this.treeOid, folder)
  }

  /** Returns the tree of a folder; `undefined` if there is none, or if not all that it holds is committed. */
  async treeOf(folder: string): Promise<Oid | undefined> {
    const entry = await this.entry(folder)
    return entry !== undefined && isFolder(entry) ? entry.oid : undefined
  }

  /**
   * Reads a record; `undefined` if there is none.
   *
   * @throws FORMAT_YAML, MODEL_INVALID, MODEL_SCHEMA_TOO_NEW, FORMAT_SCHEMA, GIT_OBJECT_MISSING if there is one
   * whose content is gone
   */
  async record<K extends Kind>(key: KeyOf<K>): Promise<RecordOfKind[K] | undefined> {
    const path = pathOf(key as ObjectKey)
    const bytes = await this.file(path)
    if (bytes !== undefined) return parseRecord(key.kind as K, bytes, path)
    const entry = await this.entry(path)
    if (entry !== undefined && !isFolder(entry)) await readTyped(this.objects, entry.oid, 'blob')
    return undefined
  }

  /** Tells whether an object is there, readable or not. */
  async has(key: ObjectKey): Promise<boolean> {
    if ((await this.entry(pathOf(key))) !== undefined) return true
    return key.kind === 'artifact' && (await this.entry(folderOf(key))) !== undefined
  }

  private async blob(path: string): Promise<GitObject | undefined> {
    const entry = await this.entry(path)
    if (entry === undefined) return undefined
    const object = await this.objects.read(entry.oid)
    return object?.type === 'blob' ? object : undefined
  }
}

/** Reads the files of a folder of a tree, at any depth, in order of their paths; of all folders for `''`. */
export async function readFiles(
  objects: ObjectReader,
  treeOid: Oid,
  folder: string
): Promise<readonly { readonly path: string; readonly bytes: Uint8Array }[]> {
  const entries: { readonly path: string; readonly oid: Oid }[] = []
  for await (const { path, oid } of walkTree(objects, treeOid, { prefix: folder })) {
    entries.push({ path, oid })
  }
  const blobs = new Map<Oid, Uint8Array>()
  for await (const object of objects.readMany(entries.map(({ oid }) => oid))) {
    blobs.set(object.oid, checkType(object, 'blob').bytes)
  }
  const files: { readonly path: string; readonly bytes: Uint8Array }[] = []
  for (const { path, oid } of entries) {
    files.push({
      path,
      bytes: blobs.get(oid) ?? (await readTyped(objects, oid, 'blob')).bytes
    })
  }
  return files
}
