import { concatBytes } from '../base/bytes.ts'
import { crc32 } from './crc32.ts'
import { deflate } from './deflate.ts'
import { gitErrors } from './errors.ts'
import { readFileClock } from './liveness.ts'
import { loosePath } from './loose.ts'
import { isOid, type Oid } from './objects.ts'
import type { Pace } from './pace.ts'
import { NewPack } from './pack-file-write.ts'
import { formatPackIndex, type PackEntry } from './pack-index.ts'
import { formatEntryHeader } from './pack-write.ts'
import type { RepositoryStorage } from './repository.ts'

/** Younger ones may belong to a write whose ref has not moved. */
const MIN_AGE_MS = 10 * 60_000
const MAX_PACK_OBJECTS = 8192
const MAX_PACK_BYTES = 32 << 20

/** A loose object's file. */
export interface LooseFile {
  readonly oid: Oid
  readonly path: string
}

/** Estimates how many loose objects there are by some of the folders over which they are spread. */
export async function estimateLoose({ fs, folders }: RepositoryStorage): Promise<number> {
  const sample = ['0f', '2f', '4f', '6f', '8f', 'af', 'cf', 'ef']
  let found = 0
  for (const name of sample) found += (await fs.list(`${folders.own.path}/${name}`))?.length ?? 0
  return (found * 256) / sample.length
}

export async function listLoose({ fs, folders }: RepositoryStorage): Promise<LooseFile[]> {
  const found: LooseFile[] = []
  for (const { name } of (await fs.list(folders.own.path)) ?? []) {
    if (!/^[0-9a-f]{2}$/.test(name)) continue
    for (const file of (await fs.list(`${folders.own.path}/${name}`)) ?? []) {
      const oid = name + file.name
      if (isOid(oid)) found.push({ oid, path: loosePath(folders.own.path, oid) })
    }
  }
  return found
}

/** Puts loose objects into packs and then removes their files; returns how many. */
export async function packLoose(storage: RepositoryStorage, pace: Pace): Promise<number> {
  const now = await readFileClock(storage.fs, storage.platform, storage.folders.own.packs.folder)
  const old: LooseFile[] = []
  for (const file of await listLoose(storage)) {
    const stat = await storage.fs.stat(file.path)
    if (stat !== undefined && now - stat.modifiedMs > MIN_AGE_MS) old.push(file)
    await pace.work(10)
  }
  let packed = 0
  while (old.length > 0) packed += await packSome(storage, old, pace)
  return packed
}

/** Packs the first files of a list and takes them off it. */
async function packSome(
  storage: RepositoryStorage,
  files: LooseFile[],
  pace: Pace
): Promise<number> {
  const { fs, platform, folders } = storage
  const entries: PackEntry[] = []
  const parts: Uint8Array[] = []
  const done: LooseFile[] = []
  let offset = 12
  while (files.length > 0 && done.length < MAX_PACK_OBJECTS && offset < MAX_PACK_BYTES) {
    const file = files.pop() as LooseFile
    // One that is damaged stays as it is: whoever reads it is told.
    const object = await folders.own.readLoose(file.oid).catch(passDamaged)
    if (object === undefined) continue
    const deflated = deflate(platform.zlib, object.bytes)
    const entry = concatBytes([formatEntryHeader(object.type, object.bytes.length), deflated])
    entries.push({ oid: file.oid, offset, crc: crc32(entry) })
    parts.push(entry)
    done.push(file)
    offset += entry.length
    await pace.work(60 + object.bytes.length / 64)
  }
  if (done.length === 0) return 0
  const output = await NewPack.open(storage, entries.length)
  try {
    for (const part of parts) output.append(part)
    await output.place((checksum) => formatPackIndex(entries, checksum, platform.hash))
  } catch (error) {
    await output.discard()
    throw error
  }
  for (const { path } of done) await fs.remove(path)
  return done.length
}

function passDamaged(error: unknown): undefined {
  if (!gitErrors.is(error, 'GIT_OBJECT_DAMAGED')) throw error
}
