import { concatBytes } from '../base/bytes.ts'
import type { Oid } from '../git/objects.ts'
import { type Advertisement, cleanMessage } from './advertisement.ts'
import { remoteErrors } from './errors.ts'
import { featuresOf, fetchVersion2, formatFeatures, readEdge } from './fetch-features.ts'
import { FLUSH, formatPkt, PktReader, pktText } from './pkt-line.ts'
import type { PackRequest } from './remote.ts'
import { readSideBand } from './side-band.ts'
import type { Connection } from './transport.ts'

const SERVICE = 'git-upload-pack'
const AGENT = 'agent=git/runtree'
/** Names of commits in the first round of looking for common history; each round doubles it. */
const FIRST_ROUND = 32
const LARGEST_ROUND = 512

/**
 * Asks for a pack (gitprotocol-pack(5), “Packfile Negotiation”): says what is wanted, finds out round
 * by round what both sides have, and returns the pack while it comes.
 */
export async function* fetchSmartPack(
  connection: Connection,
  { version, capabilities }: Pick<Advertisement, 'version' | 'capabilities'>,
  request: PackRequest
): AsyncGenerator<Uint8Array> {
  if (version === 2) {
    yield* fetchVersion2(connection, capabilities, request)
    return
  }
  const band = ['side-band-64k', 'side-band'].find((name) => capabilities.has(name))
  if (band === undefined) {
    const reason = 'its git is too old to tell data from messages'
    throw remoteErrors.create('REMOTE_UNSUPPORTED', { url: connection.url, reason })
  }
  const wanted = ['multi_ack_detailed', 'ofs-delta', ...featuresOf(request)]
  const known = wanted.filter((c) => capabilities.has(c))
  const list = [band, ...known, ...(capabilities.has('agent') ? [AGENT] : [])].join(' ')
  const wants = request.wants.map((oid, at) =>
    formatPkt(`want ${oid}${at === 0 ? ` ${list}` : ''}\n`)
  )
  const opening = concatBytes([...wants, ...formatFeatures(request), FLUSH])
  const isDetailed = capabilities.has('multi_ack_detailed')
  const negotiation = connection.isStateless
    ? new StatelessNegotiation(connection, opening, request)
    : new StatefulNegotiation(connection, opening, request)
  try {
    if (isDetailed) await negotiate(negotiation, request)
    const rest = isDetailed ? [] : await request.haves.next(LARGEST_ROUND)
    const reader = await negotiation.finish(rest)
    yield* readPack(connection.url, reader, request)
  } finally {
    await negotiation.close()
  }
}

/** The two ways of asking which commits both sides have. */
interface Negotiation {
  /** Sends names and returns the reader of what is answered. */
  ask(haves: readonly Oid[]): Promise<PktReader>
  /** Notes that both sides have a commit. */
  agree(oid: Oid): void
  /** Says that this is all, and returns the reader of the pack. */
  finish(haves: readonly Oid[]): Promise<PktReader>
  close(): Promise<void>
}

async function negotiate(negotiation: Negotiation, { haves }: PackRequest): Promise<void> {
  for (let size = FIRST_ROUND; ; size = Math.min(size * 2, LARGEST_ROUND)) {
    const names = await haves.next(size)
    if (names.length === 0) return
    const reader = await negotiation.ask(names)
    let isReady = false
    for (;;) {
      const pkt = await reader.read()
      if (pkt === undefined) throw reader.damaged('it ends while common commits are looked for')
      if (pkt === null) continue
      const [word, oid = '', state] = pktText(pkt).split(' ')
      if (word === 'NAK') break
      if (word !== 'ACK') throw unexpected(reader, pkt)
      if (state === 'ready') isReady = true
      negotiation.agree(oid)
      haves.acknowledge(oid)
    }
    if (isReady) return
  }
}

/** Over HTTP each request begins anew and repeats what both sides have. */
class StatelessNegotiation implements Negotiation {
  readonly #connection: Connection
  readonly #opening: Uint8Array
  readonly #request: PackRequest
  readonly #common = new Set<Oid>()
  #reader: PktReader | undefined

  constructor(connection: Connection, opening: Uint8Array, request: PackRequest) {
    this.#connection = connection
    this.#opening = opening
    this.#request = request
  }

  ask(haves: readonly Oid[]): Promise<PktReader> {
    return this.#send([...formatHaves(haves), FLUSH])
  }

  agree(oid: Oid): void {
    this.#common.add(oid)
  }

  finish(haves: readonly Oid[]): Promise<PktReader> {
    return this.#send([...formatHaves(haves), formatPkt('done\n')])
  }

  async close(): Promise<void> {
    await this.#reader?.close()
  }

  async #send(parts: readonly Uint8Array[]): Promise<PktReader> {
    await this.close()
    const body = concatBytes([this.#opening, ...formatHaves([...this.#common]), ...parts])
    this.#reader = new PktReader(
      this.#connection.url,
      this.#connection.exchange(
        SERVICE,
        (async function* () {
          yield body
        })()
      )
    )
    await readEdge(this.#reader, this.#request)
    return this.#reader
  }
}

/** Over ssh one request goes to and fro. */
class StatefulNegotiation implements Negotiation {
  readonly #channel = new Channel()
  readonly #reader: PktReader
  readonly #request: PackRequest
  #isOpened = false

  constructor(connection: Connection, opening: Uint8Array, request: PackRequest) {
    this.#request = request
    this.#channel.push(opening)
    this.#reader = new PktReader(
      connection.url,
      connection.exchange(SERVICE, this.#channel.stream())
    )
  }

  async ask(haves: readonly Oid[]): Promise<PktReader> {
    await this.#readEdge()
    this.#channel.push(concatBytes([...formatHaves(haves), FLUSH]))
    return this.#reader
  }

  agree(): void {}

  /** The remote says how the edge moves before it hears what is here, and once. */
  async #readEdge(): Promise<void> {
    if (!this.#isOpened) await readEdge(this.#reader, this.#request)
    this.#isOpened = true
  }

  async finish(haves: readonly Oid[]): Promise<PktReader> {
    await this.#readEdge()
    this.#channel.push(concatBytes([...formatHaves(haves), formatPkt('done\n')]))
    this.#channel.end()
    return this.#reader
  }

  async close(): Promise<void> {
    this.#channel.end()
    await this.#reader.close()
  }
}

/** A stream that is written bit by bit while somebody reads it. */
class Channel {
  readonly #waiting: Uint8Array[] = []
  #isEnded = false
  #wake: () => void = () => undefined

  push(bytes: Uint8Array): void {
    this.#waiting.push(bytes)
    this.#wake()
  }

  end(): void {
    this.#isEnded = true
    this.#wake()
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = this.#waiting.shift()
      if (next !== undefined) yield next
      else if (this.#isEnded) return
      else await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}

async function* readPack(
  url: string,
  reader: PktReader,
  { onMessage }: PackRequest
): AsyncGenerator<Uint8Array> {
  for (;;) {
    const pkt = await reader.read()
    if (pkt === undefined) throw reader.damaged('it ends before the objects')
    if (pkt === null) continue
    const text = pkt.length < 60 || (pkt[0] as number) > 3 ? pktText(pkt) : ''
    if (/^(ACK|NAK)/.test(text)) continue
    if (text.startsWith('ERR ')) {
      throw remoteErrors.create('REMOTE_SAID', { url, message: cleanMessage(text.slice(4)) })
    }
    if ((pkt[0] ?? 0) > 3) throw unexpected(reader, pkt)
    yield* readSideBand(url, reader, onMessage, pkt)
    return
  }
}

function formatHaves(haves: readonly Oid[]): Uint8Array[] {
  return haves.map((oid) => formatPkt(`have ${oid}\n`))
}

function unexpected(reader: PktReader, pkt: Uint8Array): Error {
  return reader.damaged(`${JSON.stringify(cleanMessage(pktText(pkt)).slice(0, 100))} is no answer`)
}
