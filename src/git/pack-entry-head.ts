import { OFS_DELTA, REF_DELTA } from './pack-table.ts'

/** What precedes the deflated bytes of an entry (gitformat-pack(5)). */
export interface EntryHead {
  readonly kind: number
  /** How large what was deflated is: an object, or a delta. */
  readonly sizeBytes: number
  /** How long the type and size are. */
  readonly typeBytes: number
  /** How long they and the base are. */
  readonly bytes: number
  /** How far before the entry its base lies; 0 if that is not how it is named. */
  readonly distance: number
}

/** No number in a head is read further: what is greater is damaged. */
const MOST = 2 ** 53

/**
 * Reads how an entry begins. Where the bytes end within that, its `bytes` are more than there are; a number
 * that has no end is greater than that of any object.
 */
export function readEntryHead(raw: Uint8Array, start = 0): EntryHead {
  let at = start
  let byte = raw[at++] ?? 0
  const kind = (byte >> 4) & 7
  let sizeBytes = byte & 0x0f
  for (let scale = 16; byte & 0x80 && scale < MOST; scale *= 128) {
    byte = raw[at++] ?? 0
    sizeBytes += (byte & 0x7f) * scale
  }
  if (byte & 0x80) sizeBytes = MOST
  const typeBytes = at - start
  if (kind === REF_DELTA) return { kind, sizeBytes, typeBytes, bytes: typeBytes + 20, distance: 0 }
  if (kind !== OFS_DELTA) return { kind, sizeBytes, typeBytes, bytes: typeBytes, distance: 0 }
  byte = raw[at++] ?? 0
  let distance = byte & 0x7f
  while (byte & 0x80 && distance < MOST) {
    byte = raw[at++] ?? 0
    distance = (distance + 1) * 128 + (byte & 0x7f)
  }
  return { kind, sizeBytes, typeBytes, bytes: at - start, distance }
}

/** Formats how far before an entry its base begins (gitformat-pack(5), “offset encoding”). */
export function formatDistance(distance: number): Uint8Array {
  const bytes = [distance & 0x7f]
  for (let rest = Math.floor(distance / 128); rest > 0; rest = Math.floor(rest / 128)) {
    rest -= 1
    bytes.unshift((rest & 0x7f) | 0x80)
  }
  return Uint8Array.from(bytes)
}
