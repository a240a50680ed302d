import { concatBytes } from '../base/bytes.ts'
import type { Hash } from '../base/platform.ts'

const HEADER = 8
const NAMES = HEADER + 256 * 4

/** Writes the index of a pack (gitformat-pack(5), version 2), entry by entry in order of their names. */
export class PackIndexWriter {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #count: number
  readonly #large: number[] = []
  #position = 0

  constructor(count: number) {
    this.#count = count
    this.#bytes = new Uint8Array(NAMES + count * 28)
    this.#view = new DataView(this.#bytes.buffer)
    this.#view.setUint32(0, 0xff744f63)
    this.#view.setUint32(4, 2)
  }

  add(name: Uint8Array, crc: number, offset: number): void {
    const position = this.#position++
    this.#bytes.set(name, NAMES + position * 20)
    this.#view.setUint32(HEADER + (name[0] as number) * 4, position + 1)
    const crcs = NAMES + this.#count * 20
    this.#view.setUint32(crcs + position * 4, crc)
    const offsets = crcs + this.#count * 4
    if (offset < 0x80000000) {
      this.#view.setUint32(offsets + position * 4, offset)
      return
    }
    this.#view.setUint32(offsets + position * 4, 0x80000000 + this.#large.length)
    this.#large.push(offset)
  }

  /** Returns the index of the pack whose trailing checksum is given. */
  finish(packChecksum: Uint8Array, hash: Hash): Uint8Array {
    this.#fillFanOut()
    const large = new Uint8Array(this.#large.length * 8)
    const view = new DataView(large.buffer)
    this.#large.forEach((offset, i) => {
      view.setUint32(i * 8, Math.floor(offset / 2 ** 32))
      view.setUint32(i * 8 + 4, offset % 2 ** 32)
    })
    const checksum = hash.sha1(this.#bytes, large, packChecksum)
    return concatBytes([this.#bytes, large, packChecksum, checksum])
  }

  /** Gives each first byte that no name has the count of the one before it. */
  #fillFanOut(): void {
    let count = 0
    for (let byte = 0; byte < 256; byte++) {
      count = Math.max(count, this.#view.getUint32(HEADER + byte * 4))
      this.#view.setUint32(HEADER + byte * 4, count)
    }
  }
}
