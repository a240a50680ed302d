import { gunzipSync, zlibSync } from 'fflate'
import type { InflatedPart, Zlib } from '../../base/platform.ts'
import { FileError } from './errors.ts'
import { inflateInto } from './inflate.ts'

/** Room for what is inflated; `inflatePart` gives out parts of it. */
let scratch = new Uint8Array(256 << 10)
/** Beyond this, room is not kept. */
const KEPT_BYTES = 4 << 20
/** The length of a gzip file of nothing. */
const SHORTEST_GZIP = 20
/** No deflated byte stands for more than this many. */
const MAX_RATIO = 1032

/** Deflates and inflates in plain JavaScript: the browser's own streams are asynchronous. */
export const browserZlib: Zlib = {
  deflate: (bytes) => zlibSync(bytes),
  inflate(bytes, maxBytes, start = 0) {
    const room = roomFor(bytes.length - start, maxBytes)
    const found = inflateInto(room, maxBytes, bytes, start)
    if (found === undefined) throw new FileError('EINVAL', 'a deflated stream is cut short')
    return room.slice(0, found.length)
  },
  inflatePart(bytes, maxBytes): InflatedPart | undefined {
    const room = roomFor(bytes.length, maxBytes)
    const found = inflateInto(room, maxBytes, bytes, 0)
    return found && { bytes: room.subarray(0, found.length), usedBytes: found.end }
  },
  gunzip(bytes, maxBytes) {
    // A file ends in the length of its content.
    const sizeBytes = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const length = bytes.length < SHORTEST_GZIP ? 0 : sizeBytes.getUint32(bytes.length - 4, true)
    if (length > maxBytes) throw new RangeError(`More than ${maxBytes} bytes come out.`)
    return gunzipSync(bytes, { out: new Uint8Array(length) })
  }
}

/** Returns room for as much as is allowed, or can come out. */
function roomFor(deflatedBytes: number, maxBytes: number): Uint8Array {
  const needed = Math.min(maxBytes, Math.max(0, deflatedBytes) * MAX_RATIO)
  if (needed <= scratch.length) return scratch
  const room = new Uint8Array(needed)
  if (needed <= KEPT_BYTES) scratch = room
  return room
}
