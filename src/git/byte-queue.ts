import { concatBytes } from '../base/bytes.ts'

/** Bytes that come in pieces of any size and are taken from the front; they are joined only when looked at. */
export class ByteQueue {
  #parts: Uint8Array[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#parts.push(bytes)
    this.#length += bytes.length
  }

  /** Returns all that waits, and leaves it there. */
  peek(): Uint8Array {
    if (this.#parts.length > 1) this.#parts = [concatBytes(this.#parts)]
    return this.#parts[0] ?? new Uint8Array()
  }

  /** Takes the first `count` bytes, of which there must be as many. */
  take(count: number): Uint8Array {
    const all = this.peek()
    const rest = all.subarray(count)
    this.#parts = rest.length === 0 ? [] : [rest]
    this.#length = rest.length
    return all.subarray(0, count)
  }
}
