import { encodeUtf8, formatHex } from '../base/bytes.ts'
import type { FileSystem, Platform, ProcessIdentity } from '../base/platform.ts'
import { crc32 } from './crc32.ts'
import { formatLoose, loosePath } from './loose.ts'
import type { ObjectFolders } from './object-folder.ts'
import type { HeldObjects } from './object-store.ts'
import type { NewObject } from './objects.ts'
import type { OwnFile } from './own-file.ts'
import { EntryFormatter } from './pack-entry-write.ts'
import { NewPack, type PackCompanion } from './pack-file-write.ts'
import { formatPackIndex, type PackEntry } from './pack-index.ts'
import type { PackFile } from './pack-read.ts'
import { formatPack } from './pack-write.ts'
import { removeQuietly } from './remove-quietly.ts'

/** What the store needs of a platform. */
export type ObjectStorePlatform = Pick<Platform, 'hash' | 'zlib' | 'random' | 'processes'>

/** Where objects are written. */
export interface WriteContext {
  readonly fs: FileSystem
  readonly platform: ObjectStorePlatform
  readonly folders: ObjectFolders
  /** What the `.keep` of a new pack is a link to. */
  readonly holder: OwnFile
}

/** Formats what a `.keep` says of the process that writes. */
export function formatKeep(process: ProcessIdentity): string {
  return `runtree ${JSON.stringify(process)}\n`
}

/** More than so many bytes go to the disk while they are deflated, in a pack that is never in memory. */
const STREAMED_BYTES = 1 << 20
/** Smaller objects are stored in a pack without a look whether they are loose. */
const SMALL_BYTES = 1 << 16
/** Git gives its objects no right to write. */
const FILE_OPTIONS = { sync: true, mode: 0o444 } as const

/**
 * Stores objects durably: one alone as a loose file, several as a pack, which costs three flushes
 * however many they are (pack, index, folder); ten loose objects would cost twenty.
 */
export async function storeObjects(
  context: WriteContext,
  objects: readonly NewObject[]
): Promise<HeldObjects> {
  await context.folders.ready()
  // Folders whose names must be on the disk before this resolves. An object that is there already
  // may have been put there a moment ago by a process that has not come to flush the folder.
  const unsynced = new Set<string>()
  const missing = await freshen(context, objects, unsynced)
  const [first] = missing
  let keep: string | undefined
  if (isLarge(missing)) keep = await streamPack(context, missing)
  else if (missing.length > 1) keep = await writePack(context, missing, unsynced)
  else if (first !== undefined) await writeLoose(context, first, unsynced)
  await Promise.all([...unsynced].map((folder) => context.fs.syncFolder(folder)))
  return {
    async release() {
      if (keep !== undefined) await context.fs.remove(keep)
      keep = undefined
    }
  }
}

/** Freshens what is there; returns what is not, each object once. */
async function freshen(
  { fs, folders: { own } }: WriteContext,
  objects: readonly NewObject[],
  unsynced: Set<string>
): Promise<readonly NewObject[]> {
  const touched = new Map<PackFile, boolean>()
  const missing = new Map<string, NewObject>()
  for (const object of objects) {
    if (missing.has(object.oid)) continue
    const pack = own.packs.find(object.oid)?.pack
    // What lies among cruft has a time of its own, which no touch of the pack renews.
    if (pack !== undefined && !pack.isCruft) {
      const isThere = touched.get(pack) ?? (await fs.touch(`${pack.path}.pack`))
      touched.set(pack, isThere)
      if (isThere) {
        unsynced.add(own.packs.folder)
        continue
      }
    }
    const path = loosePath(own.path, object.oid)
    // A second copy of a small one costs less than looking for the first.
    const isLooked = objects.length === 1 || object.bytes.length > SMALL_BYTES
    if (isLooked && (await fs.touch(path))) unsynced.add(folderOf(path))
    else missing.set(object.oid, object)
  }
  return [...missing.values()]
}

async function writeLoose(
  { fs, platform, folders: { own } }: WriteContext,
  object: NewObject,
  unsynced: Set<string>
): Promise<void> {
  const path = loosePath(own.path, object.oid)
  const folder = folderOf(path)
  const temporary = `${folder}/tmp_obj_${randomName(platform)}`
  const bytes = formatLoose(object, platform.zlib)
  if ((await fs.stat(folder)) === undefined) {
    await fs.makeFolder(folder)
    unsynced.add(own.path)
  }
  try {
    await fs.create(temporary, bytes, FILE_OPTIONS)
    await fs.rename(temporary, path)
  } catch (error) {
    await removeQuietly(fs, [temporary])
    throw error
  }
  unsynced.add(folder)
}

/**
 * Writes a pack and its index and returns the path of its `.keep`.
 *
 * The name is made unique, so that no two writers share a `.keep`; git takes any name of this form.
 * The index comes last, since it is what makes the pack seen, and the `.keep` before it.
 */
async function writePack(
  { fs, platform, folders: { own }, holder }: WriteContext,
  objects: readonly NewObject[],
  unsynced: Set<string>
): Promise<string> {
  const { pack, index } = formatPack(objects, platform)
  const random = randomName(platform)
  const checksum = pack.subarray(pack.length - 20)
  const name = `pack-${formatHex(platform.hash.sha1(checksum, encodeUtf8(random)))}`
  const { folder } = own.packs
  const path = `${folder}/${name}`
  const keep = `${path}.keep`
  const temporary = [`${folder}/tmp_pack_${random}`, `${folder}/tmp_idx_${random}`] as const
  try {
    await Promise.all([
      holder.link(keep),
      fs.create(temporary[0], pack, FILE_OPTIONS),
      fs.create(temporary[1], index, FILE_OPTIONS)
    ])
    await fs.rename(temporary[0], `${path}.pack`)
    await fs.rename(temporary[1], `${path}.idx`)
  } catch (error) {
    await removeQuietly(fs, [...temporary, `${path}.idx`, `${path}.pack`, keep])
    throw error
  }
  unsynced.add(folder)
  own.packs.add(name, index)
  own.packs.remember(name, pack)
  return keep
}

function isLarge(objects: readonly NewObject[]): boolean {
  if (objects.length < 2) return false
  return objects.reduce((sum, { bytes }) => sum + bytes.length, 0) > STREAMED_BYTES
}

/** Writes many objects as `writePack` does, into a file while they are deflated. */
async function streamPack(context: WriteContext, objects: readonly NewObject[]): Promise<string> {
  const { fs, holder } = context
  let keep = ''
  try {
    await packAnew(context, objects, {
      beforeSeen(path) {
        keep = `${path}.keep`
        return holder.link(keep)
      }
    })
    return keep
  } catch (error) {
    if (keep !== '') await removeQuietly(fs, [keep])
    throw error
  }
}

/** How objects are packed. */
export interface PackAnewOptions {
  /** Files that the pack shall have beside its index. Default: none. */
  readonly companions?: readonly PackCompanion[]
  /** Is given the path that the pack will have, without an ending. Default: nobody is. */
  readonly beforeSeen?: (path: string) => Promise<unknown>
}

/** Stores objects durably as a pack, whether others have them or not: what others have may be damaged. */
export async function packAnew(
  storage: Pick<WriteContext, 'fs' | 'platform' | 'folders'>,
  objects: readonly NewObject[],
  { companions = [], beforeSeen }: PackAnewOptions = {}
): Promise<void> {
  const { platform } = storage
  const output = await NewPack.open(storage, objects.length, 'tmp_pack_')
  try {
    const entries: PackEntry[] = []
    const formatter = new EntryFormatter(platform.zlib)
    for (const object of objects) {
      const entry = formatter.format(object, output.offset)
      entries.push({ oid: object.oid, offset: output.offset, crc: crc32(entry) })
      output.append(entry)
    }
    const formatIndex = (checksum: Uint8Array): Uint8Array =>
      formatPackIndex(entries, checksum, platform.hash)
    await output.place(formatIndex, () => companions, beforeSeen)
  } catch (error) {
    await output.discard()
    throw error
  }
}

function randomName(platform: ObjectStorePlatform): string {
  return formatHex(platform.random.bytes(10))
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}
