import { isCoded, reasonOf } from '../base/errors.ts'
import { withoutCredentials } from '../base/redact.ts'
import { findForge, openWorkspace } from '../browser.ts'
import type { Workspace } from '../service/workspace.ts'
import type { RemoteToOpen } from './client/worker-messages.ts'
import { exchangeOptions } from './source/exchanges.ts'
import type { CallOptions, Source, SourceMethod } from './source/source.ts'
import { SourceError } from './source/source-error.ts'
import { createWorkspaceSource } from './source/workspace-source.ts'

export { serveRunReader } from '../browser.ts'

/** The version of this program; the bundler puts it here. */
declare const RUNTREE_VERSION: string

/** Failures to reach a remote after which what is here is shown all the same. */
const ABSENT = [
  'REMOTE_UNREACHABLE',
  'REMOTE_TIMEOUT',
  'REMOTE_OFFLINE',
  'REMOTE_HTTP',
  'REMOTE_RATE_LIMIT'
]

/** What was opened before is shown first, and then the remote is asked. */
const PULL_MS = 500
/** After so long without an answer, what is shown may be old, and the page says so. */
const SLOW_MS = 3000

/** Changes that travel to the remote at once, since a browser may forget what it keeps. */
const PUSHED: readonly SourceMethod[] = [
  'edit',
  'delete',
  'restore',
  'settle',
  'saveView',
  'deleteView'
]

/**
 * Opens a project of a remote in the browser's storage: the newest state of each experiment, without large
 * files, which come when they are looked at. What was opened before is shown at once and brought up to date
 * in the background.
 */
export async function openRemoteSource(
  remote: RemoteToOpen,
  options: CallOptions = {}
): Promise<Source> {
  const { credential, proxy } = remote
  const url = checkAddress(remote.url)
  const forges = remote.forge === undefined ? {} : { [new URL(url).host]: remote.forge }
  const forge = findForge(url, { forges, proxy })
  const workspace = await openWorkspace({
    name: databaseOf(url, remote),
    forges,
    ...(proxy === undefined ? {} : { proxy }),
    credential: () => credential,
    startRunReader
  })
  const news: News = {}
  const here = await slugsOf(workspace)
  if (here.length === 0) {
    await workspace.clone(url, { depth: 1, partial: true, ...exchangeOptions(options) })
  } else {
    setTimeout(() => void pullAll(workspace, here, news), PULL_MS)
  }
  const source = createWorkspaceSource(workspace, {
    version: RUNTREE_VERSION,
    way: 'remote',
    place: url,
    ...readOnly(forge !== undefined, credential !== undefined)
  })
  const { first } = remote
  if (first !== undefined && forge === undefined) {
    void source.fields({ address: first }).catch(() => undefined)
  }
  const live: Source['live'] = async (request, call) => {
    const answer = await source.live(request, call)
    return news.notice === undefined ? answer : { ...answer, notice: news.notice }
  }
  const wantsToken = forge === undefined && credential === undefined
  const about: Source['about'] = async (request, call) => ({
    ...(await source.about(request, call)),
    ...(wantsToken ? { wantsToken } : {})
  })
  return { ...source, ...pushing(source), about, live }
}

/** The name of a worker that reads records for the one that opens the source: the same script. */
export const RUN_READER = 'runtree-runs'

function startRunReader(): Worker {
  return new Worker(globalThis.location.href, { type: 'module', name: RUN_READER })
}

/** Names the part of the browser's storage: another way to the same repository is another part. */
function databaseOf(url: string, { proxy, forge }: RemoteToOpen): string {
  const by = proxy === undefined ? '' : ` by ${proxy}`
  const api = forge === undefined ? '' : ` as ${forge.kind} ${forge.api ?? ''}`.trimEnd()
  return `runtree ${url}${by}${api}`
}

/** Says why nothing may be changed, if that is so. */
function readOnly(isForge: boolean, hasCredential: boolean): { readonly readOnlyReason?: string } {
  if (isForge)
    return { readOnlyReason: 'through the API of its forge the repository is only read.' }
  if (hasCredential) return {}
  return { readOnlyReason: 'changes need a token that may write to the remote.' }
}

/** Returns an address as it is opened. @throws SourceError if it is none over HTTP. */
function checkAddress(address: string): string {
  const url = withoutCredentials(address.trim())
  if (/^https?:\/\/[^/\s]+\/\S+$/i.test(url)) return url.replace(/\/+$/, '')
  throw new SourceError({
    code: 'REMOTE_ADDRESS',
    message: 'A page opens addresses that begin with https:// or http:// and name a repository.',
    hint: 'For ssh and folders, run “runtree ui” on your machine.'
  })
}

async function slugsOf({ projects }: Workspace): Promise<readonly string[]> {
  const slugs: string[] = []
  for await (const { id } of projects.list()) slugs.push(id)
  return slugs
}

/** How far asking a remote for news is. */
interface News {
  /** Why what is shown may be old, for people. */
  notice?: string
}

/** Brings what is here up to date, and says so where that can't be, or takes long. */
async function pullAll(
  workspace: Workspace,
  projects: readonly string[],
  news: News
): Promise<void> {
  const slow = setTimeout(() => {
    news.notice = 'The remote has not answered yet.'
  }, SLOW_MS)
  try {
    for (const project of projects) await workspace.pull({ in: project })
    delete news.notice
  } catch (error) {
    const isAbsent = isCoded(error) && ABSENT.includes(error.code)
    const reason = isAbsent
      ? 'The remote can’t be reached'
      : 'The remote did not answer as it should'
    news.notice = `${reason}. ${reasonOf(error)}`
  } finally {
    clearTimeout(slow)
  }
}

/** Makes changes that are pushed before they count as made. */
function pushing(source: Source): Partial<Source> {
  const methods = PUSHED.map((method) => [
    method,
    async (
      request: { readonly address?: string; readonly addresses?: readonly string[] },
      call: CallOptions
    ) => {
      const answer = await (
        source[method] as (request: object, call: CallOptions) => Promise<unknown>
      )(request, call)
      const address = request.address ?? request.addresses?.[0] ?? ''
      await source.push({ address: address.split('/')[0] as string }, call)
      return answer
    }
  ])
  return Object.fromEntries(methods) as Partial<Source>
}
