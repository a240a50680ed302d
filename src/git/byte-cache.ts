interface Kept<V> {
  readonly value: V
  readonly sizeBytes: number
}

/**
 * Keeps values up to a number of bytes; drops those that were long unused.
 *
 * What is set or asked for is young; when half of the bytes are, the others go and the young are old. So
 * nothing has to be moved at most questions.
 */
export class ByteCache<V, K extends string | number = string> {
  #young = new Map<K, Kept<V>>()
  #old: ReadonlyMap<K, Kept<V>> = new Map()
  readonly #halfBytes: number
  #youngBytes = 0

  constructor(limitBytes: number) {
    this.#halfBytes = limitBytes / 2
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young.value
    const old = this.#old.get(key)
    if (old !== undefined) this.#keep(key, old)
    return old?.value
  }

  /** Keeps a value, unless it alone is larger than half of the limit. */
  set(key: K, value: V, sizeBytes: number): void {
    if (sizeBytes <= this.#halfBytes) this.#keep(key, { value, sizeBytes })
  }

  #keep(key: K, kept: Kept<V>): void {
    this.#youngBytes += kept.sizeBytes - (this.#young.get(key)?.sizeBytes ?? 0)
    if (this.#youngBytes > this.#halfBytes) {
      this.#old = this.#young
      this.#young = new Map()
      this.#youngBytes = kept.sizeBytes
    }
    this.#young.set(key, kept)
  }
}
