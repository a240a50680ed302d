import type { Hash } from '../base/platform.ts'
import type { ObjectType } from './objects.ts'
import { PackIndexWriter } from './pack-index-write.ts'

const NAME = 20
/** By how many entries a table grows at least; what the head of a pack says of their number is not trusted. */
const FIRST_ENTRIES = 1024

/** The types by the numbers that a pack has for them (gitformat-pack(5)). */
export const PACKED_TYPES: readonly (ObjectType | undefined)[] = [
  undefined,
  'commit',
  'tree',
  'blob',
  'tag'
]

/** A delta to an entry before it. */
export const OFS_DELTA = 6
/** A delta to an object by its name. */
export const REF_DELTA = 7

/** What a pack holds, entry by entry as they lie, in arrays of numbers: no object an entry. */
export class PackTable {
  /** Where an entry begins; where it ends is where the next begins. */
  offsets = new Float64Array(FIRST_ENTRIES)
  crcs = new Uint32Array(FIRST_ENTRIES)
  /** The number of the object's type; of a delta that is not resolved yet, its own. */
  kinds = new Uint8Array(FIRST_ENTRIES)
  /** The entry that a delta builds on, or the number of the name that it builds on. */
  bases = new Int32Array(FIRST_ENTRIES)
  /** Names of 20 bytes; zeros where a delta is not resolved yet. */
  names = new Uint8Array(FIRST_ENTRIES * NAME)
  count = 0
  /** Where the last entry ends. */
  end = 12

  /** Adds an entry at the end; returns its number. */
  add(kind: number, base: number, crc: number, end: number): number {
    const number = this.count++
    if (number === this.kinds.length) this.#grow()
    this.offsets[number] = this.end
    this.kinds[number] = kind
    this.bases[number] = base
    this.crcs[number] = crc
    this.end = end
    return number
  }

  endOf(number: number): number {
    return number + 1 < this.count ? (this.offsets[number + 1] as number) : this.end
  }

  isResolved(number: number): boolean {
    return (this.kinds[number] as number) < OFS_DELTA
  }

  /** Returns the number of the entry that begins at an offset; -1 if none does. */
  findOffset(offset: number): number {
    let low = 0
    let high = this.count - 1
    while (low <= high) {
      const middle = (low + high) >>> 1
      const found = this.offsets[middle] as number
      if (found === offset) return middle
      if (found < offset) low = middle + 1
      else high = middle - 1
    }
    return -1
  }

  /** Formats the index of the pack, whose checksum is given. */
  formatIndex(checksum: Uint8Array, hash: Hash): Uint8Array {
    const writer = new PackIndexWriter(this.count)
    for (const number of this.#sortByName()) {
      const at = number * NAME
      const { names, crcs, offsets } = this
      writer.add(names.subarray(at, at + NAME), crcs[number] as number, offsets[number] as number)
    }
    return writer.finish(checksum, hash)
  }

  /** Sorts by the first three bytes of the names, as numbers, and then those that are alike in these. */
  #sortByName(): Uint32Array {
    const keys = new Float64Array(this.count)
    for (let number = 0; number < this.count; number++) {
      const at = number * NAME
      const [a, b, c] = [this.names[at], this.names[at + 1], this.names[at + 2]] as number[]
      keys[number] =
        (((a as number) << 16) | ((b as number) << 8) | (c as number)) * 2 ** 28 + number
    }
    keys.sort()
    const sorted = new Uint32Array(this.count)
    for (let place = 0; place < this.count; place++) {
      const number = (keys[place] as number) % 2 ** 28
      let to = place
      for (; to > 0 && this.#compare(sorted[to - 1] as number, number) > 0; to--) {
        sorted[to] = sorted[to - 1] as number
      }
      sorted[to] = number
    }
    return sorted
  }

  #compare(one: number, other: number): number {
    for (let i = 0; i < NAME; i++) {
      const difference =
        (this.names[one * NAME + i] as number) - (this.names[other * NAME + i] as number)
      if (difference !== 0) return difference
    }
    return 0
  }

  #grow(): void {
    const length = this.kinds.length * 2
    this.offsets = copyInto(new Float64Array(length), this.offsets)
    this.crcs = copyInto(new Uint32Array(length), this.crcs)
    this.kinds = copyInto(new Uint8Array(length), this.kinds)
    this.bases = copyInto(new Int32Array(length), this.bases)
    this.names = copyInto(new Uint8Array(length * NAME), this.names)
  }
}

function copyInto<T extends { set(from: T): void }>(to: T, from: T): T {
  to.set(from)
  return to
}
