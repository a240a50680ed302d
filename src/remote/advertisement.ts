import { redactText } from '../base/redact.ts'
import { isOid, type Oid } from '../git/objects.ts'
import { isRefName } from '../git/ref-name.ts'
import { remoteErrors } from './errors.ts'
import { type PktReader, pktText } from './pkt-line.ts'

/** What of git a remote is asked for. */
export type Service = 'git-upload-pack' | 'git-receive-pack'

/** What a remote has and can do. */
export interface Advertisement {
  /** The version of the protocol that the remote answers in; in version 2 it lists no refs. Default: 0 or 1. */
  readonly version?: 2
  /**
   * The refs by their names, without `HEAD`, without what tags point at, and without names that git
   * takes for none.
   */
  readonly refs: ReadonlyMap<string, Oid>
  /** What the remote can do (gitprotocol-capabilities(5)); those that repeat keep their last value. */
  readonly capabilities: ReadonlyMap<string, string>
  /** The ref that `HEAD` points at: the default branch, born or not, if the remote tells. */
  readonly head: string | undefined
  /** Further objects that the remote has, such as those of forks. */
  readonly haves: readonly Oid[]
}

/** A list of refs may be so long: some hundred thousand refs. */
const ADVERTISEMENT_MAX_BYTES = 50_000_000

/**
 * Reads what a remote says first (gitprotocol-pack(5), “Reference Discovery”), up to the flush that
 * ends it: an advertisement that is cut short is an error, since refs that are missing from it would
 * count as deleted.
 *
 * @throws REMOTE_PROTOCOL, REMOTE_SAID, REMOTE_UNSUPPORTED
 */
export async function readAdvertisement(url: string, reader: PktReader): Promise<Advertisement> {
  const refs = new Map<string, Oid>()
  const capabilities = new Map<string, string>()
  const haves: Oid[] = []
  let head: string | undefined
  let version: 2 | undefined
  let left = ADVERTISEMENT_MAX_BYTES
  for (let number = 0; ; number++) {
    const pkt = await reader.read()
    if (pkt === undefined) throw reader.damaged('the list of refs is cut short')
    if (pkt === null) break
    left -= pkt.length + 4
    if (left < 0) throw reader.damaged('the list of refs does not end')
    const text = pktText(pkt)
    if (text.startsWith('ERR ')) {
      throw remoteErrors.create('REMOTE_SAID', { url, message: cleanMessage(text.slice(4)) })
    }
    if (text.startsWith('version 1')) continue
    if (text === 'version 2') version = 2
    else if (version === 2) capabilities.set(...splitAt(text, '='))
    if (version === 2) continue
    if (number === 0 && text.startsWith('# service=')) {
      if ((await reader.read()) !== null) throw reader.damaged('no flush follows its first line')
      continue
    }
    if (text.startsWith('shallow ')) throw unsupported(url, 'it is shallow: its history is cut off')
    const [line = '', list] = text.split('\0')
    if (list !== undefined) {
      for (const item of list.trim().split(' ')) {
        const [name = '', value = ''] = splitAt(item, '=')
        capabilities.set(name, value)
        if (name === 'symref' && value.startsWith('HEAD:')) head = value.slice(5)
      }
      checkFormat(url, capabilities)
    }
    const [oid = '', name = ''] = splitAt(line, ' ')
    if (!isOid(oid) || name === '') {
      throw reader.damaged(`${JSON.stringify(line.slice(0, 100))} is no ref`)
    }
    if (name === '.have') haves.push(oid)
    else if (name.startsWith('refs/') && isRefName(name)) refs.set(name, oid)
  }
  if (version === 2) checkFormat(url, capabilities)
  return { ...(version === undefined ? {} : { version }), refs, capabilities, head, haves }
}

/** Returns a line of a remote as it may be shown: without control characters and credentials. */
export function cleanLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
  const clean = text.replace(/\u001b\[[0-9;]*[A-Za-z]|[\u0000-\u001f\u007f-\u009f]+/g, ' ')
  return redactText(clean.trim())
}

/** Returns a message of a remote as a part of a sentence. */
export function cleanMessage(text: string): string {
  return cleanLine(text).replace(/\.+$/, '')
}

function checkFormat(url: string, capabilities: ReadonlyMap<string, string>): void {
  const format = capabilities.get('object-format') ?? 'sha1'
  if (format !== 'sha1') throw unsupported(url, `it names its objects by ${format}`)
}

function unsupported(url: string, reason: string): Error {
  return remoteErrors.create('REMOTE_UNSUPPORTED', { url, reason })
}

function splitAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
