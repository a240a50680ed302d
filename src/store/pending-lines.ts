/** Bytes of entries that are kept in memory while the disk does not take them. */
export const PENDING_MAX_BYTES = 64_000_000

/**
 * Lines that wait in memory, at most 64 MB of them.
 *
 * When it is full, what is new is thrown away, not what is old: a series that ends early is better
 * than one that begins anywhere, and the first lines say what the run is.
 */
export class PendingLines {
  #lines: Uint8Array[] = []
  #next = 0
  #sizeBytes = 0
  #lost = 0

  get isEmpty(): boolean {
    return this.#next === this.#lines.length
  }

  get count(): number {
    return this.#lines.length - this.#next
  }

  /** Lines that were thrown away. */
  get lost(): number {
    return this.#lost
  }

  /** What comes next; `undefined` if nothing waits. */
  get first(): Uint8Array | undefined {
    return this.#lines[this.#next]
  }

  add(line: Uint8Array, kept: boolean): void {
    if (!kept && this.#sizeBytes + line.length > PENDING_MAX_BYTES) {
      this.#lost++
      return
    }
    this.#lines.push(line)
    this.#sizeBytes += line.length
  }

  /** Takes over what waits in another list, before what waits here. */
  prepend(other: PendingLines): void {
    this.#lines = [...other.#lines.slice(other.#next), ...this.#lines.slice(this.#next)]
    this.#next = 0
    this.#sizeBytes += other.#sizeBytes
    this.#lost += other.#lost
    other.clear()
  }

  clear(): void {
    this.#lines = []
    this.#next = 0
    this.#sizeBytes = 0
    this.#lost = 0
  }

  /** Forgets bytes from the beginning. */
  drop(sizeBytes: number): void {
    let left = sizeBytes
    for (let line = this.first; line !== undefined && left > 0; line = this.first) {
      const count = Math.min(left, line.length)
      left -= count
      this.#sizeBytes -= count
      if (count < line.length) {
        this.#lines[this.#next] = line.subarray(count)
        return
      }
      this.#next++
    }
    if (this.isEmpty) {
      this.#lines = []
      this.#next = 0
    }
  }
}
