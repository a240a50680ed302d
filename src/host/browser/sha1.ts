import type { Digest } from '../../base/platform.ts'

const BLOCK = 64
/** The words of a block, spread over the rounds; nothing waits while it is used. */
const words = new Int32Array(80)

/** SHA-1 (RFC 3174) in plain JavaScript, tight enough for objects of a few hundred bytes. */
export class Sha1 implements Digest {
  readonly #state = new Int32Array(5)
  /** What came since the last whole block. */
  readonly #rest = new Uint8Array(BLOCK)
  #length = 0

  constructor() {
    this.#reset()
  }

  update(bytes: Uint8Array): void {
    const { length } = bytes
    const used = this.#length % BLOCK
    let at = 0
    this.#length += length
    if (used > 0) {
      at = Math.min(length, BLOCK - used)
      copy(bytes, 0, at, this.#rest, used)
      if (used + at < BLOCK) return
      mix(this.#state, this.#rest, 0)
    }
    for (; at + BLOCK <= length; at += BLOCK) mix(this.#state, bytes, at)
    copy(bytes, at, length, this.#rest, 0)
  }

  /** Returns the digest; what comes then begins anew. */
  finish(): Uint8Array {
    const rest = this.#rest
    const used = this.#length % BLOCK
    rest[used] = 0x80
    rest.fill(0, used + 1)
    if (used >= BLOCK - 8) {
      mix(this.#state, rest, 0)
      rest.fill(0)
    }
    setWord(rest, BLOCK - 8, Math.floor(this.#length / 2 ** 29))
    setWord(rest, BLOCK - 4, this.#length << 3)
    mix(this.#state, rest, 0)
    const digest = new Uint8Array(20)
    for (let word = 0; word < 5; word++) setWord(digest, word * 4, this.#state[word] as number)
    this.#reset()
    return digest
  }

  #reset(): void {
    this.#state.set([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0])
    this.#length = 0
  }
}

/** Mixes a block into the state: 80 rounds of four kinds, which no branch tells apart. */
function mix(state: Int32Array, bytes: Uint8Array, at: number): void {
  spread(bytes, at)
  let a = state[0] as number
  let b = state[1] as number
  let c = state[2] as number
  let d = state[3] as number
  let e = state[4] as number
  let round = 0
  for (; round < 20; round++) {
    const next =
      (((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + e + (words[round] as number) + 0x5a827999) |
      0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = next
  }
  for (; round < 40; round++) {
    const next =
      (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + (words[round] as number) + 0x6ed9eba1) | 0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = next
  }
  for (; round < 60; round++) {
    const next =
      (((a << 5) | (a >>> 27)) +
        ((b & c) | (d & (b | c))) +
        e +
        (words[round] as number) +
        0x8f1bbcdc) |
      0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = next
  }
  for (; round < 80; round++) {
    const next =
      (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + (words[round] as number) + 0xca62c1d6) | 0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = next
  }
  state[0] = (state[0] as number) + a
  state[1] = (state[1] as number) + b
  state[2] = (state[2] as number) + c
  state[3] = (state[3] as number) + d
  state[4] = (state[4] as number) + e
}

/** Reads the 16 words of a block and makes the others of them. */
function spread(bytes: Uint8Array, start: number): void {
  for (let word = 0, at = start; word < 16; word++, at += 4) {
    const high = ((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16)
    words[word] = high | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)
  }
  for (let word = 16; word < 80; word++) {
    const near = (words[word - 3] as number) ^ (words[word - 8] as number)
    const mixed = near ^ (words[word - 14] as number) ^ (words[word - 16] as number)
    words[word] = (mixed << 1) | (mixed >>> 31)
  }
}

/** Copies fewer bytes than a block has: a loop is faster than a view. */
function copy(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  for (let i = start; i < end; i++) to[at + i - start] = from[i] as number
}

/** Writes a word of four bytes, the highest first. */
function setWord(bytes: Uint8Array, at: number, word: number): void {
  for (let i = 0; i < 4; i++) bytes[at + i] = word >>> (24 - 8 * i)
}
