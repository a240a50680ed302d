import type { Zlib } from '../base/platform.ts'
import { applyDeltaInto, sizeOfTarget } from './delta.ts'
import { SLOTS, slotOf } from './delta-bases.ts'
import { inflateSmall } from './inflate-small.ts'
import { OFS_DELTA, REF_DELTA } from './pack-table.ts'
import type { SealedPack } from './sealed-pack.ts'

/** Larger objects are left to who reads with more care. */
const MAX_BYTES = 64 << 10
const MAX_DEPTH = 4096
const SLAB_BYTES = 1 << 20
/** After so many slabs, what was read is forgotten. */
const MAX_SLABS = 24

/** An object that was read; the next one takes its place here, but its bytes stay as they are. */
interface FoundObject {
  /** The number of its type in packs. */
  kind: number
  bytes: Uint8Array
  start: number
  end: number
}

/**
 * Reads the small objects of a pack at once, one after the other, without an object for each: bases of deltas
 * lie in slabs, and are found by where they begin in the pack.
 */
export class EntryScan {
  readonly pack: SealedPack
  readonly #zlib: Zlib
  /** What was read last. */
  readonly found: FoundObject = { kind: 0, bytes: new Uint8Array(0), start: 0, end: 0 }
  /** What has to be loaded before an object can be read; -1 if that would not help. */
  needed = -1
  #slab = new Uint8Array(0)
  #used = 0
  #slabs = 0
  readonly #offsets = new Float64Array(SLOTS).fill(-1)
  readonly #kept: (Uint8Array | undefined)[] = new Array(SLOTS).fill(undefined)
  readonly #starts = new Int32Array(SLOTS)
  readonly #ends = new Int32Array(SLOTS)
  readonly #kinds = new Uint8Array(SLOTS)
  /** The entries of a chain of deltas. */
  readonly #chain = new Float64Array(MAX_DEPTH)
  /** What the head of an entry says, as `#readHead` found it. */
  readonly #head = { kind: 0, size: 0, at: 0, base: -1 }
  readonly #delta = { bytes: new Uint8Array(MAX_BYTES), start: 0, end: 0 }

  constructor(pack: SealedPack, zlib: Zlib) {
    this.pack = pack
    this.#zlib = zlib
  }

  /** Reads the object at an offset to `found`; `false` if that can't be done so, or something is `needed`. */
  read(offset: number): boolean {
    let depth = 0
    for (let at = offset; !this.#recall(at); at = this.#head.base) {
      if (!this.#readHead(at)) return false
      if (this.#head.base < 0) {
        if (!this.#readWhole(at)) return false
        break
      }
      if (depth === MAX_DEPTH) return this.#refuse()
      this.#chain[depth++] = at
    }
    while (depth > 0) if (!this.#build(this.#chain[--depth] as number)) return false
    return true
  }

  #refuse(): false {
    this.needed = -1
    return false
  }

  #recall(offset: number): boolean {
    const slot = slotOf(offset)
    if (this.#offsets[slot] !== offset) return false
    this.found.bytes = this.#kept[slot] as Uint8Array
    this.found.start = this.#starts[slot] as number
    this.found.end = this.#ends[slot] as number
    this.found.kind = this.#kinds[slot] as number
    return true
  }

  #keep(offset: number): void {
    const slot = slotOf(offset)
    this.#offsets[slot] = offset
    this.#kept[slot] = this.found.bytes
    this.#starts[slot] = this.found.start
    this.#ends[slot] = this.found.end
    this.#kinds[slot] = this.found.kind
  }

  #readHead(offset: number): boolean {
    const { pack } = this
    const bytes = pack.chunkOf(offset)
    if (bytes === undefined) {
      this.needed = offset
      return false
    }
    const head = this.#head
    let at = pack.placeOf(offset)
    let byte = bytes[at++] ?? 0
    head.kind = (byte >> 4) & 7
    head.size = byte & 0x0f
    for (let scale = 16; byte & 0x80; scale *= 128) {
      byte = bytes[at++] ?? 0
      head.size += (byte & 0x7f) * scale
    }
    head.base = -1
    if (head.size > MAX_BYTES || head.kind === 0 || head.kind === 5) return this.#refuse()
    if (head.kind === OFS_DELTA) {
      byte = bytes[at++] ?? 0
      let distance = byte & 0x7f
      while (byte & 0x80) {
        byte = bytes[at++] ?? 0
        distance = (distance + 1) * 128 + (byte & 0x7f)
      }
      head.base = offset - distance
      if (distance <= 0 || head.base < 12) return this.#refuse()
    } else if (head.kind === REF_DELTA) {
      const position = at + 20 > bytes.length ? -1 : pack.index.findName(bytes, at)
      if (position < 0) return this.#refuse()
      head.base = pack.index.offsetAt(position)
      at += 20
    }
    head.at = at
    return true
  }

  #readWhole(offset: number): boolean {
    const { found } = this
    const { kind, size } = this.#head
    this.#reserve(size)
    if (!this.#inflate(offset, this.#slab, found.start)) return this.#refuse()
    found.kind = kind
    this.#keep(offset)
    return true
  }

  /** Builds an object from `found`, which is the base of its delta. */
  #build(offset: number): boolean {
    const { found } = this
    const delta = this.#delta
    if (!this.#readHead(offset) || !this.#inflate(offset, delta.bytes, 0)) return this.#refuse()
    delta.end = this.#head.size
    const { bytes, start, end } = found
    const size = sizeOfTarget(delta)
    if (size < 0 || size > MAX_BYTES) return this.#refuse()
    this.#reserve(size)
    const base = { bytes, start, end }
    if (!applyDeltaInto(base, delta, found)) return this.#refuse()
    this.#keep(offset)
    return true
  }

  /** Makes room for an object, to which `found` points then. */
  #reserve(size: number): void {
    if (this.#used + size > this.#slab.length) {
      if (++this.#slabs > MAX_SLABS) {
        this.#slabs = 1
        this.#offsets.fill(-1)
        this.#kept.fill(undefined)
      }
      this.#slab = new Uint8Array(SLAB_BYTES)
      this.#used = 0
    }
    const { found } = this
    found.bytes = this.#slab
    found.start = this.#used
    this.#used += size
    found.end = this.#used
  }

  #inflate(offset: number, target: Uint8Array, to: number): boolean {
    const { at, size } = this.#head
    const chunk = this.pack.chunkOf(offset)
    if (chunk === undefined) return false
    if (inflateSmall(chunk, at, target, to, to + size)) return true
    try {
      const part = this.#zlib.inflatePart(chunk.subarray(at, at + size + (size >> 4) + 64), size)
      if (part?.bytes.length !== size) return false
      target.set(part.bytes, to)
      return true
    } catch {
      return false
    }
  }
}
