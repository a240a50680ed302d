import type { ObjectType } from './objects.ts'

/** A power of two. */
const SLOTS = 1 << 14

/** An object without its name. */
export interface Content {
  readonly type: ObjectType
  readonly bytes: Uint8Array
}

/**
 * Objects that deltas build on, by their pack and where they begin in it, up to a number of bytes. Each has one
 * slot where it can lie, as in git: that is looked up faster than a map, and one that is pushed out is built again.
 */
export class DeltaBases<Pack extends object> {
  readonly #limitBytes: number
  readonly #offsets = new Float64Array(SLOTS).fill(-1)
  readonly #packs: (Pack | undefined)[] = new Array(SLOTS).fill(undefined)
  readonly #contents: (Content | undefined)[] = new Array(SLOTS).fill(undefined)
  #bytes = 0
  /** The slot that is emptied next when there are too many bytes. */
  #hand = 0

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  get(pack: Pack, offset: number): Content | undefined {
    const slot = slotOf(offset)
    if (this.#offsets[slot] !== offset || this.#packs[slot] !== pack) return undefined
    return this.#contents[slot]
  }

  /** Keeps an object, unless it alone has more than half of the bytes. */
  set(pack: Pack, offset: number, content: Content): void {
    if (content.bytes.length * 2 > this.#limitBytes) return
    const slot = slotOf(offset)
    this.#empty(slot)
    this.#bytes += content.bytes.length
    while (this.#bytes > this.#limitBytes) {
      this.#empty(this.#hand)
      this.#hand = (this.#hand + 1) & (SLOTS - 1)
    }
    this.#offsets[slot] = offset
    this.#packs[slot] = pack
    this.#contents[slot] = content
  }

  #empty(slot: number): void {
    this.#bytes -= this.#contents[slot]?.bytes.length ?? 0
    this.#offsets[slot] = -1
    this.#packs[slot] = undefined
    this.#contents[slot] = undefined
  }
}

function slotOf(offset: number): number {
  return (offset ^ (offset >>> 14)) & (SLOTS - 1)
}
