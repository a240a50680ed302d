import { DISTANCE_BASES, DISTANCE_EXTRAS, LENGTH_BASES, LENGTH_EXTRAS } from './deflate-codes.ts'

/** How a block begins that is the last, and stored or with the fixed codes (RFC 1951, 3.2.3). */
const LAST_STORED = 1
const LAST_FIXED = 3

/** For nine bits, the symbol of the fixed code that they begin with times 16, and its length (RFC 1951, 3.2.6). */
const SYMBOLS = new Uint16Array(512)
for (let symbol = 0; symbol < 288; symbol++) {
  const length = symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8
  const first = symbol < 144 ? 0x30 : symbol < 256 ? 0x190 - 144 : symbol < 280 ? -256 : 0xc0 - 280
  const reversed = reverse(symbol + first, length)
  for (let bits = reversed; bits < 512; bits += 1 << length) SYMBOLS[bits] = symbol * 16 + length
}

/**
 * Inflates what was too little to be given codes of its own, as deltas of trees are: in less time than a call
 * of zlib takes. The checksum at the end is not looked at.
 *
 * @returns `false` if the stream at `from` is none of one block with the fixed codes, or stored, that gives
 * just the bytes from `start` to `end`; of these some may have been written then.
 */
export function inflateSmall(
  bytes: Uint8Array,
  from: number,
  target: Uint8Array,
  start: number,
  end: number
): boolean {
  // The head of a stream of any window, without a dictionary (RFC 1950).
  if (((bytes[from] as number) & 0x0f) !== 8 || ((bytes[from + 1] as number) & 0x20) !== 0)
    return false
  const block = (bytes[from + 2] as number) & 7
  if (block === LAST_STORED) return copyStored(bytes, from + 3, target, start, end)
  if (block !== LAST_FIXED) return false
  let at = from + 3
  let held = (bytes[from + 2] as number) >>> 3
  let count = 5
  let to = start
  while (at < bytes.length) {
    // What one round takes at most: 7 or 8 bits and 5, and 5 and 13.
    for (; count < 16; count += 8) held |= (bytes[at++] as number) << count
    const symbol = SYMBOLS[held & 511] as number
    held >>>= symbol & 15
    count -= symbol & 15
    if (symbol < 256 * 16) {
      if (to === end) return false
      target[to++] = symbol >>> 4
      continue
    }
    if (symbol < 257 * 16) return to === end && at * 8 - count <= bytes.length * 8
    const number = (symbol >>> 4) - 257
    if (number > 28) return false
    const more = LENGTH_EXTRAS[number] as number
    let length = (LENGTH_BASES[number] as number) + (held & ((1 << more) - 1))
    held >>>= more
    count -= more
    for (; count < 18; count += 8) held |= (bytes[at++] as number) << count
    const place = reverse(held & 31, 5)
    if (place > 29) return false
    const further = DISTANCE_EXTRAS[place] as number
    held >>>= 5
    const distance = (DISTANCE_BASES[place] as number) + (held & ((1 << further) - 1))
    held >>>= further
    count -= 5 + further
    if (distance > to - start || length > end - to) return false
    for (; length > 0; length--, to++) target[to] = target[to - distance] as number
  }
  return false
}

/** Copies what lies in a block as it is, behind its length and the same inverted (RFC 1951, 3.2.4). */
function copyStored(
  bytes: Uint8Array,
  from: number,
  target: Uint8Array,
  start: number,
  end: number
): boolean {
  const length = (bytes[from] as number) | ((bytes[from + 1] as number) << 8)
  const inverted = (bytes[from + 2] as number) | ((bytes[from + 3] as number) << 8)
  const at = from + 4
  if (length !== end - start || (length ^ inverted) !== 0xffff || at + length > bytes.length)
    return false
  for (let i = 0; i < length; i++) target[start + i] = bytes[at + i] as number
  return true
}

/** Turns some bits around: codes lie in a stream with their highest bit first. */
function reverse(bits: number, length: number): number {
  let reversed = 0
  for (let bit = 0; bit < length; bit++) reversed |= ((bits >> bit) & 1) << (length - 1 - bit)
  return reversed
}
