import { adler32 } from '../../git/adler32.ts'
import {
  DISTANCE_BASES,
  DISTANCE_EXTRAS,
  LENGTH_BASES,
  LENGTH_EXTRAS
} from '../../git/deflate-codes.ts'
import { damaged, HuffmanCode } from './huffman.ts'

const END_OF_BLOCK = 256
/** So many bytes may be read behind the end, as zeros, before the stream counts as cut short. */
const BEYOND = 8
const TRAILER = 4

/** The order in which the lengths of the codes for lengths are written (RFC 1951, 3.2.7). */
const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
const literals = new HuffmanCode()
const distances = new HuffmanCode()
const lengthsCode = new HuffmanCode()
const lengths = new Uint8Array(288 + 32)
let isFixed = false

/** Takes the code that needs not be written (RFC 1951, 3.2.6). */
function useFixed(): void {
  if (isFixed) return
  lengths.fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280, 288).fill(5, 288, 320)
  literals.make(lengths, 0, 288)
  distances.make(lengths, 288, 320)
  isFixed = true
}

let input = new Uint8Array(0)
/** The next byte; the bits before it that were not used, the first one lowest; how many these are. */
let at = 0
let hold = 0
let held = 0

/** Where the stream ends before it is whole. */
const CUT = { isCut: true }

/** Makes sure of 24 bits; behind the end come zeros, for a while. */
function refill(): void {
  while (held < 24) {
    if (at < input.length) hold |= (input[at] as number) << held
    else if (at >= input.length + BEYOND) throw CUT
    at++
    held += 8
  }
}

function take(count: number): number {
  refill()
  const value = hold & ((1 << count) - 1)
  hold >>>= count
  held -= count
  return value
}

/**
 * Inflates the zlib stream that begins at `start` (RFC 1950, RFC 1951) into `room`, and checks its checksum;
 * returns how many bytes came out and where the stream ends, or `undefined` if the bytes end before.
 *
 * @throws FileError if it is no such stream or damaged, RangeError if more than `limit` bytes come out.
 */
export function inflateInto(
  room: Uint8Array,
  limit: number,
  bytes: Uint8Array,
  start: number
): { readonly length: number; readonly end: number } | undefined {
  input = bytes as Uint8Array<ArrayBuffer>
  at = start
  hold = 0
  held = 0
  try {
    const head = (take(8) << 8) | take(8)
    if (head % 31 !== 0 || (head >> 8) % 16 !== 8 || head >> 12 > 7 || head & 0x20) {
      if (at - (held >> 3) > input.length) return undefined
      throw damaged('it is no zlib stream')
    }
    let length = 0
    for (let isLast = false; !isLast; ) {
      isLast = take(1) === 1
      const kind = take(2)
      if (kind === 0) length = copyStored(room, limit, length)
      else if (kind === 3) throw damaged('a block is of no known kind')
      else {
        if (kind === 1) useFixed()
        else readCodes()
        length = readBlock(room, limit, length)
      }
    }
    const end = at - (held >> 3)
    if (end + TRAILER > input.length) return undefined
    if (readWord(end) !== adler32(room, length)) throw damaged('its checksum does not match')
    return { length, end: end + TRAILER }
  } catch (error) {
    // What is read behind the end is found to be anything.
    if (error === CUT || at - (held >> 3) > input.length) return undefined
    throw error
  } finally {
    input = new Uint8Array(0)
  }
}

function copyStored(room: Uint8Array, limit: number, length: number): number {
  take(held & 7)
  const size = take(16)
  if ((take(16) ^ 0xffff) !== size) throw damaged('the length of a block does not match')
  at -= held >> 3
  hold = 0
  held = 0
  if (at + size > input.length) throw CUT
  if (length + size > limit) throw tooMuch(limit)
  room.set(input.subarray(at, at + size), length)
  at += size
  return length + size
}

/** Reads the codes of a block (RFC 1951, 3.2.7). */
function readCodes(): void {
  isFixed = false
  const literalCount = take(5) + 257
  const distanceCount = take(5) + 1
  const lengthCount = take(4) + 4
  if (literalCount > 286 || distanceCount > 30) throw damaged('a code has too many symbols')
  lengths.fill(0, 0, 19)
  for (let k = 0; k < lengthCount; k++) lengths[LENGTH_ORDER[k] as number] = take(3)
  lengthsCode.make(lengths, 0, 19, true)
  const count = literalCount + distanceCount
  for (let k = 0; k < count; ) {
    refill()
    const entry = lengthsCode.root[hold & lengthsCode.mask] as number
    if (entry === 0) throw damaged('a length has no code')
    hold >>>= entry & 15
    held -= entry & 15
    const symbol = entry >> 4
    if (symbol < 16) {
      lengths[k++] = symbol
      continue
    }
    if (symbol === 16 && k === 0) throw damaged('the first length repeats another')
    const repeated = symbol === 16 ? (lengths[k - 1] as number) : 0
    const times = symbol === 16 ? 3 + take(2) : symbol === 17 ? 3 + take(3) : 11 + take(7)
    if (k + times > count) throw damaged('there are too many lengths')
    lengths.fill(repeated, k, k + times)
    k += times
  }
  if (lengths[END_OF_BLOCK] === 0) throw damaged('a block has no end')
  literals.make(lengths, 0, literalCount)
  distances.make(lengths, literalCount, count)
}

/**
 * Inflates a block of codes; returns how many bytes there are then. This is where the time goes: what is
 * read is held in variables of its own.
 */
function readBlock(room: Uint8Array, limit: number, start: number): number {
  const { root: literalRoot, mask: literalMask } = literals
  const { root: distanceRoot, mask: distanceMask } = distances
  const bytes = input
  const [size, most] = [bytes.length, bytes.length + BEYOND]
  let [next, bits, count] = [at, hold, held]
  let to = start
  try {
    for (;;) {
      for (; count < 24; count += 8, next++) {
        if (next < size) bits |= (bytes[next] as number) << count
        else if (next >= most) throw CUT
      }
      const entry = (literalRoot[bits & literalMask] as number) || literals.find(bits)
      bits >>>= entry & 15
      count -= entry & 15
      const symbol = entry >> 4
      if (symbol < END_OF_BLOCK) {
        if (entry === 0) throw damaged('a symbol has no code')
        if (to >= limit) throw tooMuch(limit)
        room[to++] = symbol
        continue
      }
      if (symbol === END_OF_BLOCK) return to
      const kind = symbol - 257
      if (kind >= LENGTH_BASES.length) throw damaged('a length is of no known kind')
      let extra = LENGTH_EXTRAS[kind] as number
      const end = to + (LENGTH_BASES[kind] as number) + (bits & ((1 << extra) - 1))
      bits >>>= extra
      count -= extra
      for (; count < 16; count += 8, next++) {
        if (next < size) bits |= (bytes[next] as number) << count
        else if (next >= most) throw CUT
      }
      const found = (distanceRoot[bits & distanceMask] as number) || distances.find(bits)
      bits >>>= found & 15
      count -= found & 15
      const far = found >> 4
      if (found === 0 || far >= DISTANCE_BASES.length) throw damaged('a distance has no code')
      for (; count < 16; count += 8, next++) {
        if (next < size) bits |= (bytes[next] as number) << count
        else if (next >= most) throw CUT
      }
      extra = DISTANCE_EXTRAS[far] as number
      const distance = (DISTANCE_BASES[far] as number) + (bits & ((1 << extra) - 1))
      bits >>>= extra
      count -= extra
      if (distance > to) throw damaged('a distance leads before the beginning')
      if (end > limit) throw tooMuch(limit)
      // What is copied may be what this copy writes.
      for (let from = to - distance; to < end; ) room[to++] = room[from++] as number
    }
  } finally {
    at = next
    hold = bits
    held = count
  }
}

function readWord(from: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = input.subarray(from, from + TRAILER)
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
}

function tooMuch(limit: number): RangeError {
  return new RangeError(`More than ${limit} bytes come out.`)
}
