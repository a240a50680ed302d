import { concatBytes, decodeUtf8, encodeUtf8 } from '../base/bytes.ts'
import type { FileSystem } from '../base/platform.ts'
import { isOid, type Oid } from '../git/objects.ts'
import { remoteErrors } from './errors.ts'

/** What a bundle says before its pack (gitformat-bundle(5)). */
export interface BundleHeader {
  readonly refs: ReadonlyMap<string, Oid>
  readonly head: string | undefined
  /** Commits that the bundle builds on and does not hold. */
  readonly prerequisites: readonly Oid[]
  /** Where the pack begins. */
  readonly packOffset: number
}

const READ_BYTES = 1 << 16
const MAX_HEADER_BYTES = 64 << 20

/** Tells whether a file begins as a bundle does. */
export async function isBundle(fs: FileSystem, path: string): Promise<boolean> {
  const start = await fs.readRange(path, 0, 16)
  return start !== undefined && /^# v\d+ git bundle/.test(decodeUtf8(start))
}

/**
 * Reads what a bundle says before its pack, in version 2 or 3.
 *
 * @throws REMOTE_BUNDLE, REMOTE_UNSUPPORTED, REMOTE_NOT_FOUND
 */
export async function readBundleHeader(
  fs: FileSystem,
  path: string,
  url: string
): Promise<BundleHeader> {
  const bytes = await readHead(fs, path, url)
  const end = findEnd(bytes)
  const damaged = (reason: string): Error => remoteErrors.create('REMOTE_BUNDLE', { url, reason })
  if (end === undefined) throw damaged('its list of refs is cut short')
  const [first = '', ...lines] = decodeUtf8(bytes.subarray(0, end - 2)).split('\n')
  const version = /^# v(\d+) git bundle$/.exec(first)?.[1]
  if (version !== '2' && version !== '3') throw damaged('it is no bundle of version 2 or 3')
  const refs = new Map<string, Oid>()
  const prerequisites: Oid[] = []
  let headOid: Oid | undefined
  for (const line of lines) {
    if (version === '3' && line.startsWith('@')) {
      checkCapability(url, line.slice(1))
      continue
    }
    const isPrerequisite = line.startsWith('-')
    const oid = line.slice(isPrerequisite ? 1 : 0, isPrerequisite ? 41 : 40)
    if (!isOid(oid)) throw damaged(`the line ${JSON.stringify(line.slice(0, 80))} names no object`)
    const name = line.slice(41)
    if (isPrerequisite) prerequisites.push(oid)
    else if (name === 'HEAD') headOid = oid
    else if (name.startsWith('refs/')) refs.set(name, oid)
  }
  const head = [...refs].find(([ref, oid]) => oid === headOid && ref.startsWith('refs/heads/'))?.[0]
  return { refs, head, prerequisites, packOffset: end }
}

/** Formats what precedes the pack of a complete bundle; version 2, which every git reads. */
export function formatBundleHeader(refs: ReadonlyMap<string, Oid>, head: string): Uint8Array {
  const lines = ['# v2 git bundle']
  for (const [ref, oid] of refs) lines.push(`${oid} ${ref}`)
  // Without HEAD, `git clone` would not know what to check out.
  const headOid = refs.get(head)
  if (headOid !== undefined) lines.push(`${headOid} HEAD`)
  return encodeUtf8(`${lines.join('\n')}\n\n`)
}

/** Reads the pack of a bundle. */
export async function* readBundlePack(
  fs: FileSystem,
  path: string,
  { packOffset }: BundleHeader
): AsyncGenerator<Uint8Array> {
  for (let offset = packOffset; ; ) {
    const chunk = await fs.readRange(path, offset, READ_BYTES * 4)
    if (chunk === undefined || chunk.length === 0) return
    yield chunk
    offset += chunk.length
  }
}

function checkCapability(url: string, capability: string): void {
  if (capability === 'object-format=sha1') return
  const reason = capability.startsWith('object-format=')
    ? `it names its objects by ${capability.slice('object-format='.length)}`
    : `it needs ${JSON.stringify(capability.slice(0, 80))}`
  throw remoteErrors.create('REMOTE_UNSUPPORTED', { url, reason })
}

async function readHead(fs: FileSystem, path: string, url: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for (;;) {
    const part = await fs.readRange(path, size, READ_BYTES)
    if (part === undefined) throw remoteErrors.create('REMOTE_NOT_FOUND', { url, detail: '' })
    parts.push(part)
    size += part.length
    const isAll = part.length < READ_BYTES || size > MAX_HEADER_BYTES
    if (isAll || findEnd(part) !== undefined) return concatBytes(parts)
  }
}

/** Finds where the empty line ends that ends the header. */
function findEnd(bytes: Uint8Array): number | undefined {
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) {
    if (bytes[at + 1] === 0x0a) return at + 2
  }
  return undefined
}
