/** Bytes that wait for somebody, on whom others wait when they are many. */
export class Backlog {
  readonly #fullBytes: number
  #waitingBytes = 0
  readonly #behind: (() => void)[] = []

  constructor(fullBytes: number) {
    this.#fullBytes = fullBytes
  }

  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** Returns what to wait for until fewer bytes wait; `undefined` if these are few. */
  drain(): Promise<void> | undefined {
    if (this.#waitingBytes < this.#fullBytes) return undefined
    return new Promise((resolve) => this.#behind.push(resolve))
  }

  add(bytes: number): void {
    this.#waitingBytes += bytes
  }

  /** Notes that bytes wait no more. */
  remove(bytes: number): void {
    this.#waitingBytes -= bytes
    if (this.#waitingBytes >= this.#fullBytes) return
    for (const resolve of this.#behind.splice(0)) resolve()
  }
}
