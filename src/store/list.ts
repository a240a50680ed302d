import { keyOfPath, pathOf } from '../format/paths.ts'
import { parseCanonicalRecord, parseRecord } from '../format/record.ts'
import { readTyped } from '../git/object-read.ts'
import type { Oid } from '../git/objects.ts'
import { isFolder, type TreeEntry } from '../git/tree.ts'
import { readFolder, readFolders, walkTree } from '../git/tree-walk.ts'
import type { KeyOf, Kind, ObjectKey, RecordOfKind } from '../model/kinds.ts'
import type { View } from './view.ts'

/** A record with its place. */
export interface Listed<K extends Kind> {
  readonly key: KeyOf<K>
  readonly path: string
  readonly record: RecordOfKind[K]
}

/** An object that could not be read. */
export interface Damage {
  readonly path: string
  readonly error: unknown
}

/** A folder in which every object of a kind has a folder of its own, some levels down. */
interface Shelf {
  readonly folder: string
  readonly depth: number
  readonly file: string
}

/** How many records are read at a time. */
const BATCH = 512
/** How many folders of folders are read at a time. */
const PARENTS = 16

/**
 * Lists the records of a kind below an object, in order of their paths. One that can't be read goes to
 * `onDamaged` and hides no other.
 */
export async function* listRecords<K extends Kind>(
  view: View,
  kind: K,
  below: ObjectKey,
  onDamaged: (damage: Damage) => void
): AsyncGenerator<Listed<K>> {
  const shelf = shelfOf(kind, below)
  const files =
    shelf === undefined
      ? walkFiles(view, kind, below, onDamaged)
      : walkShelf(view, shelf, onDamaged)
  const path = shelf?.folder ?? prefixOf(kind, below)
  for await (const batch of inBatches(untilDamage(files, path, onDamaged))) {
    const blobs = await readBlobs(view, batch)
    for (const file of batch) {
      const bytes = blobs.get(file.oid)
      const parsed = bytes && tryParse(kind, file, bytes)
      const listed = parsed ?? (await readAlone(view, kind, file, onDamaged))
      if (listed !== undefined) yield listed
    }
  }
}

async function* inBatches(
  files: AsyncIterable<readonly RecordFile[]>
): AsyncGenerator<readonly RecordFile[]> {
  let batch: readonly RecordFile[] = []
  for await (const some of files) {
    batch = batch.concat(some)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  yield batch
}

/** Gives what can be reached, and reports what ended it. */
async function* untilDamage(
  files: AsyncIterable<readonly RecordFile[]>,
  path: string,
  onDamaged: (damage: Damage) => void
): AsyncGenerator<readonly RecordFile[]> {
  try {
    for await (const some of files) yield some
  } catch (error) {
    onDamaged({ path, error })
  }
}

interface RecordFile {
  readonly path: string
  readonly oid: Oid
}

function shelfOf(kind: Kind, below: ObjectKey): Shelf | undefined {
  if (kind === 'dataset') return { folder: 'datasets', depth: 1, file: 'dataset.yaml' }
  if (!('experiment' in below) || 'run' in below) return undefined
  const folder = `experiments/${below.experiment}`
  if (kind === 'run') return { folder: `${folder}/runs`, depth: 3, file: 'run.yaml' }
  if (kind === 'execution') {
    return { folder: `${folder}/executions`, depth: 2, file: 'execution.yaml' }
  }
  return undefined
}

async function* walkShelf(
  view: View,
  shelf: Shelf,
  onDamaged: (damage: Damage) => void
): AsyncGenerator<readonly RecordFile[]> {
  const root = await view.entry(shelf.folder)
  if (root === undefined || !isFolder(root)) return
  let level: readonly RecordFile[] = [{ path: shelf.folder, oid: root.oid }]
  for (let depth = 1; depth < shelf.depth; depth++) {
    level = (await readLevel(view, level, onDamaged)).filter(({ folder }) => folder)
  }
  for (let at = 0; at < level.length; at += PARENTS) {
    const parents = level.slice(at, at + PARENTS)
    const folders = (await readLevel(view, parents, onDamaged)).filter(({ folder }) => folder)
    yield (await readLevel(view, folders, onDamaged)).filter(({ name }) => name === shelf.file)
  }
}

/** Reads the entries of folders; a folder that can't be read is reported and left out. */
async function readLevel(
  view: View,
  folders: readonly RecordFile[],
  onDamaged: (damage: Damage) => void
): Promise<readonly (RecordFile & { readonly name: string; readonly folder: boolean })[]> {
  const contents = await readTogether(view, folders, onDamaged)
  return folders.flatMap(({ path, oid }) =>
    (contents(oid) ?? []).map((entry) => ({
      path: `${path}/${entry.name}`,
      oid: entry.oid,
      name: entry.name,
      folder: isFolder(entry)
    }))
  )
}

async function readTogether(
  view: View,
  folders: readonly RecordFile[],
  onDamaged: (damage: Damage) => void
): Promise<(treeOid: Oid) => readonly TreeEntry[] | undefined> {
  try {
    return await readFolders(
      view.objects,
      folders.map(({ oid }) => oid)
    )
  } catch {
    const contents = new Map<Oid, readonly TreeEntry[]>()
    for (const { path, oid } of folders) {
      try {
        contents.set(oid, await readFolder(view.objects, oid))
      } catch (error) {
        onDamaged({ path, error })
      }
    }
    return (oid) => contents.get(oid)
  }
}

/** Walks all files; if a folder can't be read, what is left is walked folder by folder. */
async function* walkFiles(
  view: View,
  kind: Kind,
  below: ObjectKey,
  onDamaged: (damage: Damage) => void
): AsyncGenerator<readonly RecordFile[]> {
  const prefix = prefixOf(kind, below)
  const seen = new Set<string>()
  try {
    for await (const { path, oid } of walkTree(view.objects, view.treeOid, { prefix })) {
      if (keyOfPath(path)?.kind !== kind) continue
      seen.add(path)
      yield [{ path, oid }]
    }
  } catch {
    const root = await view.entry(prefix)
    const found: RecordFile[] = []
    if (root !== undefined)
      await collectFiles(view, { path: prefix, oid: root.oid }, found, onDamaged)
    yield found.filter(({ path }) => keyOfPath(path)?.kind === kind && !seen.has(path))
  }
}

async function collectFiles(
  view: View,
  folder: RecordFile,
  found: RecordFile[],
  onDamaged: (damage: Damage) => void
): Promise<void> {
  for (const entry of await readLevel(view, [folder], onDamaged)) {
    if (entry.folder) await collectFiles(view, entry, found, onDamaged)
    else found.push(entry)
  }
}

function prefixOf(kind: Kind, below: ObjectKey): string {
  if (kind === 'view') return 'views'
  if (!('experiment' in below)) return ''
  if (!('run' in below)) {
    return kind === 'experiment' || kind === 'purged'
      ? pathOf({ kind, experiment: below.experiment })
      : `experiments/${below.experiment}/runs`
  }
  const path = pathOf({ kind: 'run', experiment: below.experiment, run: below.run })
  return path.slice(0, path.lastIndexOf('/'))
}

/** Reads many files at once; those that can't be read are left out. */
async function readBlobs(
  view: View,
  files: readonly RecordFile[]
): Promise<ReadonlyMap<Oid, Uint8Array>> {
  const blobs = new Map<Oid, Uint8Array>()
  try {
    for await (const { oid, bytes } of view.objects.readMany(files.map(({ oid }) => oid))) {
      blobs.set(oid, bytes)
    }
  } catch {
    // A damaged object ends the reading of all; each is read alone then.
  }
  return blobs
}

/** Parses a record at once; `undefined` if it is not in the canonical form, or wrong. */
function tryParse<K extends Kind>(
  kind: K,
  { path }: RecordFile,
  bytes: Uint8Array
): Listed<K> | undefined {
  try {
    const key = keyOfPath(path) as KeyOf<K> | undefined
    const record = key && parseCanonicalRecord(kind, bytes, path)
    return record && { key, path, record }
  } catch {
    return undefined
  }
}

async function readAlone<K extends Kind>(
  view: View,
  kind: K,
  { path, oid }: RecordFile,
  onDamaged: (damage: Damage) => void
): Promise<Listed<K> | undefined> {
  try {
    const key = keyOfPath(path) as KeyOf<K> | undefined
    const { bytes } = await readTyped(view.objects, oid, 'blob')
    return key && { key, path, record: await parseRecord(kind, bytes, path) }
  } catch (error) {
    onDamaged({ path, error })
    return undefined
  }
}
