import type { ObjectType } from './objects.ts'

/** Slots for what is found by where it begins in a pack; a power of two. */
export const SLOTS = 1 << 13

/** An object without its name. */
export interface Content {
  readonly type: ObjectType
  readonly bytes: Uint8Array
}

/** What lies in each slot. */
interface Slots<Pack> {
  readonly offsets: Float64Array
  readonly packs: (Pack | undefined)[]
  readonly contents: (Content | undefined)[]
}

/**
 * Objects that deltas build on, by their pack and where they begin in it, up to a number of bytes. Each has one
 * slot where it can lie, as in git: that is looked up faster than a map, and one that is pushed out is built again.
 */
export class DeltaBases<Pack extends object> {
  readonly #limitBytes: number
  /** Made when there is something to keep: many packs have no deltas. */
  #slots: Slots<Pack> | undefined
  #bytes = 0
  /** The slot that is emptied next when there are too many bytes. */
  #hand = 0

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  get(pack: Pack, offset: number): Content | undefined {
    const slots = this.#slots
    const slot = slotOf(offset)
    if (slots === undefined || slots.offsets[slot] !== offset) return undefined
    return slots.packs[slot] === pack ? slots.contents[slot] : undefined
  }

  /** Keeps an object, unless it alone has more than half of the bytes. */
  set(pack: Pack, offset: number, content: Content): void {
    if (content.bytes.length * 2 > this.#limitBytes) return
    const slots = this.#slots ?? makeSlots<Pack>()
    this.#slots = slots
    const slot = slotOf(offset)
    this.#empty(slots, slot)
    this.#bytes += content.bytes.length
    while (this.#bytes > this.#limitBytes) {
      this.#empty(slots, this.#hand)
      this.#hand = (this.#hand + 1) & (SLOTS - 1)
    }
    slots.offsets[slot] = offset
    slots.packs[slot] = pack
    slots.contents[slot] = content
  }

  #empty({ offsets, packs, contents }: Slots<Pack>, slot: number): void {
    this.#bytes -= contents[slot]?.bytes.length ?? 0
    offsets[slot] = -1
    packs[slot] = undefined
    contents[slot] = undefined
  }
}

function makeSlots<Pack>(): Slots<Pack> {
  return {
    offsets: new Float64Array(SLOTS).fill(-1),
    packs: new Array<Pack | undefined>(SLOTS).fill(undefined),
    contents: new Array<Content | undefined>(SLOTS).fill(undefined)
  }
}

/** Returns the slot of what begins at an offset. */
export function slotOf(offset: number): number {
  return (offset ^ (offset >>> 13)) & (SLOTS - 1)
}
