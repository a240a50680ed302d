import type { Zlib } from '../base/platform.ts'

/** Up to so many bytes, of which most are an object's name, nothing is gained by deflating. */
const STORED_BYTES = 64

/** Deflates what is stored; a few bytes become a stream that holds them as they are, at once. */
export function deflate(zlib: Zlib, bytes: Uint8Array): Uint8Array {
  return bytes.length <= STORED_BYTES ? store(bytes) : zlib.deflate(bytes)
}

/** Formats a zlib stream (RFC 1950) of one block that is not compressed (RFC 1951, 3.2.4). */
function store(bytes: Uint8Array): Uint8Array {
  const { length } = bytes
  const stream = new Uint8Array(length + 11)
  stream.set([0x78, 0x01, 0x01, length, 0, ~length & 0xff, 0xff])
  stream.set(bytes, 7)
  let a = 1
  let b = 0
  // So few bytes don't reach the modulus of the one sum; the other is reduced at the end.
  for (const byte of bytes) {
    a += byte
    b += a
  }
  new DataView(stream.buffer).setUint32(length + 7, ((b % 65521) * 65536 + (a % 65521)) >>> 0)
  return stream
}
