import type { FileSystem, Platform } from '../base/platform.ts'
import type { ObjectStore } from '../git/object-store.ts'
import { isBundle } from './bundle.ts'
import { BundleRemote } from './bundle-remote.ts'
import { type CredentialProvider, givenCredential } from './credentials.ts'
import { remoteErrors } from './errors.ts'
import { FolderRemote } from './folder-remote.ts'
import type { ForgeAddress } from './forge/forge.ts'
import type { ForgeContext } from './forge/forge-api.ts'
import type { HttpContext } from './git-http.ts'
import type { Remote } from './remote.ts'
import { type RemoteKnowledge, SmartRemote } from './smart-remote.ts'
import type { Connection, TransportOptions } from './transport.ts'
import { type HttpAddress, parseRemoteUrl, type SshAddress } from './url.ts'

/** What remotes need of a platform. */
export interface RemoteHost {
  readonly files: FileSystem
  readonly platform: Platform
  readonly http: Pick<HttpContext, 'git' | 'send' | 'upload' | 'userAgent'>
  /** Makes what gives credentials for an address besides those of the options. */
  credentials(address: HttpAddress): readonly CredentialProvider[]
  /** Names the API through which an address is read instead of by git's protocol. Default: none. */
  readonly forgeOf?: (address: HttpAddress) => ForgeAddress | undefined
  /** Opens a way through ssh. Default: there is none. */
  readonly openSsh?: (address: SshAddress, options: TransportOptions) => Connection
  /** Returns the absolute form of a path. */
  resolvePath(path: string): string
}

/** How a remote is opened. */
export interface OpenRemoteOptions extends TransportOptions {
  /** Default: what the address has, the environment, and `git credential`. */
  readonly credential?: {
    readonly username?: string
    readonly password?: string
    readonly token?: string
  }
  /** Refuses what goes over a network. Default: false. */
  readonly offline?: boolean
}

/**
 * Opens a remote by its address; nothing is sent yet. `objects` are those here, which a bundle is
 * checked against and made of.
 *
 * @throws REMOTE_ADDRESS, REMOTE_OFFLINE
 */
export async function openRemote(
  host: RemoteHost,
  objects: ObjectStore,
  text: string,
  options: OpenRemoteOptions = {}
): Promise<Remote> {
  const address = parseRemoteUrl(text)
  if (address.kind === 'path') return openPath(host, objects, address.url, address.path)
  if (options.offline) throw remoteErrors.create('REMOTE_OFFLINE', { url: address.url })
  if (address.kind === 'http') return openWeb(host, objects, address, options)
  const { openSsh } = host
  if (openSsh === undefined) {
    const reason = 'ssh is not available here'
    throw remoteErrors.create('REMOTE_UNSUPPORTED', { url: address.url, reason })
  }
  const connect = (): Connection => openSsh(address, options)
  return new SmartRemote('ssh', address.url, connect, host.platform, options)
}

/**
 * What is known of remotes from one operation to the next: of the APIs of forges who is to ask no more for now, since
 * a server that goes on being asked may shut one out, and lists that never change; of others, by their addresses,
 * what they can do.
 */
interface Known extends Pick<ForgeContext, 'limits' | 'pages'> {
  readonly remotes: Map<string, RemoteKnowledge>
}

const knownOf = new WeakMap<RemoteHost, Known>()

function knowledgeOf(host: RemoteHost): Known {
  const known = knownOf.get(host) ?? { limits: new Map(), pages: new Map(), remotes: new Map() }
  knownOf.set(host, known)
  return known
}

async function openWeb(
  host: RemoteHost,
  objects: ObjectStore,
  address: HttpAddress,
  options: OpenRemoteOptions
): Promise<Remote> {
  const { credential } = options
  const given =
    credential ??
    (address.password === undefined
      ? undefined
      : { username: address.username ?? '', password: address.password })
  const listProviders = (): readonly CredentialProvider[] => [
    ...(given === undefined ? [] : [givenCredential(address.host, given)]),
    ...host.credentials(address)
  ]
  const forge = host.forgeOf?.(address)
  if (forge !== undefined) {
    const { openForge } = await import('./forge/open-forge.ts')
    const { http, platform } = host
    const { limits, pages } = knowledgeOf(host)
    const context = { http, platform, credentials: listProviders(), limits, pages }
    return openForge(address, forge, context, objects, options)
  }
  // Loaded when it is needed: it is the larger part of what a program would load at its start.
  const { openHttp } = await import('./transport-http.ts')
  const connect = (): Connection => {
    const { timers, clock } = host.platform
    return openHttp(address, { ...host.http, timers, clock, credentials: listProviders() }, options)
  }
  const { remotes } = knowledgeOf(host)
  const known = remotes.get(address.url) ?? {}
  remotes.set(address.url, known)
  return new SmartRemote('http', address.url, connect, host.platform, options, known)
}

async function openPath(
  host: RemoteHost,
  objects: ObjectStore,
  url: string,
  text: string
): Promise<Remote> {
  const path = host.resolvePath(text)
  const kind = await host.files.stat(path).then(
    (stat) => stat?.kind,
    () => undefined
  )
  const isFile = kind === 'file' && (await isBundle(host.files, path).catch(() => true))
  if (isFile || (kind !== 'folder' && path.endsWith('.bundle'))) {
    return new BundleRemote(host.files, host.platform, { url, path, objects })
  }
  return new FolderRemote(host.files, host.platform, url, path)
}
