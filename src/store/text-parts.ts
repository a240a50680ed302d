import { encodeUtf8 } from '../base/bytes.ts'
import { appendLog } from '../format/log-parts.ts'

/** Parts of a file that grows, by number. */
export interface GrowingParts {
  /** Adds text that ends with a line break. */
  add(text: string): void
  /** Returns the parts that have grown since `settle`. */
  grown(): readonly (readonly [number: number, bytes: Uint8Array])[]
  /** Forgets the parts that were given and can't grow any more. */
  settle(): void
}

const ASCII = /^[\0-\x7f]*$/

/** Parts of lines, each with a header; a line is never cut. */
export class LineParts implements GrowingParts {
  readonly #header: string
  readonly #maxBytes: number
  #full: (readonly [number, Uint8Array])[] = []
  #number = 0
  #text: string
  #sizeBytes: number
  #isGrown = false

  constructor(header: string, maxBytes: number) {
    this.#header = header
    this.#maxBytes = maxBytes
    this.#text = header
    this.#sizeBytes = header.length
  }

  /** How many there are. */
  get count(): number {
    return this.#number + 1
  }

  add(line: string): void {
    const sizeBytes = ASCII.test(line) ? line.length : encodeUtf8(line).length
    const isEmpty = this.#sizeBytes === this.#header.length
    if (!isEmpty && this.#sizeBytes + sizeBytes > this.#maxBytes) {
      if (this.#isGrown) this.#full.push([this.#number, encodeUtf8(this.#text)])
      this.#number++
      this.#text = this.#header
      this.#sizeBytes = this.#header.length
    }
    this.#text += line
    this.#sizeBytes += sizeBytes
    this.#isGrown = true
  }

  grown(): readonly (readonly [number, Uint8Array])[] {
    if (!this.#isGrown) return this.#full
    return [...this.#full, [this.#number, encodeUtf8(this.#text)]]
  }

  settle(): void {
    this.#full = []
    this.#isGrown = false
  }
}

/** Text is put into parts when so much of it has come. */
const LOG_BATCH_CHARS = 1 << 15

/** Parts of a log. */
export class LogParts implements GrowingParts {
  #full: (readonly [number, Uint8Array])[] = []
  #number = 0
  #part: Uint8Array = new Uint8Array()
  #text = ''
  #isGrown = false

  add(text: string): void {
    this.#text += text
    if (this.#text.length >= LOG_BATCH_CHARS) this.#append()
  }

  grown(): readonly (readonly [number, Uint8Array])[] {
    this.#append()
    return this.#isGrown ? [...this.#full, [this.#number, this.#part]] : this.#full
  }

  settle(): void {
    this.#full = []
    this.#isGrown = false
  }

  #append(): void {
    if (this.#text === '') return
    const parts = appendLog(this.#part, this.#text)
    this.#text = ''
    for (const part of parts.slice(0, -1)) this.#full.push([this.#number++, part])
    this.#part = parts.at(-1) as Uint8Array
    this.#isGrown = true
  }
}
