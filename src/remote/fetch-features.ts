import { concatBytes, encodeUtf8 } from '../base/bytes.ts'
import type { Oid } from '../git/objects.ts'
import { cleanMessage } from './advertisement.ts'
import { remoteErrors } from './errors.ts'
import { FLUSH, formatPkt, PktReader, pktText } from './pkt-line.ts'
import type { PackRequest } from './remote.ts'
import { readSideBand } from './side-band.ts'
import type { Connection } from './transport.ts'

const SERVICE = 'git-upload-pack'
const AGENT = 'agent=git/runtree'
/** By this depth git means all of history. */
const WHOLE_DEPTH = 0x7fffffff
/** More commits at which history ends are refused. */
const MAX_EDGE = 1_000_000
/** The packet between the sections of a message of version 2. */
const DELIMITER = encodeUtf8('0001')

/** Returns the capabilities that a request needs beside those of every one. */
export function featuresOf({ filter, history }: PackRequest): readonly string[] {
  const isCut = history !== undefined && (history.depth !== undefined || history.edge.length > 0)
  // What was left at the remote is not here for a delta to build on.
  return [filter === undefined ? 'thin-pack' : 'filter', ...(isCut ? ['shallow'] : [])]
}

/** Formats what is said of history and of what to leave out, after what is wanted. */
export function formatFeatures({ filter, history }: PackRequest): readonly Uint8Array[] {
  const lines = (history?.edge ?? []).map((oid) => `shallow ${oid}\n`)
  if (history?.depth !== undefined) {
    lines.push(`deepen ${Math.min(history.depth, WHOLE_DEPTH)}\n`)
  }
  if (filter !== undefined) lines.push(`filter ${filter}\n`)
  return lines.map(formatPkt)
}

/** Reads how the edge of history moves, where a depth was asked for. */
export async function readEdge(reader: PktReader, { history }: PackRequest): Promise<void> {
  if (history?.depth === undefined) return
  const moved: Record<'shallow' | 'unshallow', Oid[]> = { shallow: [], unshallow: [] }
  for (;;) {
    const pkt = await reader.read()
    if (pkt === undefined) throw reader.damaged('it ends before it says where history ends')
    if (pkt === null) break
    const text = pktText(pkt)
    const [, word, oid = ''] = /^(shallow|unshallow) ([0-9a-f]{40})$/.exec(text) ?? []
    if (word !== 'shallow' && word !== 'unshallow') throw unexpected(reader, text)
    if (moved[word].push(oid) > MAX_EDGE) throw reader.damaged('the end of history does not end')
  }
  history.onMove(moved)
}

/**
 * Asks for objects by their names in version 2 of the protocol (gitprotocol-v2(5), “fetch”), in which a
 * remote gives every object that it has.
 */
export async function* fetchVersion2(
  connection: Connection,
  capabilities: ReadonlyMap<string, string>,
  request: PackRequest
): AsyncGenerator<Uint8Array> {
  const { url } = connection
  const features = capabilities.get('fetch')?.split(' ') ?? []
  const filter = features.includes('filter') ? request.filter : undefined
  const head = ['command=fetch\n', ...(capabilities.has('agent') ? [`${AGENT}\n`] : [])]
  if (capabilities.has('object-format')) head.push('object-format=sha1\n')
  const lines = ['ofs-delta\n', ...request.wants.map((oid) => `want ${oid}\n`)]
  if (filter !== undefined) lines.push(`filter ${filter}\n`)
  const parts = [...head.map(formatPkt), DELIMITER, ...lines.map(formatPkt), formatPkt('done\n')]
  const body = concatBytes([...parts, FLUSH])
  const answer = connection.exchange(
    SERVICE,
    (async function* () {
      yield body
    })()
  )
  const reader = new PktReader(url, answer)
  try {
    const first = await reader.read()
    if (!first) throw reader.damaged('it ends before the objects')
    if (pktText(first) !== 'packfile') throw unexpected(reader, pktText(first))
    yield* readSideBand(url, reader, request.onMessage)
  } finally {
    await reader.close()
  }
}

function unexpected(reader: PktReader, text: string): Error {
  const message = cleanMessage(text).slice(0, 100)
  if (text.startsWith('ERR ')) {
    const data = { url: reader.url, message: cleanMessage(text.slice(4)) }
    return remoteErrors.create('REMOTE_SAID', data)
  }
  return reader.damaged(`${JSON.stringify(message)} is no answer`)
}
