/** Keeps values up to a number of bytes; drops first what was longest unused. */
export class ByteCache<V> {
  readonly #entries = new Map<string, { readonly value: V; readonly sizeBytes: number }>()
  readonly #limitBytes: number
  #sizeBytes = 0

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry.value
  }

  /** Keeps a value, unless it alone is larger than half of the limit. */
  set(key: string, value: V, sizeBytes: number): void {
    if (sizeBytes * 2 > this.#limitBytes) return
    this.delete(key)
    this.#entries.set(key, { value, sizeBytes })
    this.#sizeBytes += sizeBytes
    for (const oldest of this.#entries.keys()) {
      if (this.#sizeBytes <= this.#limitBytes) break
      this.delete(oldest)
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#sizeBytes -= entry.sizeBytes
  }
}
