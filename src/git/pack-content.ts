const SLAB_BYTES = 1 << 20

/**
 * The inflated content of the entries of a pack, those that came last, up to a number of bytes. It lies
 * in slabs, of which the oldest goes first: no object an entry.
 */
export class PackContent {
  readonly limitBytes: number
  readonly #slabs: (Uint8Array | undefined)[] = []
  #oldest = 0
  #keptBytes = 0
  /** How much of the newest slab is in use. */
  #used = 0
  /** The number of an entry's slab and one, where it begins there, and its length. */
  #places = new Uint32Array(3 * 1024)

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes
  }

  put(number: number, bytes: Uint8Array): void {
    while (number * 3 >= this.#places.length) this.#grow()
    if (bytes.length * 2 > this.limitBytes) {
      // What was put before is not what it is now.
      this.#places[number * 3] = 0
      return
    }
    let slab = this.#slabs.at(-1)
    if (slab === undefined || this.#used + bytes.length > slab.length) {
      slab = this.#addSlab(Math.max(SLAB_BYTES, bytes.length))
    }
    slab.set(bytes, this.#used)
    this.#places[number * 3] = this.#slabs.length
    this.#places[number * 3 + 1] = this.#used
    this.#places[number * 3 + 2] = bytes.length
    this.#used += bytes.length
  }

  /** How much memory it takes. */
  get keptBytes(): number {
    return this.#keptBytes
  }

  /** Returns what was put, if it is still there; nobody changes it. */
  get(number: number): Uint8Array | undefined {
    const slab = this.#slabs[(this.#places[number * 3] ?? 0) - 1]
    const at = this.#places[number * 3 + 1] as number
    return slab?.subarray(at, at + (this.#places[number * 3 + 2] as number))
  }

  #addSlab(sizeBytes: number): Uint8Array {
    const slab = new Uint8Array(sizeBytes)
    this.#slabs.push(slab)
    this.#keptBytes += sizeBytes
    this.#used = 0
    while (this.#keptBytes > this.limitBytes) {
      this.#keptBytes -= this.#slabs[this.#oldest]?.length ?? 0
      this.#slabs[this.#oldest++] = undefined
    }
    return slab
  }

  #grow(): void {
    const larger = new Uint32Array(this.#places.length * 2)
    larger.set(this.#places)
    this.#places = larger
  }
}
