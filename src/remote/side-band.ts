import { decodeUtf8 } from '../base/bytes.ts'
import { cleanLine, cleanMessage } from './advertisement.ts'
import { remoteErrors } from './errors.ts'
import type { PktReader } from './pkt-line.ts'

const DATA = 1
const MESSAGE = 2
const FAILURE = 3

/**
 * Takes the data out of a stream with side bands (gitprotocol-pack(5), “Packfile Data”), up to the
 * flush that ends it; lines of the other band go to `onMessage`.
 *
 * `first` is a packet that was read already.
 *
 * @throws REMOTE_SAID what the remote says as it gives up; REMOTE_PROTOCOL if the stream is cut short.
 */
export async function* readSideBand(
  url: string,
  reader: PktReader,
  onMessage: (line: string) => void,
  first?: Uint8Array
): AsyncGenerator<Uint8Array> {
  const lines = new LineSplitter(onMessage)
  let pkt: Uint8Array | null | undefined = first ?? (await reader.read())
  for (; pkt !== null; pkt = await reader.read()) {
    if (pkt === undefined) throw reader.damaged('it ends before it is complete')
    const band = pkt[0]
    if (band === DATA) {
      if (pkt.length > 1) yield pkt.subarray(1)
    } else if (band === MESSAGE) {
      lines.push(decodeUtf8(pkt.subarray(1)))
    } else if (band === FAILURE) {
      lines.end()
      const message = cleanMessage(decodeUtf8(pkt.subarray(1)))
      throw remoteErrors.create('REMOTE_SAID', { url, message })
    } else {
      throw reader.damaged(`a packet is on the unknown band ${band}`)
    }
  }
  lines.end()
}

/** Splits text into lines; a carriage return ends a line too, of which the next one takes the place. */
class LineSplitter {
  readonly #onLine: (line: string) => void
  #rest = ''

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  push(text: string): void {
    const lines = (this.#rest + text).split(/[\r\n]+/)
    this.#rest = (lines.pop() as string).slice(-10_000)
    for (const line of lines) this.#emit(line)
  }

  end(): void {
    this.#emit(this.#rest)
    this.#rest = ''
  }

  #emit(line: string): void {
    const clean = cleanLine(line)
    if (clean !== '') this.#onLine(clean)
  }
}
