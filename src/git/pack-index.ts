import { concatBytes, formatHex, parseHex } from '../base/bytes.ts'
import type { Hash } from '../base/platform.ts'
import { gitErrors } from './errors.ts'
import type { Oid } from './objects.ts'

const HEADER = 8
const FAN_OUT = 256 * 4
const NAMES = HEADER + FAN_OUT

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
  #sorted: Float64Array | undefined

  /** @throws GIT_PACK_DAMAGED if the bytes are no index of version 2. */
  constructor(bytes: Uint8Array, path: string) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const isIndex =
      bytes.length >= NAMES + 40 &&
      this.#view.getUint32(0) === 0xff744f63 &&
      this.#view.getUint32(4) === 2
    this.count = isIndex ? this.#view.getUint32(HEADER + 255 * 4) : 0
    if (!isIndex || bytes.length < NAMES + this.count * 28 + 40) {
      const reason = 'its index is cut short or not of version 2'
      throw gitErrors.create('GIT_PACK_DAMAGED', { path, reason })
    }
  }

  /** Returns the position of an object among the sorted names; -1 if it is not in the pack. */
  find(oid: Oid): number {
    const start = this.#lowerBound(Number.parseInt(oid.slice(0, 8), 16))
    for (let position = start; position < this.count; position++) {
      const found = this.oidAt(position)
      if (found === oid) return position
      if (found > oid) break
    }
    return -1
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

  /** Returns the CRC-32 of an entry as it lies in the pack. */
  crcAt(position: number): number {
    return this.#view.getUint32(NAMES + this.count * 20 + position * 4)
  }

  /** Returns the first position whose name begins with `byte` or more; `count` for 256. */
  startOf(byte: number): number {
    return byte === 0 ? 0 : this.#view.getUint32(HEADER + (byte - 1) * 4)
  }

  offsetAt(position: number): number {
    const offsets = NAMES + this.count * 24
    const offset = this.#view.getUint32(offsets + position * 4)
    if (offset < 0x80000000) return offset
    const large = offsets + this.count * 4 + (offset - 0x80000000) * 8
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

  /** Returns the first position whose name begins with `word` or more. */
  #lowerBound(word: number): number {
    const byte = word >>> 24
    let low = this.startOf(byte)
    let high = this.#view.getUint32(HEADER + byte * 4)
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#view.getUint32(NAMES + middle * 20) < word) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Formats the index of a pack whose trailing checksum is given. */
export function formatPackIndex(
  entries: readonly PackEntry[],
  packChecksum: Uint8Array,
  hash: Hash
): Uint8Array {
  const sorted = [...entries].sort((a, b) => (a.oid < b.oid ? -1 : 1))
  const large = sorted.filter((entry) => entry.offset >= 0x80000000)
  const size = NAMES + sorted.length * 28 + large.length * 8 + 20
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, 0xff744f63)
  view.setUint32(4, 2)
  const crcs = NAMES + sorted.length * 20
  const offsets = crcs + sorted.length * 4
  let largeAt = offsets + sorted.length * 4
  let largeCount = 0
  sorted.forEach((entry, position) => {
    const name = parseHex(entry.oid)
    bytes.set(name, NAMES + position * 20)
    view.setUint32(HEADER + (name[0] as number) * 4, position + 1)
    view.setUint32(crcs + position * 4, entry.crc)
    if (entry.offset < 0x80000000) {
      view.setUint32(offsets + position * 4, entry.offset)
      return
    }
    view.setUint32(offsets + position * 4, 0x80000000 + largeCount++)
    view.setUint32(largeAt, Math.floor(entry.offset / 2 ** 32))
    view.setUint32(largeAt + 4, entry.offset % 2 ** 32)
    largeAt += 8
  })
  fillFanOut(view)
  bytes.set(packChecksum, size - 20)
  return concatBytes([bytes, hash.sha1(bytes)])
}

/** Gives each first byte that no name has the count of the one before it. */
function fillFanOut(view: DataView): void {
  let count = 0
  for (let byte = 0; byte < 256; byte++) {
    count = Math.max(count, view.getUint32(HEADER + byte * 4))
    view.setUint32(HEADER + byte * 4, count)
  }
}
