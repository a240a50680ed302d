const MODULUS = 65521
/** So many bytes can be summed before the sums leave 31 bits. */
const SUMMED_BYTES = 2048

/** Returns the checksum at the end of a zlib stream of the first `length` bytes (RFC 1950, 9). */
export function adler32(bytes: Uint8Array, length = bytes.length): number {
  let a = 1
  let b = 0
  for (let at = 0; at < length; ) {
    const end = Math.min(at + SUMMED_BYTES, length)
    for (; at < end; at++) {
      a += bytes[at] as number
      b += a
    }
    a %= MODULUS
    b %= MODULUS
  }
  return b * 65536 + a
}
