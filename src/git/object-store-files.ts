import type { FileSystem } from '../base/platform.ts'
import { gitErrors } from './errors.ts'
import { keptObject } from './kept-objects.ts'
import { ObjectCache } from './object-cache.ts'
import type { ObjectFolders } from './object-folder.ts'
import type { ObjectStore } from './object-store.ts'
import { type ObjectStorePlatform, storeObjects } from './object-write.ts'
import type { GitObject, Oid } from './objects.ts'
import type { OwnFile } from './own-file.ts'
import type { PackFile } from './pack-read.ts'
import type { PackPlace } from './pack-set.ts'

/** Opens the objects of a bare repository. Reads nothing yet. */
export function openObjectStoreFiles(
  fs: FileSystem,
  platform: ObjectStorePlatform,
  folders: ObjectFolders,
  holder: OwnFile
): ObjectStore {
  const cache = new ObjectCache()
  return {
    ...openObjectReader(folders, cache),
    async write(objects) {
      const held = await storeObjects({ fs, platform, folders, holder }, objects)
      // Of a large write only the last, among which are the roots, are looked at soon.
      for (const object of objects.slice(-64)) cache.keep(object)
      return held
    },
    async close() {}
  }
}

/** Opens the objects in some folders to read. Reads nothing yet. */
export function openObjectReader(
  folders: ObjectFolders,
  cache = new ObjectCache()
): Omit<ObjectStore, 'write' | 'close'> {
  return {
    async read(oid) {
      const kept = cache.get(oid)
      if (kept !== undefined) return kept
      const object = await readObject(folders, oid)
      if (object !== undefined) cache.keep(object)
      return object
    },
    readMany: (oids) => readMany(folders, oids),
    has: (oid) => hasObject(folders, oid),
    listHeld: (oids) => listHeld(folders, oids),
    findByPrefix: (prefix, limit) => findByPrefix(folders, prefix, limit)
  }
}

/** Over so many folders loose objects are spread. */
const LOOSE_FOLDERS = 256
/** How often an object is looked for anew because packs came or went while it was. */
const MAX_MOVES = 8

async function readObject(folders: ObjectFolders, oid: Oid): Promise<GitObject | undefined> {
  if (folders.version === 0) await folders.ready()
  for (let attempt = 0; ; attempt++) {
    const { version } = folders
    const object = (await readPacked(folders, oid)) ?? (await readLooseOf(folders, oid))
    if (object !== undefined) return object
    // Another process may have packed it meanwhile, or moved it between packs more than once.
    await folders.scan()
    if (folders.version === version || attempt === MAX_MOVES) return readLooseOf(folders, oid)
  }
}

/** Reads an object from a pack; where its entry is damaged, from wherever else it lies. */
async function readPacked(folders: ObjectFolders, oid: Oid): Promise<GitObject | undefined> {
  const place = folders.find(oid)
  if (place === undefined) return undefined
  const { pack, position } = place
  try {
    const kept = keptObject(pack, position, oid) ?? pack.readKept(position, oid)
    return kept ?? (await pack.read(position))
  } catch (error) {
    const other = isDamage(error) ? await readCopy(folders, oid, pack) : undefined
    if (other === undefined) throw error
    return other
  }
}

function isDamage(error: unknown): boolean {
  return gitErrors.is(error, 'GIT_PACK_DAMAGED') || gitErrors.is(error, 'GIT_OBJECT_DAMAGED')
}

/** Reads an object from anywhere but one pack, as long as some copy of it is sound. */
async function readCopy(
  folders: ObjectFolders,
  oid: Oid,
  damaged: PackFile | undefined
): Promise<GitObject | undefined> {
  const packs = folders.all.flatMap((folder) => [...folder.packs.all])
  const readers = packs
    .filter((pack) => pack !== damaged)
    .map((pack) => async () => {
      const position = pack.index.find(oid)
      return position < 0 ? undefined : pack.read(position)
    })
  for (const read of [...readers, () => readLooseOf(folders, oid)]) {
    try {
      const object = await read()
      if (object !== undefined) return object
    } catch (error) {
      if (!isDamage(error)) throw error
    }
  }
  return undefined
}

async function readLooseOf(folders: ObjectFolders, oid: Oid): Promise<GitObject | undefined> {
  for (const folder of folders.all) {
    const object = await folder.readLoose(oid)
    if (object !== undefined) return object
  }
  return undefined
}

/** An object that is to be read from a pack. */
interface FoundObject extends PackPlace {
  readonly oid: Oid
  readonly offset: number
}

/** Reads packed objects in the order in which they lie, then the others. */
async function* readMany(folders: ObjectFolders, oids: readonly Oid[]): AsyncGenerator<GitObject> {
  await folders.ready()
  const places: FoundObject[] = []
  const others: Oid[] = []
  for (const oid of new Set(oids)) {
    const place = folders.find(oid)
    if (place === undefined) others.push(oid)
    else {
      const { pack, position } = place
      places.push({ pack, position, oid, offset: pack.index.offsetAt(position) })
    }
  }
  places.sort((a, b) =>
    a.pack === b.pack ? a.offset - b.offset : a.pack.path < b.pack.path ? -1 : 1
  )
  for (const place of places) {
    const object = await readFound(place)
    if (object === undefined) others.push(place.oid)
    else yield object
  }
  for (const oid of others) {
    const object = await readObject(folders, oid)
    if (object !== undefined) yield object
  }
}

/** Reads an object where it was found; nothing if it has gone from there, or is damaged. */
async function readFound({ pack, position, oid }: FoundObject): Promise<GitObject | undefined> {
  try {
    const kept = keptObject(pack, position, oid) ?? pack.readKept(position, oid)
    return kept ?? (await pack.read(position))
  } catch (error) {
    if (isDamage(error)) return undefined
    throw error
  }
}

async function hasObject(folders: ObjectFolders, oid: Oid): Promise<boolean> {
  await folders.ready()
  for (let attempt = 0; ; attempt++) {
    const { version } = folders
    if (await isThere(folders, oid)) return true
    await folders.scan()
    if (folders.version === version || attempt === MAX_MOVES) return false
  }
}

async function isThere(folders: ObjectFolders, oid: Oid): Promise<boolean> {
  for (const folder of folders.all) {
    const place = folder.packs.find(oid)
    if (place !== undefined && (await folder.packs.isThere(place.pack))) return true
    if (await folder.hasLoose(oid)) return true
  }
  return false
}

async function listHeld(folders: ObjectFolders, oids: Iterable<Oid>): Promise<readonly Oid[]> {
  await folders.ready()
  const held: Oid[] = []
  const unpacked: Oid[] = []
  let loose: ReadonlySet<Oid> | undefined
  const take = (oid: Oid): void => {
    if (loose?.has(oid) || folders.find(oid) !== undefined) held.push(oid)
    else if (loose === undefined) unpacked.push(oid)
  }
  for (const oid of oids) {
    take(oid)
    // Few are asked for one by one; for many all folders are listed, once.
    if (loose !== undefined || unpacked.length <= LOOSE_FOLDERS) continue
    loose = await listLoose(folders)
    for (const each of unpacked.splice(0)) take(each)
  }
  for (const oid of unpacked) {
    for (const folder of folders.all) {
      if (!(await folder.hasLoose(oid)) && folders.find(oid) === undefined) continue
      held.push(oid)
      break
    }
  }
  return held
}

async function listLoose(folders: ObjectFolders): Promise<Set<Oid>> {
  const loose = new Set<Oid>()
  for (const folder of folders.all) {
    for (const oid of await folder.findLooseByPrefix('')) loose.add(oid)
  }
  return loose
}

async function findByPrefix(
  folders: ObjectFolders,
  prefix: string,
  limit: number
): Promise<readonly Oid[]> {
  if (!/^[0-9a-f]{1,40}$/.test(prefix)) return []
  await folders.scan()
  const found = new Set<Oid>()
  for (const folder of folders.all) {
    for (const oid of folder.packs.findByPrefix(prefix, limit)) found.add(oid)
    for (const oid of await folder.findLooseByPrefix(prefix)) found.add(oid)
  }
  return [...found].sort().slice(0, limit)
}
