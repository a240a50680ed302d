import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A web server that says what it is told to, in git's packets. */
export interface CraftedRemote {
  readonly url: string
  close(): Promise<void>
}

/** What such a server answers with. */
export interface CraftedAnswers {
  readonly refs: Readonly<Record<string, string>>
  /** The pack, whatever is asked for. */
  readonly pack?: Iterable<Uint8Array>
  /** Answers in another way than with the refs. Default: never. */
  readonly advertise?: (response: ServerResponse) => void
  /** Answers in another way than with the pack. Default: never. */
  readonly answer?: (response: ServerResponse) => void
}

export function pkt(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes])
}

/** Formats a list of refs as `git-upload-pack` begins with it over HTTP. */
export function formatAdvertisement(refs: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries(refs).map(([name, oid], index) =>
    pkt(`${oid} ${name}${index === 0 ? '\0side-band-64k ofs-delta' : ''}\n`)
  )
  return Buffer.concat([pkt('# service=git-upload-pack\n'), FLUSH, ...lines, FLUSH])
}

const FLUSH = Buffer.from('0000')
const BAND_BYTES = 65_000

/** Sends pieces one after the other, as fast as they are taken. */
export async function sendAll(response: ServerResponse, pieces: Iterable<Uint8Array>) {
  for (const piece of pieces) {
    if (response.destroyed) return
    if (response.write(piece)) continue
    await new Promise<void>((resolve) => {
      const go = (): void => {
        response.off('drain', go).off('close', go)
        resolve()
      }
      response.on('drain', go).on('close', go)
    })
  }
  response.end()
}

function* inBands(pack: Iterable<Uint8Array>): Generator<Uint8Array> {
  yield pkt('NAK\n')
  for (const part of pack) {
    for (let at = 0; at < part.length; at += BAND_BYTES) {
      yield pkt(Buffer.concat([Uint8Array.of(1), part.subarray(at, at + BAND_BYTES)]))
    }
  }
  yield FLUSH
}

export async function serveCrafted(answers: CraftedAnswers): Promise<CraftedRemote> {
  const server = createServer((request, response) => {
    response.on('error', () => undefined)
    request.resume()
    const isList = request.method === 'GET'
    const kind = isList ? 'advertisement' : 'result'
    response.setHeader('content-type', `application/x-git-upload-pack-${kind}`)
    if (isList && answers.advertise !== undefined) return answers.advertise(response)
    if (isList) return void response.end(formatAdvertisement(answers.refs))
    if (answers.answer !== undefined) return answers.answer(response)
    void sendAll(response, inBands(answers.pack ?? []))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/crafted.git`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}
