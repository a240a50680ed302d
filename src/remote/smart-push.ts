import { concatBytes } from '../base/bytes.ts'
import type { Advertisement } from './advertisement.ts'
import { cleanMessage } from './advertisement.ts'
import { remoteErrors } from './errors.ts'
import { FLUSH, formatPkt, PktReader, pktText } from './pkt-line.ts'
import type { PushAnswer, PushRequest } from './remote.ts'
import { readSideBand } from './side-band.ts'
import type { Connection } from './transport.ts'

const SERVICE = 'git-receive-pack'
const ZERO = '0'.repeat(40)

/** Pushes (gitprotocol-pack(5), “Pushing Data To a Server”). */
export async function pushSmart(
  connection: Connection,
  { capabilities }: Advertisement,
  request: PushRequest
): Promise<PushAnswer> {
  const { url } = connection
  if (!capabilities.has('report-status')) {
    const reason = 'its git is too old to say whether it took what is pushed'
    throw remoteErrors.create('REMOTE_UNSUPPORTED', { url, reason })
  }
  const isBanded = capabilities.has('side-band-64k')
  const list = ['report-status']
  if (isBanded) list.push('side-band-64k')
  if (request.isAtomic) list.push('atomic')
  if (capabilities.has('agent')) list.push('agent=git/runtree')
  const answer = connection.exchange(SERVICE, formatRequest(request, capabilities, list))
  const reader = new PktReader(url, answer)
  try {
    const data = isBanded && readSideBand(url, reader, request.onMessage)
    const reports = data === false ? reader : new PktReader(url, data)
    const report = await readReport(reports)
    await awaitEnd(reports)
    return report
  } finally {
    await reader.close()
  }
}

/** Lets the remote come to its end: its hooks still run, and web servers stop them when nobody listens. */
async function awaitEnd(reader: PktReader): Promise<void> {
  const rest = reader.rest()
  try {
    while ((await rest.next()).done !== true);
  } catch {
    // What became of the refs is known by now.
  }
}

async function* formatRequest(
  { commands, pack }: PushRequest,
  capabilities: ReadonlyMap<string, string>,
  list: readonly string[]
): AsyncGenerator<Uint8Array> {
  const lines = commands.map(({ ref, expected, value }, at) =>
    formatPkt(
      `${expected ?? ZERO} ${value ?? ZERO} ${ref}${at === 0 ? `\0 ${list.join(' ')}` : ''}\n`
    )
  )
  yield concatBytes([...lines, FLUSH])
  if (commands.every(({ value }) => value === null)) return
  yield* pack({ offsets: capabilities.has('ofs-delta'), thin: !capabilities.has('no-thin') })
}

/** Reads what became of each ref (gitprotocol-pack(5), “Report Status”). */
async function readReport(reader: PktReader): Promise<PushAnswer> {
  const refs = new Map<string, string | undefined>()
  let unpack: string | undefined
  for (;;) {
    const pkt = await reader.read()
    if (pkt === undefined) throw reader.damaged('the report of the push is cut short')
    if (pkt === null) break
    const text = pktText(pkt)
    const match = /^(unpack|ok|ng) (\S+) ?(.*)$/s.exec(text)
    const [, word, name = '', reason = ''] = match ?? []
    if (word === 'unpack') unpack = text.slice('unpack '.length)
    else if (word === 'ok') refs.set(name, undefined)
    else if (word === 'ng') refs.set(name, cleanMessage(reason) || 'it gave no reason')
    else throw reader.damaged(`${JSON.stringify(cleanMessage(text).slice(0, 100))} is no report`)
  }
  if (unpack === undefined) throw reader.damaged('the report of the push is empty')
  if (unpack === 'ok') return refs
  const reason = `it could not take the objects: ${cleanMessage(unpack)}`
  return new Map([...refs.keys()].map((ref) => [ref, reason]))
}
