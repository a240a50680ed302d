import { answerOf, type FileRecord, type Stores } from './database.ts'
import { pathError } from './errors.ts'

/** The key of a path: its folder, and its name there. */
export type NameKey = readonly [folder: string, name: string]

/** Returns the key of an absolute path. */
export function keyOf(path: string): [string, string] {
  const trimmed = path.replace(/\/+$/, '')
  const end = trimmed.lastIndexOf('/')
  return [trimmed.slice(0, Math.max(0, end)), trimmed.slice(end + 1)]
}

/** Returns what a path names; the root of all is a folder. */
export async function readName({ names }: Stores, path: string): Promise<FileRecord | undefined> {
  const key = keyOf(path)
  if (key[1] === '') return { kind: 'folder', fileId: 'root', mode: 0o755, modifiedMs: 0 }
  return (await answerOf(names.get(key))) as FileRecord | undefined
}

/** @throws ENOENT, ENOTDIR if a path does not lie in a folder. */
export async function checkFolderOf(stores: Stores, path: string): Promise<void> {
  const [folder] = keyOf(path)
  const record = await readName(stores, folder)
  if (record === undefined) throw pathError('ENOENT', path)
  if (record.kind !== 'folder') throw pathError('ENOTDIR', path)
}

/** Writes what a path names. */
export function putName({ names }: Stores, path: string, record: FileRecord): void {
  names.put(record, keyOf(path))
}

/** Returns the range of what lies directly in a folder. */
export function childrenOf(folder: string): IDBKeyRange {
  return IDBKeyRange.bound([folder.replace(/\/+$/, ''), ''], [folder.replace(/\/+$/, ''), []])
}

/** Returns the range of what lies in the folders below a folder. */
export function descendantsOf(folder: string): IDBKeyRange {
  // '0' is what follows '/'.
  return IDBKeyRange.bound([`${folder}/`, ''], [`${folder}0`, ''], false, true)
}

/** Lists all that lies below a folder, at any depth. */
export async function listBelow(
  { names }: Stores,
  folder: string
): Promise<readonly { readonly key: NameKey; readonly record: FileRecord }[]> {
  const found: { key: NameKey; record: FileRecord }[] = []
  for (const range of [childrenOf(folder), descendantsOf(folder)]) {
    const [keys, records] = await Promise.all([
      answerOf(names.getAllKeys(range)),
      answerOf(names.getAll(range))
    ])
    for (const [index, key] of keys.entries()) {
      found.push({ key: key as unknown as NameKey, record: records[index] as FileRecord })
    }
  }
  return found
}

/** Makes a folder and those above it; returns whether any was made. */
export async function makeFolders(stores: Stores, path: string): Promise<boolean> {
  const missing: string[] = []
  for (let at = path.replace(/\/+$/, ''); at !== ''; at = keyOf(at)[0]) {
    const record = await readName(stores, at)
    if (record?.kind === 'folder') break
    if (record !== undefined) throw pathError('ENOTDIR', path)
    missing.push(at)
  }
  for (const folder of missing) {
    putName(stores, folder, {
      kind: 'folder',
      fileId: newId(),
      mode: 0o755,
      modifiedMs: Date.now()
    })
  }
  return missing.length > 0
}

/** Tells whether nothing lies in a folder. */
export async function isEmpty({ names }: Stores, folder: string): Promise<boolean> {
  return (await answerOf(names.count(childrenOf(folder)))) === 0
}

/** Returns a name that no other file has. */
export function newId(): string {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2))
  return high.toString(36).padStart(7, '0') + low.toString(36).padStart(7, '0')
}
