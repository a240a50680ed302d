import { digitOf, equalBytes, formatHex, parseHex } from '../base/bytes.ts'
import type { Hash } from '../base/platform.ts'
import { gitErrors } from './errors.ts'
import type { Oid } from './objects.ts'
import { PackIndexWriter } from './pack-index-write.ts'

const HEADER = 8
const FAN_OUT = 256 * 4
const NAMES = HEADER + FAN_OUT
/** How far from where a name is looked for first it mostly is. */
const NEAR = 48

/** An object's place in a pack, for the index that is written beside it. */
export interface PackEntry {
  readonly oid: Oid
  readonly offset: number
  /** CRC-32 of the entry as it lies in the pack. */
  readonly crc: number
}

/** The names of a pack's objects and where they lie (gitformat-pack(5), index version 2). */
export class PackIndex {
  readonly count: number
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #path: string
  #sorted: Float64Array | undefined
  #searches = 0
  #words: Uint32Array | undefined

  /** @throws GIT_PACK_DAMAGED if the bytes are no index of version 2. */
  constructor(bytes: Uint8Array, path: string) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const isIndex =
      bytes.length >= NAMES + 40 &&
      this.#view.getUint32(0) === 0xff744f63 &&
      this.#view.getUint32(4) === 2
    this.count = isIndex ? this.#view.getUint32(HEADER + 255 * 4) : 0
    this.#path = path
    if (!isIndex || bytes.length < NAMES + this.count * 28 + 40) {
      const reason = 'its index is cut short or not of version 2'
      throw gitErrors.create('GIT_PACK_DAMAGED', { path, reason })
    }
    for (let byte = 0, last = 0; byte < 256; byte++) {
      const next = this.#view.getUint32(HEADER + byte * 4)
      if (next < last) throw this.#damaged('the counts at the head of its index go down')
      last = next
    }
  }

  /** Returns the position of an object among the sorted names; -1 if it is not in the pack. */
  find(oid: Oid): number {
    const word = wordOf(oid, 0)
    for (let at = this.#lowerBound(word); at < this.count && this.#wordAt(at, 0) === word; at++) {
      let same = 1
      while (same < 5 && this.#wordAt(at, same) === wordOf(oid, same)) same++
      if (same === 5) return at
    }
    return -1
  }

  /** Returns the position of the name of 20 bytes that lies at `start`; -1 if it is not in the pack. */
  findName(name: Uint8Array, start: number): number {
    const word = wordIn(name, start)
    for (let at = this.#lowerBound(word); at < this.count && this.#wordAt(at, 0) === word; at++) {
      let same = 1
      while (same < 5 && this.#wordAt(at, same) === wordIn(name, start + same * 4)) same++
      if (same === 5) return at
    }
    return -1
  }

  /** Returns the checksum that the pack has to have; `undefined` if the index doesn't have its own. */
  checksumOfPack(hash: Hash): Uint8Array | undefined {
    const end = this.#bytes.length - 20
    const own = hash.sha1(this.#bytes.subarray(0, end))
    return equalBytes(own, this.#bytes.subarray(end)) ? this.#bytes.slice(end - 20, end) : undefined
  }

  /** Lists the names that begin with at least 2 hexadecimal digits, at most `limit`. */
  findByPrefix(prefix: string, limit: number): Oid[] {
    const found: Oid[] = []
    const start = this.#lowerBound(Number.parseInt(prefix.slice(0, 8).padEnd(8, '0'), 16))
    for (let position = start; position < this.count && found.length < limit; position++) {
      const oid = this.oidAt(position)
      if (oid.startsWith(prefix)) found.push(oid)
      else if (oid > prefix) break
    }
    return found
  }

  oidAt(position: number): Oid {
    const at = NAMES + position * 20
    return formatHex(this.#bytes, at, at + 20)
  }

  /** Returns the 20 bytes of a name; nobody changes them. */
  nameAt(position: number): Uint8Array {
    const at = NAMES + position * 20
    return this.#bytes.subarray(at, at + 20)
  }

  /** Orders a name of this index and one of another. */
  compare(position: number, other: PackIndex, otherPosition: number): number {
    const at = NAMES + position * 20
    const otherAt = NAMES + otherPosition * 20
    for (let word = 0; word < 20; word += 4) {
      const difference = this.#view.getUint32(at + word) - other.#view.getUint32(otherAt + word)
      if (difference !== 0) return difference
    }
    return 0
  }

  /** Returns the CRC-32 of an entry as it lies in the pack. */
  crcAt(position: number): number {
    return this.#view.getUint32(NAMES + this.count * 20 + position * 4)
  }

  /** Returns the first position whose name begins with `byte` or more; `count` for 256. */
  firstOf(byte: number): number {
    return byte === 0 ? 0 : this.#view.getUint32(HEADER + (byte - 1) * 4)
  }

  offsetAt(position: number): number {
    const offsets = NAMES + this.count * 24
    const offset = this.#view.getUint32(offsets + position * 4)
    if (offset < 0x80000000) return offset
    const large = offsets + this.count * 4 + (offset - 0x80000000) * 8
    if (large + 8 > this.#bytes.length - 40) {
      throw this.#damaged('an offset in its index lies outside of it')
    }
    return this.#view.getUint32(large) * 2 ** 32 + this.#view.getUint32(large + 4)
  }

  /** Returns where the entry that begins at an offset ends; `undefined` if it is the last. */
  endOf(offset: number): number | undefined {
    if (this.#sorted === undefined) {
      this.#sorted = new Float64Array(this.count)
      for (let i = 0; i < this.count; i++) this.#sorted[i] = this.offsetAt(i)
      this.#sorted.sort()
    }
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#sorted[middle] as number) <= offset) low = middle + 1
      else high = middle
    }
    return this.#sorted[low]
  }

  #damaged(reason: string): Error {
    return gitErrors.create('GIT_PACK_DAMAGED', { path: this.#path, reason })
  }

  /** Returns the first position whose name begins with `word` or more. */
  #lowerBound(word: number): number {
    const byte = word >>> 24
    let low = this.firstOf(byte)
    let high = this.#view.getUint32(HEADER + byte * 4)
    const words = this.#words ?? this.#takeWords()
    if (words !== undefined && high - low > 4 * NEAR) {
      const guess = (low + ((high - low) * (word & 0xffffff)) / 0x1000000) | 0
      if (guess - NEAR > low && (words[guess - NEAR] as number) < word) low = guess - NEAR + 1
      if (guess + NEAR < high && (words[guess + NEAR] as number) >= word) high = guess + NEAR
    }
    while (low < high) {
      const middle = (low + high) >>> 1
      const found = words === undefined ? this.#wordAt(middle, 0) : (words[middle] as number)
      if (found < word) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Once many names were looked for, makes an array of their first words, which lie closer together. */
  #takeWords(): Uint32Array | undefined {
    if (++this.#searches * 32 < this.count) return undefined
    const words = new Uint32Array(this.count)
    for (let position = 0; position < this.count; position++) {
      words[position] = this.#wordAt(position, 0)
    }
    this.#words = words
    return words
  }

  /** Returns four bytes of a name. */
  #wordAt(position: number, word: number): number {
    return this.#view.getUint32(NAMES + position * 20 + word * 4)
  }
}

function wordIn(name: Uint8Array, at: number): number {
  const word =
    ((name[at] as number) << 24) |
    ((name[at + 1] as number) << 16) |
    ((name[at + 2] as number) << 8) |
    (name[at + 3] as number)
  return word >>> 0
}

function wordOf(oid: Oid, word: number): number {
  let value = 0
  for (let at = word * 8; at < word * 8 + 8; at++) value = (value << 4) | digitOf(oid, at)
  return value >>> 0
}

/** Formats the index of a pack whose trailing checksum is given. */
export function formatPackIndex(
  entries: readonly PackEntry[],
  packChecksum: Uint8Array,
  hash: Hash
): Uint8Array {
  const sorted = [...entries].sort((a, b) => (a.oid < b.oid ? -1 : 1))
  const writer = new PackIndexWriter(sorted.length)
  for (const { oid, crc, offset } of sorted) writer.add(parseHex(oid), crc, offset)
  return writer.finish(packChecksum, hash)
}
