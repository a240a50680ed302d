import { redactText, withoutCredentials } from '../base/redact.ts'
import { remoteErrors } from './errors.ts'

/** An address that was understood. */
export type RemoteAddress = HttpAddress | SshAddress | PathAddress

/** A repository behind a web server. */
export interface HttpAddress {
  readonly kind: 'http'
  /** The address without user, password, query, fragment and a slash at the end. */
  readonly url: string
  readonly host: string
  /** What the address itself says of credentials; never to be stored or shown. */
  readonly username?: string
  readonly password?: string
}

/** A repository behind ssh. */
export interface SshAddress {
  readonly kind: 'ssh'
  /** The address as it was given, without a password. */
  readonly url: string
  readonly user?: string
  readonly host: string
  readonly port?: number
  /** As the other side's git understands it: absolute, or from the user's folder. */
  readonly path: string
}

/** A folder, or a bundle file. */
export interface PathAddress {
  readonly kind: 'path'
  readonly url: string
  readonly path: string
}

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i
const DRIVE = /^[a-zA-Z]:[\\/]/
/** git@host:path and host:path; a colon before the first slash means that. */
const SCP = /^(?:([^/@:]+)@)?(\[[^\]/]+\]|[^/@:[\]]+):(.*)$/s

/**
 * Parses an address: `https://`, `http://`, `ssh://`, `host:path`, `file://`, or a path.
 *
 * @throws REMOTE_ADDRESS if it is of another kind, or one that a program could take for an option.
 */
export function parseRemoteUrl(text: string): RemoteAddress {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused.
  if (/[\u0000-\u001f\u007f]/.test(text)) throw refuse(text, 'it has a control character')
  if (text.trim() === '') throw refuse(text, 'it is empty')
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase()
  if (scheme === 'http' || scheme === 'https') return parseHttp(text)
  if (scheme === 'ssh' || scheme === 'git+ssh' || scheme === 'ssh+git') return parseSsh(text)
  if (scheme === 'file') return parseFile(text)
  if (scheme !== undefined) throw refuse(text, `${scheme}:// is not supported`)
  if (/^[^/\\]*::/.test(text) && !text.startsWith('[')) {
    throw refuse(text, 'addresses of the form x:: run programs')
  }
  const scp = DRIVE.test(text) || /^[./~\\]/.test(text) ? null : SCP.exec(text)
  if (scp !== null) {
    const [, user, host = '', path = ''] = scp
    return checkSsh({ kind: 'ssh', url: text, ...optional({ user }), host: unbracket(host), path })
  }
  return parsePath(text, text)
}

/** Returns a text with the credentials in the addresses in it replaced. */
export const redactUrl = redactText

export { withoutCredentials }

/**
 * Returns what two addresses of one repository have in common: host and path, without scheme, user,
 * port and `.git`. `github.com/team/vision` for https and ssh alike; of a folder, its path.
 */
export function remoteKeyOf(url: string): string {
  const address = parseRemoteUrl(url)
  if (address.kind === 'path') return trimEnd(address.path.replaceAll('\\', '/'))
  const path = address.kind === 'ssh' ? address.path : decode(new URL(address.url).pathname)
  const host = address.kind === 'ssh' ? address.host : new URL(address.url).hostname
  return `${host.toLowerCase()}/${trimEnd(path).replace(/^\/+/, '')}`
}

function trimEnd(path: string): string {
  return path.replace(/\/+$/, '').replace(/\.git$/, '')
}

function parseHttp(text: string): HttpAddress {
  let parsed: URL
  try {
    parsed = new URL(text)
  } catch {
    throw refuse(text, 'it is not a valid web address')
  }
  if (parsed.hostname.startsWith('-')) throw refuse(text, 'its host begins with a hyphen')
  const username = decode(parsed.username)
  const password = decode(parsed.password)
  const path = parsed.pathname.replace(/\/+$/, '')
  return {
    kind: 'http',
    url: `${parsed.protocol}//${parsed.host}${path}`,
    host: parsed.host,
    ...optional({ username: username || undefined, password: password || undefined })
  }
}

function parseSsh(text: string): SshAddress {
  const match = /^[^:]+:\/\/(?:([^@/]*)@)?(\[[^\]/]+\]|[^/:@]+)(?::(\d+))?(\/.*)?$/s.exec(text)
  if (match === null) throw refuse(text, 'it is not a valid ssh address')
  const [, account, host = '', portText, rest = ''] = match
  const user = account === undefined ? undefined : decode(account.split(':')[0] as string)
  const port = portText === undefined || portText === '' ? undefined : Number(portText)
  if (port !== undefined && (port < 1 || port > 65535)) throw refuse(text, 'it has no valid port')
  let path = decode(rest)
  // /~ada/x is in the folder of a user, and / before it only ends the host.
  if (path.startsWith('/~')) path = path.slice(1)
  const url = withoutCredentials(text)
  return checkSsh({ kind: 'ssh', url, ...optional({ user, port }), host: unbracket(host), path })
}

function checkSsh(address: SshAddress): SshAddress {
  const { url, user, host, path } = address
  const isControl = (part: string): boolean =>
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused.
    /[\u0000-\u001f\u007f]/.test(part)
  if (host.startsWith('-')) throw refuse(url, 'its host begins with a hyphen')
  if (user?.startsWith('-')) throw refuse(url, 'its user begins with a hyphen')
  if (path.startsWith('-')) throw refuse(url, 'its path begins with a hyphen')
  if (path === '' || path === '/') throw refuse(url, 'it has no path')
  if (user === '') throw refuse(url, 'its user is empty')
  if (/^%|[\s'"`$;&|<>()\\]/.test(host)) throw refuse(url, 'its host is no name')
  if ([host, path, user ?? ''].some(isControl)) throw refuse(url, 'it has a control character')
  return address
}

function parseFile(text: string): PathAddress {
  let parsed: URL
  try {
    parsed = new URL(text)
  } catch {
    throw refuse(text, 'it is not a valid file address')
  }
  if (parsed.host !== '' && parsed.host !== 'localhost') {
    throw refuse(text, 'it names a file on another host')
  }
  const path = decode(parsed.pathname)
  return parsePath(text, /^\/[a-zA-Z]:\//.test(path) ? path.slice(1) : path)
}

function parsePath(url: string, path: string): PathAddress {
  if (path.startsWith('-')) throw refuse(url, 'it begins with a hyphen')
  if (path.includes('\0')) throw refuse(url, 'it has a control character')
  const trimmed = path.replace(/[\\/]+$/, '')
  return { kind: 'path', url, path: trimmed === '' ? '/' : trimmed }
}

function unbracket(host: string): string {
  return host.replace(/^\[|\]$/g, '')
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Leaves out what is undefined, as optional fields want it. */
function optional<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given) as { [K in keyof T]?: Exclude<T[K], undefined> }
}

function refuse(address: string, reason: string): Error {
  return remoteErrors.create('REMOTE_ADDRESS', { address: redactText(address), reason })
}
