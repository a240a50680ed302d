import { MOST_COPY_BYTES, writeCopy, writeInsertions, writeSize } from './delta-write.ts'

/** The stretch of bytes by which equal parts are found. */
const BLOCK = 16
const PRIME = 0x01000193
/** Equal blocks of the base beyond this many are passed over; long runs of one byte have thousands. */
const MAX_CANDIDATES = 8
/** So many bytes the size of an object takes at most. */
const SIZE_BYTES = 8
/** No copy is longer, since readers of the first packs know none (gitformat-pack(5)). */
const MAX_COPY = 0x10000

/** `PRIME` to the power of `BLOCK - 1`: what the first byte of a block counts. */
let firstWeight = 1
for (let i = 1; i < BLOCK; i++) firstWeight = Math.imul(firstWeight, PRIME)

/** The blocks of a base by their hashes, for any number of targets. */
export interface DeltaIndex {
  readonly base: Uint8Array
  readonly mask: number
  /** For each hash, the first block that has it, counted from 1. */
  readonly heads: Int32Array
  /** For each block, the next one of its hash. */
  readonly next: Int32Array
}

/** Indexes what deltas are to be made against. */
export function indexDeltaBase(base: Uint8Array): DeltaIndex {
  const blocks = Math.floor(base.length / BLOCK)
  let size = 16
  while (size < blocks * 2) size *= 2
  const heads = new Int32Array(size)
  const next = new Int32Array(blocks)
  for (let block = blocks - 1; block >= 0; block--) {
    const bucket = bucketOf(hashBlock(base, block * BLOCK), size - 1)
    next[block] = heads[bucket] as number
    heads[bucket] = block + 1
  }
  return { base, mask: size - 1, heads, next }
}

/**
 * Makes a delta that turns a base into a target (gitformat-pack(5), “Deltified representation”).
 *
 * @returns `undefined` if it would be longer than `maxBytes`.
 */
export function encodeDelta(
  index: DeltaIndex,
  target: Uint8Array,
  maxBytes: number
): Uint8Array | undefined {
  const delta = new DeltaWriter(maxBytes)
  delta.size(index.base.length)
  delta.size(target.length)
  /** Where the bytes begin that no copy gives. */
  let kept = 0
  let at = 0
  let hash = target.length >= BLOCK ? hashBlock(target, 0) : 0
  while (at + BLOCK <= target.length && !delta.isFull) {
    const match = findMatch(index, target, at, kept, hash)
    if (match === undefined) {
      const left = Math.imul(hash - Math.imul(target[at] as number, firstWeight), PRIME)
      hash = (left + (target[at + BLOCK] ?? 0)) | 0
      at++
      continue
    }
    delta.insert(target.subarray(kept, match.to))
    delta.copy(match.from, match.size)
    at = match.to + match.size
    kept = at
    if (at + BLOCK <= target.length) hash = hashBlock(target, at)
  }
  delta.insert(target.subarray(kept))
  return delta.finish()
}

interface Match {
  readonly from: number
  readonly to: number
  readonly size: number
}

/** Finds the longest stretch of the base around a place of the target; not before `kept`. */
function findMatch(
  { base, mask, heads, next }: DeltaIndex,
  target: Uint8Array,
  at: number,
  kept: number,
  hash: number
): Match | undefined {
  let best: Match | undefined
  let block = heads[bucketOf(hash, mask)] as number
  for (let left = MAX_CANDIDATES; block > 0 && left > 0; left--) {
    const start = (block - 1) * BLOCK
    block = next[block - 1] as number
    let size = 0
    const limit = Math.min(base.length - start, target.length - at)
    while (size < limit && base[start + size] === target[at + size]) size++
    if (size < BLOCK) continue
    let back = 0
    const room = Math.min(start, at - kept)
    while (back < room && base[start - back - 1] === target[at - back - 1]) back++
    if (best === undefined || size + back > best.size) {
      best = { from: start - back, to: at - back, size: size + back }
    }
  }
  return best
}

function hashBlock(bytes: Uint8Array, start: number): number {
  let hash = 0
  for (let i = 0; i < BLOCK; i++) hash = (Math.imul(hash, PRIME) + (bytes[start + i] ?? 0)) | 0
  return hash
}

function bucketOf(hash: number, mask: number): number {
  return (hash ^ (hash >>> 15)) & mask
}

class DeltaWriter {
  readonly #maxBytes: number
  #bytes: Uint8Array
  #length = 0
  isFull = false

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
    this.#bytes = new Uint8Array(Math.min(maxBytes + 16, 4096))
  }

  size(value: number): void {
    this.#reserve(SIZE_BYTES)
    this.#end(writeSize(this.#bytes, this.#length, value))
  }

  insert(bytes: Uint8Array): void {
    if (this.isFull || this.#length + bytes.length > this.#maxBytes) {
      this.isFull = true
      return
    }
    this.#reserve(bytes.length + Math.ceil(bytes.length / 127))
    this.#end(writeInsertions(this.#bytes, this.#length, bytes, 0, bytes.length))
  }

  copy(offset: number, size: number): void {
    for (let done = 0; done < size && !this.isFull; done += MAX_COPY) {
      this.#reserve(MOST_COPY_BYTES)
      const length = Math.min(MAX_COPY, size - done)
      this.#end(writeCopy(this.#bytes, this.#length, offset + done, length))
    }
  }

  finish(): Uint8Array | undefined {
    return this.isFull ? undefined : this.#bytes.slice(0, this.#length)
  }

  /** Makes room. */
  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count))
    grown.set(this.#bytes)
    this.#bytes = grown
  }

  #end(length: number): void {
    this.#length = length
    if (length > this.#maxBytes) this.isFull = true
  }
}
