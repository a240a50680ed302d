import type { Zlib } from '../base/platform.ts'
import { adler32 } from './adler32.ts'
import type { NewObject } from './objects.ts'

/** Up to so many bytes, of which most are an object's name, nothing is gained by deflating. */
const STORED_BYTES = 64
/** So many bytes of a tree are stored in a moment; deflating takes longer and spares a quarter of them. */
const STORED_TREE_BYTES = 4096

/** Deflates what is stored; a few bytes become a stream that holds them as they are, at once. */
export function deflate(zlib: Zlib, bytes: Uint8Array): Uint8Array {
  return bytes.length <= STORED_BYTES ? store(bytes) : zlib.deflate(bytes)
}

/** Deflates an object that was just made; the names in a tree are left as they are until it is repacked. */
export function deflateNew(zlib: Zlib, { type, bytes }: NewObject): Uint8Array {
  return type === 'tree' && bytes.length <= STORED_TREE_BYTES ? store(bytes) : deflate(zlib, bytes)
}

/** Formats a zlib stream (RFC 1950) of one block that is not compressed (RFC 1951, 3.2.4). */
export function store(bytes: Uint8Array): Uint8Array {
  const { length } = bytes
  const stream = new Uint8Array(length + 11)
  const [low, high] = [length & 0xff, length >> 8]
  stream.set([0x78, 0x01, 0x01, low, high, ~low & 0xff, ~high & 0xff])
  stream.set(bytes, 7)
  new DataView(stream.buffer).setUint32(length + 7, adler32(bytes))
  return stream
}
