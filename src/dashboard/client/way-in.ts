import { parseRoute } from '../route.ts'
import type { SyncAnswer } from '../source/run-answers.ts'
import type { CallOptions, Source } from '../source/source.ts'
import { SourceError } from '../source/source-error.ts'
import { openWorkerSource, startWorker } from './worker-client.ts'
import type { NamedForge, RemoteCredential } from './worker-messages.ts'

/** How this page came to be: by the server of `runtree ui`, as a file of a site, or in one file. */
export type WayIn =
  | { readonly kind: 'server' }
  | { readonly kind: 'report' }
  | { readonly kind: 'published' }
  /** Files on any site; `remote` is absent as long as nobody has named one. */
  | { readonly kind: 'hosted'; readonly remote?: RemoteAddress }

/** A remote as the address bar names it. */
export interface RemoteAddress {
  /** Without credentials. */
  readonly url: string
  readonly proxy?: string
  readonly forge?: NamedForge
}

/** Tells how this page came to be: whoever serves it writes that into `<meta name="runtree">`. */
export function readWayIn(): WayIn {
  const written = writtenWay()
  if (written === 'server' || written === 'report' || written === 'published')
    return { kind: written }
  const params = new URLSearchParams(location.search)
  const [remote, proxy] = [params.get('remote'), params.get('proxy')]
  if (remote === null || remote.trim() === '') return { kind: 'hosted' }
  const { url, credential } = takeCredential(remote.trim())
  const forge = readForge(params)
  const found = {
    url,
    ...(proxy === null || proxy === '' ? {} : { proxy }),
    ...(forge === undefined ? {} : { forge })
  }
  if (credential !== undefined) {
    keepCredential(found, credential)
    params.set('remote', url)
    history.replaceState(null, '', `${location.pathname}?${params}${location.hash}`)
  }
  return { kind: 'hosted', remote: found }
}

function writtenWay(): string | undefined {
  return document.querySelector<HTMLMetaElement>('meta[name="runtree"]')?.content
}

/** Lets what will open a remote, if one is named, load while the page is made. */
export function prepareSource(): void {
  const remote = new URLSearchParams(location.search).get('remote')?.trim()
  if (writtenWay() === 'hosted' && remote) startWorker()
}

/** Goes to a remote, by the address bar. */
export function goToRemote(url: string): void {
  location.search = `?${new URLSearchParams({ remote: url })}`
}

/** Opens the source behind a way in. */
export async function openSource(way: WayIn, options: CallOptions = {}): Promise<Source> {
  if (way.kind === 'report') return (await import('./report-client.ts')).openReportSource()
  if (way.kind === 'published') {
    return (await import('./report-client.ts')).openPublishedSource()
  }
  if (way.kind === 'server' || way.remote === undefined) {
    return (await import('./http-client.ts')).openHttpSource()
  }
  return openRemote(way.remote, readCredential(way.remote), options)
}

/** Ends the worker of the source that is open. */
let closeOpened: (() => void) | undefined

async function openRemote(
  address: RemoteAddress,
  credential: RemoteCredential | undefined,
  options: CallOptions,
  check: (source: Source) => Promise<void> = async () => undefined
): Promise<Source> {
  const { page, address: first } = parseRoute(location.hash)
  const remote = {
    ...address,
    ...(credential === undefined ? {} : { credential }),
    ...(page === 'runs' && first !== '' ? { first } : {})
  }
  const { source, close } = await openWorkerSource(remote, options)
  try {
    await check(source)
  } catch (error) {
    close()
    throw error
  }
  closeOpened?.()
  closeOpened = close
  return source
}

/**
 * Opens a remote anew with what may change it, and keeps that until the tab is closed. What was open stays
 * so if the remote does not take it.
 *
 * @throws SourceError
 */
export async function openToChange(
  remote: RemoteAddress,
  credential: RemoteCredential
): Promise<Source> {
  const source = await openRemote(remote, credential, {}, async (opened) => {
    const { projects } = await opened.about()
    // There is nothing to push yet; the remote says whether there might be.
    for (const address of projects) requireTaken(await opened.push({ address }))
  })
  keepCredential(remote, credential)
  return source
}

function requireTaken({ refs }: SyncAnswer): void {
  const refused = refs.find(({ status }) => status === 'offline' || status === 'rejected')
  if (refused === undefined) return
  const { status, reason } = refused
  throw new SourceError({
    code: status === 'offline' ? 'REMOTE_UNREACHABLE' : 'REMOTE_REJECTED',
    message:
      reason ?? (status === 'offline' ? 'The remote can’t be reached.' : 'The remote refused.'),
    hint: 'Nothing was changed; try again.'
  })
}

/** Reads through which forge's API a remote is to be read: `forge=github`, and `api=` for an own address. */
function readForge(params: URLSearchParams): NamedForge | undefined {
  const kind = params.get('forge')
  if (kind !== 'github' && kind !== 'gitlab') return undefined
  const api = params.get('api')
  return { kind, ...(api === null || !URL.canParse(api) ? {} : { api }) }
}

/** Takes user and password out of an address. */
function takeCredential(address: string): {
  readonly url: string
  readonly credential?: RemoteCredential
} {
  if (!URL.canParse(address)) return { url: address }
  const url = new URL(address)
  const [username, password] = [url.username, url.password].map(decodeURIComponent)
  if (!username && !password) return { url: address }
  url.username = ''
  url.password = ''
  // Forges take a token as a user's name without a password, too.
  const credential = password ? { username, password } : { password: username }
  return { url: url.href, credential: credential as RemoteCredential }
}

/** Credentials are kept until the tab is closed, each for one remote and the way to it. */
function keyOf({ url, proxy = '', forge }: RemoteAddress): string {
  // Who else is to get it must be said again.
  const api = forge === undefined ? '' : ` ${forge.kind} ${forge.api ?? ''}`
  return `runtree-credential ${proxy} ${url}${api}`
}

export function keepCredential(remote: RemoteAddress, credential: RemoteCredential): void {
  try {
    sessionStorage.setItem(keyOf(remote), JSON.stringify(credential))
  } catch {
    // Without storage it is asked for again.
  }
}

function readCredential(remote: RemoteAddress): RemoteCredential | undefined {
  try {
    const text = sessionStorage.getItem(keyOf(remote))
    return text === null ? undefined : (JSON.parse(text) as RemoteCredential)
  } catch {
    return undefined
  }
}
