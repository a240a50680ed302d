import { concatBytes } from '../base/bytes.ts'
import { parseCommit } from './commit.ts'
import { crc32 } from './crc32.ts'
import { deflate } from './deflate.ts'
import type { ObjectReader } from './object-store.ts'
import type { GitObject, Oid } from './objects.ts'
import type { Pace } from './pace.ts'
import { NewPack } from './pack-file-write.ts'
import { formatPackIndex, type PackEntry } from './pack-index.ts'
import type { PackFile } from './pack-read.ts'
import { formatEntryHeader } from './pack-write.ts'
import type { RepositoryStorage } from './repository.ts'
import { parseTagTarget } from './tag.ts'
import { parseTree } from './tree.ts'

const SIGNATURE = 0x4d544d45
const HEADER = 12

/** Reads when each object of a cruft pack was touched last, by its position; `undefined` if that can't be read. */
export async function readCruftTimes(
  { fs }: RepositoryStorage,
  { path, index }: PackFile
): Promise<((position: number) => number) | undefined> {
  const bytes = await fs.read(`${path}.mtimes`)
  if (bytes === undefined || bytes.length < HEADER + index.count * 4 + 40) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint32(0) !== SIGNATURE || view.getUint32(4) !== 1) return undefined
  return (position) => view.getUint32(HEADER + position * 4) * 1000
}

/** Puts objects that nothing reaches into a pack with the time of each (gitformat-pack(5), “cruft packs”). */
export async function writeCruftPack(
  storage: RepositoryStorage,
  objects: Pick<ObjectReader, 'read'>,
  times: ReadonlyMap<Oid, number>,
  pace: Pace
): Promise<string> {
  const { hash, zlib } = storage.platform
  const output = await NewPack.open(storage, times.size)
  try {
    const entries: PackEntry[] = []
    for (const oid of times.keys()) {
      const { type, bytes } = (await objects.read(oid)) as GitObject
      const entry = concatBytes([formatEntryHeader(type, bytes.length), deflate(zlib, bytes)])
      entries.push({ oid, offset: output.offset, crc: crc32(entry) })
      output.append(entry)
      await pace.work(60 + bytes.length / 64)
    }
    return await output.place(
      (checksum) => formatPackIndex(entries, checksum, hash),
      (checksum) => {
        const header = new Uint8Array(HEADER + entries.length * 4)
        const view = new DataView(header.buffer)
        // Version 1, for a repository with SHA-1.
        for (const [at, word] of [SIGNATURE, 1, 1].entries()) view.setUint32(at * 4, word)
        const oids = [...times.keys()].sort()
        oids.forEach((oid, at) => {
          view.setUint32(HEADER + at * 4, Math.ceil((times.get(oid) as number) / 1000))
        })
        const body = concatBytes([header, checksum])
        return [{ ending: '.mtimes', bytes: concatBytes([body, hash.sha1(body)]) }]
      }
    )
  } catch (error) {
    await output.discard()
    throw error
  }
}

/**
 * Finds the unreachable objects that some others lead to, themselves among them; what is absent is
 * passed over.
 */
export async function closeOver(
  objects: Pick<ObjectReader, 'read'>,
  unreachable: { has(oid: Oid): boolean },
  starts: Iterable<Oid>,
  pace: Pace
): Promise<ReadonlySet<Oid>> {
  const found = new Set<Oid>()
  const seen = new Set<Oid>()
  const waiting = [...starts]
  for (let oid = waiting.pop(); oid !== undefined; oid = waiting.pop()) {
    if (seen.has(oid)) continue
    seen.add(oid)
    const object = await objects.read(oid)
    if (object === undefined) continue
    if (unreachable.has(oid)) found.add(oid)
    for (const link of linksOf(object)) if (unreachable.has(link)) waiting.push(link)
    await pace.work(40)
  }
  return found
}

function linksOf(object: GitObject): readonly Oid[] {
  if (object.type === 'commit') {
    const { tree, parents } = parseCommit(object)
    return [tree, ...parents]
  }
  if (object.type === 'tag') return [parseTagTarget(object).oid]
  return object.type === 'tree' ? parseTree(object).map(({ oid }) => oid) : []
}
