import { encodeUtf8, formatHex } from '../../base/bytes.ts'
import type { Platform } from '../../base/platform.ts'
import type { ObjectFolders } from '../../git/object-folder.ts'
import { formatKeep } from '../../git/object-write.ts'
import type { NewObject } from '../../git/objects.ts'
import { formatPack } from '../../git/pack-write.ts'
import type { RefEdit, RefUpdate } from '../../git/ref-store.ts'
import type { Database, Stores } from './database.ts'
import { FileError } from './errors.ts'
import { putFile } from './file-content.ts'
import { putName, readName } from './file-names.ts'
import { editRefs } from './ref-store.ts'

/** Where objects are written. */
export interface WriteContext {
  readonly database: Database
  readonly platform: Platform
  readonly folders: ObjectFolders
  /** The repository's folder. */
  readonly root: string
}

/** What was written. */
export interface Written {
  readonly update: RefUpdate
  /** The path of the mark that keeps clean-ups from the new pack; absent if there is none. */
  readonly keep: string | undefined
}

const FILE_MODE = 0o444
/** How often what is missing is looked up anew because other tabs moved packs meanwhile. */
const MAX_TRIES = 8

/**
 * Stores objects as one pack and moves refs, in one transaction: all of it, or nothing. Objects that
 * are there already are freshened.
 */
export async function writeObjects(
  context: WriteContext,
  objects: readonly NewObject[],
  edits: readonly RefEdit[],
  isKept: boolean
): Promise<Written> {
  const { folders } = context
  await folders.ready()
  for (let attempt = 1; ; attempt++) {
    const outcome = await tryWrite(context, objects, edits, isKept)
    if (outcome !== undefined) return outcome
    if (attempt === MAX_TRIES) {
      throw new FileError(
        'EAGAIN',
        'EAGAIN: packs came and went each time objects were to be stored'
      )
    }
    await folders.scan()
  }
}

/** Writes once; `undefined` if a pack that has some of the objects is gone. */
async function tryWrite(
  context: WriteContext,
  objects: readonly NewObject[],
  edits: readonly RefEdit[],
  isKept: boolean
): Promise<Written | undefined> {
  const { database, platform, folders, root } = context
  const { packs } = folders.own
  const touched = new Set<string>()
  const missing = new Map<string, NewObject>()
  for (const object of objects) {
    const pack = packs.find(object.oid)?.pack
    // What lies among cruft has a time of its own, which no touch of the pack renews.
    if (pack === undefined || pack.isCruft) missing.set(object.oid, object)
    else touched.add(`${pack.path}.pack`)
  }
  const made = missing.size === 0 ? undefined : makePack([...missing.values()], platform)
  const keep = made !== undefined && isKept ? `${packs.folder}/${made.name}.keep` : undefined
  const write = async (stores: Stores): Promise<RefUpdate | undefined> => {
    for (const path of touched) {
      const record = await readName(stores, path)
      if (record === undefined) return undefined
      putName(stores, path, { ...record, modifiedMs: Date.now() })
    }
    const update: RefUpdate =
      edits.length === 0 ? { status: 'updated' } : await editRefs(stores, root, edits)
    if (update.status !== 'updated' || made === undefined) return update
    const path = `${packs.folder}/${made.name}`
    putFile(stores, `${path}.pack`, made.pack, { mode: FILE_MODE })
    putFile(stores, `${path}.idx`, made.index, { mode: FILE_MODE })
    if (keep !== undefined) {
      putFile(stores, keep, encodeUtf8(formatKeep(platform.processes.self)))
    }
    return update
  }
  const update = await database.transact('readwrite', write, { isDurable: true })
  if (update === undefined) return undefined
  if (update.status === 'updated' && made !== undefined) packs.add(made.name, made.index)
  return { update, keep }
}

function makePack(
  objects: readonly NewObject[],
  platform: Platform
): { readonly name: string; readonly pack: Uint8Array; readonly index: Uint8Array } {
  const { pack, index } = formatPack(objects, platform)
  const checksum = pack.subarray(pack.length - 20)
  const name = formatHex(platform.hash.sha1(checksum, platform.random.bytes(10)))
  return { name: `pack-${name}`, pack, index }
}
