import { FileError } from './errors.ts'

/** A code of so many bits and fewer is found by one look; longer ones are rare. */
const ROOT_BITS = 9
const MAX_BITS = 15

/** A Huffman code as deflated streams have them (RFC 1951, 3.2.2); its arrays are used again for the next one. */
export class HuffmanCode {
  /** How many bits one look takes, as ones. */
  mask = 0
  /** By the next bits: a symbol times 16 plus the length of its code; 0 for longer codes and for none. */
  readonly root = new Uint16Array(1 << ROOT_BITS)
  /** How many codes there are of each length. */
  readonly counts = new Uint16Array(MAX_BITS + 1)
  /** The symbols in order of their codes. */
  readonly symbols = new Uint16Array(288)
  readonly #starts = new Uint16Array(MAX_BITS + 2)

  /** Makes the code of lengths from `from` to `to`, 0 where a symbol has none. */
  make(lengths: Uint8Array, from: number, to: number, isOfLengths = false): void {
    const { counts, symbols, root } = this
    counts.fill(0)
    for (let at = from; at < to; at++) {
      const length = lengths[at] as number
      counts[length] = (counts[length] as number) + 1
    }
    counts[0] = 0
    let left = 1
    let longest = 0
    for (let length = 1; length <= MAX_BITS; length++) {
      left = left * 2 - (counts[length] as number)
      if (left < 0) throw damaged('a code has too many symbols')
      if (counts[length] !== 0) longest = length
    }
    // One code alone, or none, may stand for all that there is.
    if (left > 0 && (isOfLengths || longest > 1)) throw damaged('a code lacks symbols')
    const starts = this.#starts
    starts[1] = 0
    for (let length = 1; length <= MAX_BITS; length++) {
      starts[length + 1] = (starts[length] as number) + (counts[length] as number)
    }
    for (let at = from; at < to; at++) {
      const length = lengths[at] as number
      if (length === 0) continue
      const place = starts[length] as number
      symbols[place] = at - from
      starts[length] = place + 1
    }
    const bits = Math.min(longest, ROOT_BITS)
    const size = 1 << bits
    this.mask = size - 1
    // Where codes are longer or missing, nothing is found.
    if (left > 0 || longest > ROOT_BITS) root.fill(0, 0, size)
    let reversed = 0
    let place = 0
    for (let length = 1; length <= bits; length++) {
      for (let more = counts[length] as number; more > 0; more--) {
        const entry = ((symbols[place++] as number) << 4) | length
        for (let to = reversed; to < size; to += 1 << length) root[to] = entry
        let bit = 1 << (length - 1)
        while (reversed & bit) bit >>= 1
        reversed = bit === 0 ? 0 : (reversed & (bit - 1)) | bit
      }
    }
  }

  /** Finds a code by its bits one by one; returns the same as `root`, 0 for none. */
  find(bits: number): number {
    let code = 0
    let first = 0
    let place = 0
    for (let length = 1; length <= MAX_BITS; length++) {
      code |= (bits >> (length - 1)) & 1
      const count = this.counts[length] as number
      if (code - first < count) {
        return ((this.symbols[place + code - first] as number) << 4) | length
      }
      place += count
      first = (first + count) << 1
      code <<= 1
    }
    return 0
  }
}

/** Says what is wrong with a deflated stream. */
export function damaged(reason: string): FileError {
  return new FileError('EINVAL', `a deflated stream is damaged: ${reason}`)
}
