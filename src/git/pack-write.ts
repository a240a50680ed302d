import { concatBytes } from '../base/bytes.ts'
import type { Hash, Zlib } from '../base/platform.ts'
import { crc32 } from './crc32.ts'
import { deflateNew } from './deflate.ts'
import type { NewObject, ObjectType } from './objects.ts'
import { formatPackIndex, type PackEntry } from './pack-index.ts'

/** The numbers by which a pack knows the types (gitformat-pack(5)). */
export const PACK_TYPES: Readonly<Record<ObjectType, number>> = {
  commit: 1,
  tree: 2,
  blob: 3,
  tag: 4
}

/** A pack and its index, as they are written. */
export interface FormattedPack {
  readonly pack: Uint8Array
  readonly index: Uint8Array
}

/** Formats objects as a pack without deltas, and its index. */
export function formatPack(
  objects: readonly NewObject[],
  platform: { readonly hash: Hash; readonly zlib: Zlib }
): FormattedPack {
  const parts = [formatPackHeader(objects.length)]
  const entries: PackEntry[] = []
  let offset = 12
  for (const object of objects) {
    const entry = formatEntry(object, platform.zlib)
    entries.push({ oid: object.oid, offset, crc: crc32(entry) })
    parts.push(entry)
    offset += entry.length
  }
  const body = concatBytes(parts)
  const checksum = platform.hash.sha1(body)
  return {
    pack: concatBytes([body, checksum]),
    index: formatPackIndex(entries, checksum, platform.hash)
  }
}

/** Formats the first 12 bytes of a pack of version 2. */
export function formatPackHeader(count: number): Uint8Array {
  const header = new Uint8Array(12)
  const view = new DataView(header.buffer)
  view.setUint32(0, 0x5041434b)
  view.setUint32(4, 2)
  view.setUint32(8, count)
  return header
}

/** Formats an object as it lies in a pack when it is no delta. */
export function formatEntry(object: NewObject, zlib: Zlib): Uint8Array {
  const header = formatEntryHeader(object.type, object.bytes.length)
  return concatBytes([header, deflateNew(zlib, object)])
}

/** Formats what precedes an object's deflated bytes in a pack. */
export function formatEntryHeader(type: ObjectType, sizeBytes: number): Uint8Array {
  return formatEntryStart(PACK_TYPES[type], sizeBytes)
}

/** Formats the number of a type, and the size of what was deflated. */
export function formatEntryStart(type: number, sizeBytes: number): Uint8Array {
  const header: number[] = []
  let byte = (type << 4) | (sizeBytes & 0x0f)
  for (let rest = Math.floor(sizeBytes / 16); rest > 0; rest = Math.floor(rest / 128)) {
    header.push(byte | 0x80)
    byte = rest & 0x7f
  }
  header.push(byte)
  return Uint8Array.from(header)
}
