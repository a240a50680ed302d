import { formatHex } from '../base/bytes.ts'
import type { Oid } from './objects.ts'

const NAME = 20

/**
 * Names of objects, each once, in the order in which they came: 20 bytes each and no object a name, so
 * that a million of them take 30 MB.
 */
export class NameSet {
  #names = new Uint8Array(256 * NAME)
  /** For a hash, the number of its name and one; 0 where there is none. */
  #slots = new Int32Array(1024)
  #count = 0
  /** Who makes up names must not know where they fall. */
  readonly #seed = (Math.random() * 2 ** 31) | 1

  get count(): number {
    return this.#count
  }

  /** Adds the name that lies at `at`, unless it is there; returns its number. */
  add(bytes: Uint8Array, at: number): number {
    const slot = this.#slotOf(bytes, at)
    const found = this.#slots[slot] as number
    if (found > 0) return found - 1
    const number = this.#count++
    if ((number + 1) * NAME > this.#names.length) this.#names = enlarge(this.#names)
    const to = number * NAME
    for (let i = 0; i < NAME; i++) this.#names[to + i] = bytes[at + i] as number
    this.#slots[slot] = number + 1
    if (this.#count * 2 > this.#slots.length) this.#rehash()
    return number
  }

  /** Returns the number of the name that lies at `at`; -1 if it is not there. */
  find(bytes: Uint8Array, at: number): number {
    return (this.#slots[this.#slotOf(bytes, at)] as number) - 1
  }

  oidAt(number: number): Oid {
    return formatHex(this.#names, number * NAME, (number + 1) * NAME)
  }

  /** Returns where a name lies among `bytes`, which nobody changes and the next `add` may move. */
  placeOf(number: number): { readonly bytes: Uint8Array; readonly at: number } {
    return { bytes: this.#names, at: number * NAME }
  }

  #slotOf(bytes: Uint8Array, at: number): number {
    const mask = this.#slots.length - 1
    for (let slot = this.#hash(bytes, at) & mask; ; slot = (slot + 1) & mask) {
      const found = this.#slots[slot] as number
      if (found === 0 || this.#isAt((found - 1) * NAME, bytes, at)) return slot
    }
  }

  #isAt(place: number, bytes: Uint8Array, at: number): boolean {
    for (let i = 0; i < NAME; i++) if (this.#names[place + i] !== bytes[at + i]) return false
    return true
  }

  #hash(bytes: Uint8Array, at: number): number {
    let hash = 0
    for (let word = 0; word < NAME; word += 4) {
      hash = Math.imul(hash ^ wordAt(bytes, at + word), this.#seed)
      hash ^= hash >>> 15
    }
    return hash
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2)
    for (let number = 0; number < this.#count; number++) {
      this.#slots[this.#slotOf(this.#names, number * NAME)] = number + 1
    }
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  )
}

function enlarge(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes.length * 2)
  larger.set(bytes)
  return larger
}
