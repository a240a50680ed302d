import { FlateErrorCode, gunzipSync, unzlibSync, zlibSync } from 'fflate'
import type { InflatedPart, Zlib } from '../../base/platform.ts'
import { FileError } from './errors.ts'

/** Room for what is inflated; `inflatePart` gives out parts of it. */
let scratch = new Uint8Array(256 << 10)
/** Beyond this, room is not kept. */
const KEPT_BYTES = 4 << 20
/** No deflated byte stands for more than this many. */
const MAX_RATIO = 1032
const TRAILER = 4
/** The length of the stream of nothing. */
const SHORTEST = 8

/** Deflates and inflates in plain JavaScript: the browser's own streams are asynchronous. */
export const browserZlib: Zlib = {
  deflate: (bytes) => zlibSync(bytes),
  inflate(bytes, maxBytes, start = 0) {
    const stream = start === 0 ? bytes : bytes.subarray(start)
    return inflateInto(roomFor(stream, maxBytes), stream, maxBytes).slice()
  },
  inflatePart(bytes, maxBytes): InflatedPart | undefined {
    if (bytes.length < SHORTEST) return undefined
    let found: Uint8Array
    try {
      found = inflateInto(roomFor(bytes, maxBytes), bytes, maxBytes)
    } catch (error) {
      if ((error as { code?: unknown }).code === FlateErrorCode.UnexpectedEOF) return undefined
      throw error
    }
    return { bytes: found, usedBytes: findEnd(bytes, found) }
  },
  gunzip(bytes, maxBytes) {
    // A file ends in the length of its content.
    const sizeBytes = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const length = bytes.length < SHORTEST ? 0 : sizeBytes.getUint32(bytes.length - 4, true)
    if (length > maxBytes) throw new RangeError(`More than ${maxBytes} bytes come out.`)
    return gunzipSync(bytes, { out: new Uint8Array(length) })
  }
}

/** Returns room for one byte more than is allowed, by which it shows that there is more. */
function roomFor(bytes: Uint8Array, maxBytes: number): Uint8Array<ArrayBuffer> {
  const needed = Math.min(maxBytes, bytes.length * MAX_RATIO + 64) + 1
  if (needed <= scratch.length) return scratch.subarray(0, needed)
  const room = new Uint8Array(needed)
  if (needed <= KEPT_BYTES) scratch = room
  return room
}

function inflateInto(
  room: Uint8Array<ArrayBuffer>,
  bytes: Uint8Array,
  maxBytes: number
): Uint8Array {
  if (bytes.length < SHORTEST) throw new FileError('EINVAL', 'a deflated stream is cut short')
  const found = unzlibSync(bytes, { out: room })
  if (found.length > maxBytes) throw new RangeError(`More than ${maxBytes} bytes come out.`)
  return found
}

/**
 * Finds where a stream ends that other bytes may follow.
 *
 * The library does not tell. But the checksum of the content ends the stream: the first place that
 * bears it and at which the stream, if it is cut there, can still be inflated is the end.
 */
function findEnd(bytes: Uint8Array, content: Uint8Array): number {
  const sum = adler32(content)
  const candidates: number[] = []
  // No deflater needs more; in a longer stream, the first place is taken.
  const usual = content.length + 11 + 5 * Math.ceil(content.length / 16_000)
  for (let at = 1; ; ) {
    at = bytes.indexOf(sum >>> 24, at + 1)
    if (at < 0 || at + TRAILER > bytes.length || (at > usual && candidates.length > 0)) break
    if (readWord(bytes, at) === sum) candidates.push(at + TRAILER)
  }
  const end =
    candidates.length <= 1
      ? candidates[0]
      : candidates.find((each) => canInflate(bytes.subarray(0, each), content.length))
  if (end === undefined) {
    throw new FileError('EINVAL', 'the checksum of a deflated stream does not match')
  }
  return end
}

function canInflate(bytes: Uint8Array, sizeBytes: number): boolean {
  try {
    return unzlibSync(bytes, { out: new Uint8Array(sizeBytes + 1) }).length === sizeBytes
  } catch {
    return false
  }
}

function readWord(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
}

/** Returns the checksum that ends a zlib stream (RFC 1950). */
function adler32(bytes: Uint8Array): number {
  let low = 1
  let high = 0
  for (let at = 0; at < bytes.length; ) {
    // So many bytes fit into the sums before they must be reduced.
    const stop = Math.min(bytes.length, at + 3800)
    for (; at < stop; at++) {
      low += bytes[at] as number
      high += low
    }
    low %= 65521
    high %= 65521
  }
  return ((high << 16) | low) >>> 0
}
