import { isAncestor } from '../git/ancestry.ts'
import type { ObjectStore } from '../git/object-store.ts'
import { type ReachedObject, walkNewObjects } from '../git/object-walk.ts'
import type { Oid } from '../git/objects.ts'
import { buildPack } from '../git/pack-build.ts'
import type { Advertisement } from './advertisement.ts'
import { remoteErrors } from './errors.ts'
import type { ExchangeContext, ExchangeProgress } from './exchange.ts'
import { explainGitFailure } from './git-failure.ts'
import type { PushAnswer, PushCommand, Remote } from './remote.ts'
import { retry } from './retry.ts'

/** A change of one ref at the remote. */
export interface PushUpdate {
  /** The whole name at the remote: `refs/heads/main`. */
  readonly ref: string
  /** What the remote must hold; `null` if nothing. */
  readonly expected: Oid | null
  /** What it shall hold; `null` deletes it. */
  readonly value: Oid | null
}

/** How refs are pushed. */
export interface PushOptions {
  /** Whether all refs are to change or none. Default: `'if-possible'`. */
  readonly atomic?: boolean | 'if-possible'
  /** Commits that the remote is known to have besides what it lists. Default: none. */
  readonly haves?: Iterable<Oid>
  /** Default: nobody. */
  readonly onProgress?: (progress: ExchangeProgress) => void
  /** Default: none. */
  readonly signal?: AbortSignal
}

/**
 * What became of a ref: it holds what it shall; or it held something else than expected, `found`; or
 * the remote refused it, for the reason that it gave.
 */
export type PushedRef =
  | { readonly status: 'ok' }
  | { readonly status: 'stale'; readonly found: Oid | undefined }
  | { readonly status: 'rejected'; readonly reason: string }

export interface PushOutcome {
  readonly refs: ReadonlyMap<string, PushedRef>
  /** What the remote said, such as the text of its hooks. */
  readonly messages: readonly string[]
  readonly sentBytes: number
  readonly objects: number
}

const NOT_ALONE = 'all refs were to change or none'

/**
 * Changes refs of a remote, each by compare-and-swap: the remote is told what it must hold.
 *
 * Whether a refusal was a lost race is told by reading the refs again, never by the remote's words;
 * so is what became of a push whose answer was lost.
 *
 * @throws REMOTE_UNKNOWN_OUTCOME if the answer was lost and the refs cannot be read again.
 * @throws REMOTE_UNSUPPORTED if `atomic` is true and the remote cannot. What the remote throws else.
 */
export async function pushRefs(
  context: ExchangeContext,
  remote: Remote,
  updates: readonly PushUpdate[],
  options: PushOptions = {}
): Promise<PushOutcome> {
  const advertisement = await remote.list('push')
  const isAtomic = decideAtomic(remote, advertisement, updates, options.atomic ?? 'if-possible')
  const refs = judgeBefore(advertisement, updates, isAtomic)
  const commands = updates.filter(({ ref }) => !refs.has(ref))
  const messages: string[] = []
  const sent = { bytes: 0, objects: 0 }
  if (commands.length > 0) {
    const plan = await planPack(context, advertisement, commands, options)
    sent.objects = plan.length
    options.signal?.throwIfAborted()
    const answered = await send(
      context,
      remote,
      { commands, isAtomic, plan, messages, sent },
      options
    )
    for (const [ref, outcome] of answered) refs.set(ref, outcome)
  }
  return { refs, messages, sentBytes: sent.bytes, objects: sent.objects }
}

/** @throws REMOTE_STALE, REMOTE_REJECTED if not all refs were taken. */
export function checkPushed(remote: Pick<Remote, 'url'>, { refs }: PushOutcome): void {
  const { url } = remote
  for (const [ref, outcome] of refs) {
    if (outcome.status === 'stale') {
      throw remoteErrors.create('REMOTE_STALE', { url, ref, found: outcome.found })
    }
  }
  for (const [ref, outcome] of refs) {
    if (outcome.status !== 'rejected') continue
    throw remoteErrors.create('REMOTE_REJECTED', { url, ref, reason: outcome.reason })
  }
}

function decideAtomic(
  { url }: Remote,
  { capabilities }: Advertisement,
  updates: readonly PushUpdate[],
  wish: boolean | 'if-possible'
): boolean {
  if (wish === false || updates.length < 2) return false
  if (capabilities.has('atomic')) return true
  if (wish === 'if-possible') return false
  const reason = 'it cannot change several refs as one'
  throw remoteErrors.create('REMOTE_UNSUPPORTED', { url, reason })
}

/** Settles what needs no asking: refs that moved, and those that hold what they shall. */
function judgeBefore(
  { refs: held, capabilities }: Advertisement,
  updates: readonly PushUpdate[],
  isAtomic: boolean
): Map<string, PushedRef> {
  const refs = new Map<string, PushedRef>()
  for (const { ref, expected, value } of updates) {
    const found = held.get(ref)
    if (found === (value ?? undefined)) refs.set(ref, { status: 'ok' })
    else if (found !== (expected ?? undefined)) refs.set(ref, { status: 'stale', found })
    else if (value === null && !capabilities.has('delete-refs')) {
      refs.set(ref, { status: 'rejected', reason: 'it does not let refs be deleted' })
    }
  }
  const isStopped = isAtomic && [...refs.values()].some(({ status }) => status !== 'ok')
  for (const { ref } of isStopped ? updates : []) {
    if (!refs.has(ref)) refs.set(ref, { status: 'rejected', reason: NOT_ALONE })
  }
  return refs
}

/** Lists what the remote lacks. @throws GIT_OBJECT_MISSING, GIT_HISTORY_CUT if it is not here either. */
async function planPack(
  { repository }: ExchangeContext,
  { refs, haves }: Advertisement,
  commands: readonly PushCommand[],
  options: PushOptions
): Promise<readonly ReachedObject[]> {
  const wanted = commands.flatMap(({ value }) => value ?? [])
  if (wanted.length === 0) return []
  const known = new Set([...refs.values(), ...haves, ...(options.haves ?? [])])
  const plan: ReachedObject[] = []
  const { local, objects } = repository
  const walk = walkNewObjects(local, wanted, known, { trees: objects, isWhole: true })
  for await (const item of walk) plan.push(item)
  return plan
}

interface Sending {
  readonly commands: readonly PushCommand[]
  readonly isAtomic: boolean
  readonly plan: readonly ReachedObject[]
  readonly messages: string[]
  readonly sent: { bytes: number }
}

async function send(
  context: ExchangeContext,
  remote: Remote,
  sending: Sending,
  options: PushOptions
): Promise<ReadonlyMap<string, PushedRef>> {
  const { commands, isAtomic, plan, messages, sent } = sending
  const { onProgress, signal } = options
  let objects = 0
  const report = (): void =>
    onProgress?.({ kind: 'sent', bytes: sent.bytes, objects, total: plan.length })
  const pack = async function* (how: { readonly offsets: boolean; readonly thin: boolean }) {
    const built = buildPack(context.repository.objects, plan, context.platform, {
      ...how,
      source: context.repository.storage,
      ...(signal === undefined ? {} : { signal }),
      onProgress: (done) => {
        objects = done
      }
    })
    for await (const chunk of built) {
      sent.bytes += chunk.length
      report()
      yield chunk
    }
  }
  const onMessage = (text: string): void => {
    messages.push(text)
    onProgress?.({ kind: 'message', text })
  }
  const again = { ...options, retries: remote.retries ?? 0 }
  return retry(context.platform, again, async (attempt) => {
    // Only what the refs, read again, say was not taken is sent again, from the state that was seen.
    if (attempt > 0) await remote.list('push')
    try {
      const answer = await remote.push({ commands, isAtomic, pack, onMessage })
      return await judgeAfter(remote, commands, answer)
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      return recover(context, remote, commands, explainGitFailure(remote.url, error))
    }
  })
}

/** Tells a lost race from a refusal: the refs that were not taken are read again. */
async function judgeAfter(
  remote: Remote,
  commands: readonly PushCommand[],
  answer: PushAnswer
): Promise<ReadonlyMap<string, PushedRef>> {
  const refs = new Map<string, PushedRef>()
  const isTaken = ({ ref }: PushCommand): boolean =>
    answer.has(ref) && answer.get(ref) === undefined
  const now = commands.every(isTaken) ? undefined : (await remote.list('fetch')).refs
  for (const command of commands) {
    const { ref, expected, value } = command
    const found = now?.get(ref)
    if (isTaken(command) || (now && found === (value ?? undefined))) refs.set(ref, { status: 'ok' })
    else if (found !== (expected ?? undefined)) refs.set(ref, { status: 'stale', found })
    else {
      const reason = answer.get(ref) ?? 'it gave no report of it'
      refs.set(ref, { status: 'rejected', reason })
    }
  }
  return refs
}

/**
 * Finds out what became of a push whose answer was lost: a ref that holds what it shall, or that somebody
 * moved on from there, was taken.
 */
async function recover(
  { repository }: ExchangeContext,
  remote: Remote,
  commands: readonly PushCommand[],
  error: unknown
): Promise<ReadonlyMap<string, PushedRef>> {
  let now: Advertisement
  try {
    now = await remote.list('fetch')
  } catch {
    throw remoteErrors.create('REMOTE_UNKNOWN_OUTCOME', { url: remote.url }, error)
  }
  const isUntouched = ({ ref, expected }: PushCommand): boolean =>
    now.refs.get(ref) === (expected ?? undefined)
  // Nothing was taken: the failure is the whole answer.
  if (commands.every(isUntouched)) throw error
  const outcomes = new Map<string, PushedRef>()
  for (const { ref, value } of commands) {
    const found = now.refs.get(ref)
    const isTaken = await holds(repository.local, found, value)
    outcomes.set(ref, isTaken ? { status: 'ok' } : { status: 'stale', found })
  }
  return outcomes
}

/** Tells whether a ref holds a value or, as far as that can be told here, something built on it. */
async function holds(
  objects: ObjectStore,
  found: Oid | undefined,
  value: Oid | null
): Promise<boolean> {
  if (found === (value ?? undefined)) return true
  if (found === undefined || value === null || !(await objects.has(found))) return false
  return isAncestor(objects, value, found).catch(() => false)
}
