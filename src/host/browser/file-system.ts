import type { FileSystem } from '../../base/platform.ts'
import { GrowingFile } from './append-file.ts'
import { answerOf, type Database, type FileRecord, type Stores } from './database.ts'
import { FileError, pathError } from './errors.ts'
import { ContentReader, dropContent, putFile, putInParts } from './file-content.ts'
import {
  checkFolderOf,
  childrenOf,
  isEmpty,
  keyOf,
  listBelow,
  makeFolders,
  putName,
  readName
} from './file-names.ts'

/** Opens the files of a workspace in a database. Each call is one transaction. */
export function openDatabaseFiles(database: Database): FileSystem {
  const content = new ContentReader()
  const growing = new Set<GrowingFile>()
  const read = <T>(body: (stores: Stores) => Promise<T>): Promise<T> => {
    for (const file of growing) file.flush(false)
    return database.transact('readonly', body)
  }
  const write = <T>(body: (stores: Stores) => Promise<T>, isDurable = false): Promise<T> => {
    for (const file of growing) file.flush(false)
    return database.transact('readwrite', body, { isDurable })
  }
  return {
    ...readers(read, content),
    ...writers(write),
    async openAppend(path) {
      await write(async (stores) => {
        await checkFolderOf(stores, path)
        const record = await readName(stores, path)
        if (record?.kind === 'folder') throw pathError('EISDIR', path)
        if (record === undefined) putFile(stores, path, new Uint8Array())
      })
      const file = new GrowingFile(database, path, () => growing.delete(file))
      growing.add(file)
      return file
    },
    async syncFolder(path) {
      // Whatever was written before is made durable with it.
      await write(async (stores) => {
        const record = await readName(stores, path)
        if (record?.kind !== 'folder') throw pathError('ENOENT', path)
        if (keyOf(path)[1] !== '') putName(stores, path, record)
      }, true)
    }
  }
}

type Run = <T>(body: (stores: Stores) => Promise<T>, isDurable?: boolean) => Promise<T>

function readers(
  run: Run,
  content: ContentReader
): Pick<FileSystem, 'read' | 'readRange' | 'list' | 'stat'> {
  const readPart = (path: string, offset?: number, length?: number) =>
    run(async (stores) => {
      const record = await readName(stores, path)
      if (record?.kind === 'folder') throw pathError('EISDIR', path)
      return record && content.read(stores, record, offset, length)
    })
  return {
    read: (path) => readPart(path),
    readRange: readPart,
    list: (path) =>
      run(async (stores) => {
        if ((await readName(stores, path))?.kind !== 'folder') return undefined
        const { names } = stores
        const [keys, records] = await Promise.all([
          answerOf(names.getAllKeys(childrenOf(path))),
          answerOf(names.getAll(childrenOf(path)))
        ])
        return keys.map((key, index) => ({
          name: (key as [string, string])[1],
          kind: (records[index] as FileRecord).kind
        }))
      }),
    stat: (path) =>
      run(async (stores) => {
        const record = await readName(stores, path)
        if (record === undefined) return undefined
        const { kind, mode, modifiedMs, fileId } = record
        const sizeBytes = record.kind === 'file' ? record.sizeBytes : 0
        return { kind, sizeBytes, modifiedMs, mode, fileId }
      })
  }
}

function writers(
  run: Run
): Omit<FileSystem, 'read' | 'readRange' | 'list' | 'stat' | 'openAppend' | 'syncFolder'> {
  return {
    create: (path, bytes, options = {}) =>
      run(async (stores) => {
        await checkFolderOf(stores, path)
        if ((await readName(stores, path)) !== undefined) return false
        await putInParts(stores, path, bytes, options)
        return true
      }, options.sync),
    write: (path, bytes, options = {}) =>
      run(async (stores) => {
        await checkFolderOf(stores, path)
        const old = await readName(stores, path)
        if (old?.kind === 'folder') throw pathError('EISDIR', path)
        if (old !== undefined) dropContent(stores, old)
        await putInParts(stores, path, bytes, old ?? options)
      }, options.sync),
    rename: (from, to) => run((stores) => rename(stores, from, to)),
    link: (from, to) =>
      run(async (stores) => {
        const record = await readName(stores, from)
        if (record === undefined) throw pathError('ENOENT', from)
        if (record.kind === 'folder' || record.contentId !== undefined) {
          throw new FileError('ENOTSUP', `ENOTSUP: only small files can have two names, ${from}`)
        }
        await checkFolderOf(stores, to)
        if ((await readName(stores, to)) !== undefined) return false
        putName(stores, to, record)
        return true
      }),
    remove: (path) =>
      run(async (stores) => {
        const record = await readName(stores, path)
        if (record === undefined) return false
        if (record.kind === 'folder') throw pathError('EISDIR', path)
        drop(stores, path, record)
        return true
      }),
    makeFolder: (path) => run(async (stores) => void (await makeFolders(stores, path))),
    removeFolder: (path, options) =>
      run(async (stores) => {
        const record = await readName(stores, path)
        if (record?.kind !== 'folder') return false
        if (options?.recursive) await removeBelow(stores, path)
        else if (!(await isEmpty(stores, path))) return false
        drop(stores, path, record)
        return true
      }),
    touch: (path) => run((stores) => change(stores, path, { modifiedMs: Date.now() })),
    setMode: (path, mode) => run((stores) => change(stores, path, { mode }))
  }
}

function drop(stores: Stores, path: string, record: FileRecord): void {
  dropContent(stores, record)
  stores.names.delete(keyOf(path))
}

async function removeBelow(stores: Stores, folder: string): Promise<void> {
  for (const { key, record } of await listBelow(stores, folder)) {
    dropContent(stores, record)
    stores.names.delete([...key])
  }
}

async function rename(stores: Stores, from: string, to: string): Promise<boolean> {
  const record = await readName(stores, from)
  if (record === undefined) return false
  await checkFolderOf(stores, to)
  const old = await readName(stores, to)
  if (old?.kind === 'folder') {
    if (record.kind !== 'folder') throw pathError('EISDIR', to)
    if (!(await isEmpty(stores, to))) throw pathError('ENOTEMPTY', to)
  } else if (old !== undefined) {
    if (record.kind === 'folder') throw pathError('ENOTDIR', to)
    if (keyOf(from).join('/') !== keyOf(to).join('/')) dropContent(stores, old)
  }
  if (record.kind === 'folder') {
    for (const { key, record: below } of await listBelow(stores, from)) {
      const [folder, name] = key
      stores.names.delete([folder, name])
      stores.names.put(below, [to + folder.slice(from.length), name])
    }
  }
  stores.names.delete(keyOf(from))
  putName(stores, to, record)
  return true
}

async function change(
  stores: Stores,
  path: string,
  fields: { readonly modifiedMs?: number; readonly mode?: number }
): Promise<boolean> {
  const record = await readName(stores, path)
  if (record === undefined) return false
  putName(stores, path, { ...record, ...fields })
  return true
}
