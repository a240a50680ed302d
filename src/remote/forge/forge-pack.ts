import { equalBytes, formatHex } from '../../base/bytes.ts'
import type { Digest, Platform } from '../../base/platform.ts'
import { gitErrors } from '../../git/errors.ts'
import { createObject, type GitObject, type ObjectType } from '../../git/objects.ts'
import { PackContent } from '../../git/pack-content.ts'
import { PackLinks } from '../../git/pack-links.ts'
import { PackParser } from '../../git/pack-parse.ts'
import { PackResolver } from '../../git/pack-resolve.ts'
import { PACKED_TYPES } from '../../git/pack-table.ts'
import { formatEntry, formatPackHeader, PACK_TYPES } from '../../git/pack-write.ts'

const HEADER = 12
const TRAILER = 20
const MOST_COMMIT_BYTES = 1 << 24
/** How much of what is inflated is kept while names are computed. */
const KEPT_BYTES = 1 << 29

/** A pack that came as a whole. */
export interface WholePack {
  readonly count: number
  /** Its entries as they lie, which build on each other and on nothing else. */
  readonly entries: Uint8Array
}

/**
 * Takes a pack apart as far as to see that it is whole (gitformat-pack(5)).
 *
 * @throws GIT_PACK_DAMAGED
 */
export function openWholePack(
  { hash }: Pick<Platform, 'hash'>,
  name: string,
  bytes: Uint8Array
): WholePack {
  const damaged = (reason: string): Error =>
    gitErrors.create('GIT_PACK_DAMAGED', { path: name, reason })
  if (bytes.length < HEADER + TRAILER) throw damaged('it is cut short')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const count = view.getUint32(8)
  if (!equalBytes(bytes.subarray(0, HEADER), formatPackHeader(count))) {
    throw damaged('it is no pack')
  }
  const end = bytes.length - TRAILER
  if (!equalBytes(hash.sha1(bytes.subarray(0, end)), bytes.subarray(end))) {
    throw damaged('its checksum does not match')
  }
  return { count, entries: bytes.subarray(HEADER, end) }
}

/** Returns the commit that a pack begins with. @throws GIT_PACK_DAMAGED */
export function readFirstCommit(
  { hash, zlib }: Pick<Platform, 'hash' | 'zlib'>,
  name: string,
  { entries }: WholePack
): GitObject {
  let at = 0
  let byte = entries[at++] ?? 0
  const type = (byte >> 4) & 7
  let sizeBytes = byte & 0x0f
  for (let scale = 16; byte & 0x80; scale *= 128) {
    byte = entries[at++] ?? 0
    sizeBytes += (byte & 0x7f) * scale
  }
  const damaged = (cause?: unknown): Error =>
    gitErrors.create('GIT_PACK_DAMAGED', { path: name, reason: 'it begins with no commit' }, cause)
  if (type !== PACK_TYPES.commit || sizeBytes > MOST_COMMIT_BYTES) throw damaged()
  try {
    return createObject(hash, 'commit', zlib.inflate(entries, sizeBytes, at))
  } catch (cause) {
    throw damaged(cause)
  }
}

/** Reads the objects in a pack that leaves nothing out, in their order. @throws GIT_PACK_DAMAGED */
export async function readPackObjects(
  platform: Pick<Platform, 'hash' | 'zlib'>,
  name: string,
  bytes: Uint8Array
): Promise<readonly GitObject[]> {
  const parser = new PackParser(platform, name, (number, content) => resolver.take(number, content))
  const { table, baseNames } = parser
  const content = new PackContent(KEPT_BYTES)
  const links = new PackLinks()
  const { hash } = platform
  const resolver = new PackResolver({ hash, path: name, table, baseNames, content, links })
  const huge = (): Error =>
    gitErrors.create('GIT_PACK_DAMAGED', { path: name, reason: 'it is huge' })
  const readEntry = async (): Promise<Uint8Array> => {
    throw huge()
  }
  parser.push(bytes)
  parser.finish()
  await resolver.finish({ readEntry, readOutside: async () => undefined })
  return Array.from({ length: table.count }, (_, number) => {
    const found = content.get(number)
    if (found === undefined) throw huge()
    const oid = formatHex(table.names, number * 20, number * 20 + 20)
    return { oid, type: PACKED_TYPES[table.kinds[number] as number] as ObjectType, bytes: found }
  })
}

/** Joins packs and further objects to one pack. Nothing may lie in two of them. */
export async function* joinPacks(
  { hash, zlib }: Pick<Platform, 'hash' | 'zlib'>,
  packs: readonly WholePack[],
  objects: Iterable<GitObject>
): AsyncGenerator<Uint8Array> {
  const further = [...objects]
  const count = packs.reduce((sum, pack) => sum + pack.count, further.length)
  const digest: Digest = hash.openSha1()
  const digested = (bytes: Uint8Array): Uint8Array => {
    digest.update(bytes)
    return bytes
  }
  yield digested(formatPackHeader(count))
  for (const { entries } of packs) yield digested(entries)
  for (const object of further) yield digested(formatEntry(object, zlib))
  yield digest.finish()
}
