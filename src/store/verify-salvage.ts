import { equalBytes } from '../base/bytes.ts'
import type { FileSystem, Platform } from '../base/platform.ts'
import { gitErrors } from '../git/errors.ts'
import { readLooseFile } from '../git/loose.ts'
import { packAnew } from '../git/object-write.ts'
import { type GitObject, isOid, type Oid } from '../git/objects.ts'
import { PackIndex } from '../git/pack-index.ts'
import { createPackContext, PackFile } from '../git/pack-read.ts'
import { salvagePack } from '../git/pack-salvage.ts'
import type { RepositoryStorage } from '../git/repository.ts'
import type { ProjectStore } from './project-store.ts'
import { damagedFolder } from './verify-finding.ts'

const BATCH_BYTES = 16 << 20
const CHECKSUM_BYTES = 20

/** Where an object may be read that a delta builds on. */
type ReadBase = (oid: Oid) => Promise<GitObject | undefined>

/** Stores again what of a damaged pack is sound, in packs beside it; `path` is without ending. */
export async function salvageBeside({ repository }: ProjectStore, path: string): Promise<void> {
  const { storage, local } = repository
  const promisor = await storage.fs.read(`${path}.promisor`)
  const companions = promisor === undefined ? [] : [{ ending: '.promisor', bytes: promisor }]
  const batches = salvage(storage, path, (oid) => local.read(oid).catch(passDamaged))
  for await (const objects of batches) await packAnew(storage, objects, { companions })
}

/**
 * Stores what is sound among the objects that were moved aside, and is not here: a repair may have stopped
 * before it had stored them, or what a delta builds on has come since. Tells whether there was any.
 */
export async function salvageAside(store: ProjectStore): Promise<boolean> {
  const { storage, local } = store.repository
  const { fs, platform } = storage
  const folder = damagedFolder(store)
  let isAny = false
  const keep = async (objects: readonly GitObject[]): Promise<void> => {
    const held = new Set(await local.listHeld(objects.map(({ oid }) => oid)))
    const absent = objects.filter(({ oid }) => !held.has(oid))
    if (absent.length === 0) return
    isAny = true
    await (await local.write(absent)).release()
  }
  for (const { name } of (await fs.list(folder)) ?? []) {
    const path = `${folder}/${name}`
    if (name.endsWith('.pack')) {
      const read: ReadBase = (oid) => local.read(oid).catch(passDamaged)
      for await (const objects of salvage(storage, path.slice(0, -5), read)) await keep(objects)
    } else if (isOid(name)) {
      const object = await readLooseFile(fs, platform, path, name).catch(passDamaged)
      if (object !== undefined) await keep([object])
    }
  }
  return isAny
}

/** Gives what is sound of a pack, some objects at a time: by its index, or, if that is damaged too, without. */
async function* salvage(
  { fs, platform }: RepositoryStorage,
  path: string,
  readElsewhere: ReadBase
): AsyncGenerator<readonly GitObject[]> {
  const index = await readIndex(fs, platform, path)
  let batch = new Map<Oid, GitObject>()
  let size = 0
  const objects =
    index === undefined
      ? salvagePack(fs, platform, `${path}.pack`, async (oid) =>
          batch.has(oid) ? batch.get(oid) : readElsewhere(oid)
        )
      : readIndexed(new PackFile(path, index, createPackContext(fs, platform)))
  for await (const object of objects) {
    batch.set(object.oid, object)
    size += object.bytes.length
    if (size < BATCH_BYTES) continue
    yield [...batch.values()]
    batch = new Map()
    size = 0
  }
  if (batch.size > 0) yield [...batch.values()]
}

async function* readIndexed(pack: PackFile): AsyncGenerator<GitObject> {
  for (let at = 0; at < pack.index.count; at++) {
    const object = await pack.read(at).catch(passDamaged)
    if (object !== undefined) yield object
  }
}

/** Reads the index beside a pack if it is as it was written. */
async function readIndex(
  fs: Pick<FileSystem, 'read'>,
  { hash }: Pick<Platform, 'hash'>,
  path: string
): Promise<PackIndex | undefined> {
  const bytes = await fs.read(`${path}.idx`)
  if (bytes === undefined) return undefined
  const end = Math.max(0, bytes.length - CHECKSUM_BYTES)
  if (!equalBytes(hash.sha1(bytes.subarray(0, end)), bytes.subarray(end))) return undefined
  try {
    return new PackIndex(bytes, `${path}.idx`)
  } catch (error) {
    return passDamaged(error)
  }
}

/** Takes an error of a damaged object or pack for none. */
export function passDamaged(error: unknown): undefined {
  if (gitErrors.is(error, 'GIT_OBJECT_DAMAGED') || gitErrors.is(error, 'GIT_PACK_DAMAGED')) return
  throw error
}
