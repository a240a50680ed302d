import { decodeUtf8, encodeUtf8 } from '../base/bytes.ts'
import { ByteQueue } from '../git/byte-queue.ts'
import { remoteErrors } from './errors.ts'

/** The packet that ends a list (gitprotocol-common(5)). */
export const FLUSH = encodeUtf8('0000')

/** Formats a line as a packet. */
export function formatPkt(text: string): Uint8Array {
  const bytes = encodeUtf8(text)
  const pkt = new Uint8Array(bytes.length + 4)
  pkt.set(encodeUtf8((bytes.length + 4).toString(16).padStart(4, '0')))
  pkt.set(bytes, 4)
  return pkt
}

/** Returns the text of a packet without the line break at its end. */
export function pktText(pkt: Uint8Array): string {
  return decodeUtf8(pkt).replace(/\n$/, '')
}

/** Reads packets from a stream. */
export class PktReader {
  readonly url: string
  readonly #stream: AsyncIterator<Uint8Array>
  readonly #queue = new ByteQueue()

  /** `url` is for the messages of errors. */
  constructor(url: string, stream: AsyncIterable<Uint8Array>) {
    this.url = url
    this.#stream = stream[Symbol.asyncIterator]()
  }

  /**
   * Reads a packet: its bytes, `null` for a flush, `undefined` where the stream ends between packets.
   *
   * @throws REMOTE_PROTOCOL if the stream ends within a packet, or is none of packets.
   */
  async read(): Promise<Uint8Array | null | undefined> {
    if (!(await this.#fill(4))) {
      if (this.#queue.length === 0) return undefined
      throw this.damaged('it ends in the middle of a packet')
    }
    const head = String.fromCharCode(...this.#queue.take(4))
    if (!/^[0-9a-f]{4}$/i.test(head)) {
      const start = head + decodeUtf8(this.#queue.peek().subarray(0, 100))
      throw this.damaged(`a packet begins with ${JSON.stringify(start)}`)
    }
    const length = Number.parseInt(head, 16)
    if (length === 0) return null
    if (length < 4) throw this.damaged(`a packet has the length ${length}`)
    if (!(await this.#fill(length - 4))) throw this.damaged('it ends in the middle of a packet')
    return this.#queue.take(length - 4)
  }

  /** Reads what follows the packets that were read, as it comes. */
  async *rest(): AsyncGenerator<Uint8Array> {
    if (this.#queue.length > 0) yield this.#queue.take(this.#queue.length)
    for (;;) {
      const { value, done } = await this.#stream.next()
      if (done) return
      yield value
    }
  }

  /** Ends the stream, read or not. */
  async close(): Promise<void> {
    await this.#stream.return?.()
  }

  damaged(reason: string): Error {
    return remoteErrors.create('REMOTE_PROTOCOL', { url: this.url, reason })
  }

  async #fill(count: number): Promise<boolean> {
    while (this.#queue.length < count) {
      const { value, done } = await this.#stream.next()
      if (done) return false
      this.#queue.push(value)
    }
    return true
  }
}
