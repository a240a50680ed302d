import { type CodedError, isCoded } from '../base/errors.ts'
import type { Platform } from '../base/platform.ts'
import type { Advertisement } from './advertisement.ts'
import { remoteErrors } from './errors.ts'
import type { Remote } from './remote.ts'
import { timeoutError, Watch } from './transport.ts'

/** What a remote is. */
export interface RemoteInfo {
  readonly url: string
  readonly kind: Remote['kind']
  /** Whether it answered, with a yes or a no. */
  readonly isReachable: boolean
  readonly mayRead: boolean
  readonly mayPush: boolean
  /** Why it may not be read; `undefined` if it may. */
  readonly readFailure: CodedError | undefined
  /** Why nothing may be pushed; `undefined` if something may. */
  readonly pushFailure: CodedError | undefined
  /** The names of what it can do, for reading and for pushing. */
  readonly capabilities: readonly string[]
  /** The branch that `HEAD` points at, such as `main`. */
  readonly defaultBranch: string | undefined
  readonly refs: Advertisement['refs']
}

/** How a remote is asked what it is. */
export interface RemoteInfoOptions {
  /** How long all of it may take. Default: 10000. */
  readonly timeoutMs?: number
}

/** Codes of failures to which the remote itself contributed nothing. */
const SILENT = new Set(['REMOTE_UNREACHABLE', 'REMOTE_TIMEOUT', 'REMOTE_PROGRAM_MISSING'])

/**
 * Asks a remote what it is; a remote that fails is an answer, not an error. What is asked for a push
 * changes nothing there.
 */
export async function readRemoteInfo(
  remote: Remote,
  platform: Pick<Platform, 'timers'>,
  options: RemoteInfoOptions = {}
): Promise<RemoteInfo> {
  const { timeoutMs = 10_000 } = options
  const watch = new Watch(platform.timers)
  const late = (): Error => timeoutError(remote.url, 'check', timeoutMs)
  let read: Advertisement | CodedError = late() as CodedError
  let push: Advertisement | CodedError = read
  const ask = async (): Promise<void> => {
    read = await attempt(() => remote.list('fetch'))
    push =
      isFailure(read) && SILENT.has(read.code) ? read : await attempt(() => remote.list('push'))
  }
  try {
    await watch.guard(ask(), timeoutMs, late)
  } catch (error) {
    if (!remoteErrors.is(error, 'REMOTE_TIMEOUT')) throw error
  } finally {
    await remote.close()
  }
  return describe(remote, read, push)
}

function describe(
  { url, kind }: Remote,
  read: Advertisement | CodedError,
  push: Advertisement | CodedError
): RemoteInfo {
  const capabilities = new Set(
    [read, push].flatMap((answer) => (isFailure(answer) ? [] : [...answer.capabilities.keys()]))
  )
  return {
    url,
    kind,
    isReachable: !isFailure(read) || !isSilent(kind, read),
    mayRead: !isFailure(read),
    mayPush: !isFailure(push),
    readFailure: isFailure(read) ? read : undefined,
    pushFailure: isFailure(push) ? push : undefined,
    capabilities: [...capabilities].filter((name) => name !== '').sort(),
    defaultBranch: isFailure(read) ? undefined : read.head?.replace(/^refs\/heads\//, ''),
    refs: isFailure(read) ? new Map() : read.refs
  }
}

/** Tells whether nobody answered, as where a server or a folder is not there at all. */
function isSilent(kind: Remote['kind'], { code }: CodedError): boolean {
  return SILENT.has(code) || (kind === 'folder' && code === 'REMOTE_NOT_FOUND')
}

/** Returns a remote's list, or why there is none. */
async function attempt(body: () => Promise<Advertisement>): Promise<Advertisement | CodedError> {
  try {
    return await body()
  } catch (error) {
    if (isCoded(error)) return error
    throw error
  }
}

function isFailure(answer: Advertisement | CodedError): answer is CodedError {
  return answer instanceof Error
}
