/**
 * Offsets in buckets of equal width, about one in each: who reads some entries of a large pack need not
 * wait until all offsets are sorted.
 */
export class OffsetOrder {
  /** Bucket after bucket; in no order inside of one. */
  readonly #offsets: Float64Array
  /** Where each bucket begins, and where the last one ends. */
  readonly #starts: Uint32Array
  readonly #width: number

  constructor(count: number, offsetAt: (position: number) => number) {
    const given = new Float64Array(count)
    let last = 0
    for (let position = 0; position < count; position++) {
      const offset = offsetAt(position)
      given[position] = offset
      if (offset > last) last = offset
    }
    this.#width = (last + 1) / Math.max(1, count)
    this.#starts = new Uint32Array(count + 2)
    for (const offset of given) {
      const bucket = this.#bucketOf(offset) + 1
      this.#starts[bucket] = (this.#starts[bucket] as number) + 1
    }
    for (let bucket = 0; bucket < count; bucket++) {
      this.#starts[bucket + 1] =
        (this.#starts[bucket + 1] as number) + (this.#starts[bucket] as number)
    }
    const next = this.#starts.slice()
    this.#offsets = new Float64Array(count)
    for (const offset of given) {
      const bucket = this.#bucketOf(offset)
      const at = next[bucket] as number
      this.#offsets[at] = offset
      next[bucket] = at + 1
    }
  }

  /** Returns the least offset that is greater; `undefined` if there is none. */
  after(offset: number): number | undefined {
    const { length } = this.#offsets
    for (let bucket = this.#bucketOf(offset); bucket < length; bucket++) {
      let least = Number.POSITIVE_INFINITY
      const end = this.#starts[bucket + 1] as number
      for (let at = this.#starts[bucket] as number; at < end; at++) {
        const found = this.#offsets[at] as number
        if (found > offset && found < least) least = found
      }
      if (least < Number.POSITIVE_INFINITY) return least
    }
    return undefined
  }

  #bucketOf(offset: number): number {
    return Math.floor(offset / this.#width)
  }
}
