import type { FileSystem, Platform } from '../base/platform.ts'
import { areConnected, checkConnected } from '../git/connectivity.ts'
import type { Oid } from '../git/objects.ts'
import { type ReceivedPack, receivePack } from '../git/pack-receive.ts'
import type { RefEdit } from '../git/ref-store.ts'
import type { Repository } from '../git/repository.ts'
import type { Advertisement } from './advertisement.ts'
import { explainGitFailure } from './git-failure.ts'
import { Haves } from './have-list.ts'
import type { Remote } from './remote.ts'

/** The repository here, and what it lies on. */
export interface ExchangeContext {
  readonly fs: FileSystem
  readonly platform: Platform
  readonly repository: Repository
}

/** How far an exchange has come. */
export type ExchangeProgress =
  | { readonly kind: 'message'; readonly text: string }
  | {
      readonly kind: 'received'
      readonly bytes: number
      readonly objects: number
      /** How many objects there will be; `undefined` before that is known. */
      readonly total: number | undefined
    }
  | {
      readonly kind: 'sent'
      readonly bytes: number
      readonly objects: number
      readonly total: number
    }

/** What is fetched, and how. */
export interface FetchOptions {
  /** Names the ref here that is to hold what a ref of the remote holds; `undefined` leaves it away. */
  readonly map: (remoteRef: string) => string | undefined
  /** Refs here that begin so, and that no ref of the remote is mapped to, are removed. Default: none. */
  readonly prune?: string
  /** Commits here that the remote may have as well. Default: what all refs here hold. */
  readonly haves?: Iterable<Oid>
  /** Default: nobody. */
  readonly onProgress?: (progress: ExchangeProgress) => void
  /** Default: none. */
  readonly signal?: AbortSignal
}

/** A ref here that was changed. */
export interface FetchedRef {
  readonly remoteRef: string | undefined
  readonly ref: string
  readonly before: Oid | undefined
  /** `undefined` where it was removed. */
  readonly after: Oid | undefined
}

export interface FetchOutcome {
  readonly advertisement: Advertisement
  readonly updated: readonly FetchedRef[]
  readonly receivedBytes: number
  readonly objects: number
}

/**
 * Fetches what refs of a remote hold.
 *
 * No ref moves before all that it reaches is here, durably and checked; of what comes damaged or
 * incomplete nothing stays. A ref here that another process moves meanwhile is set all the same: the
 * remote's word is newer.
 *
 * @throws REMOTE_PACK_DAMAGED, REMOTE_PACK_INCOMPLETE, and what the remote throws.
 */
export async function fetchRefs(
  context: ExchangeContext,
  remote: Remote,
  options: FetchOptions
): Promise<FetchOutcome> {
  const { repository } = context
  const advertisement = await remote.list('fetch')
  const picked = new Map<string, { readonly remoteRef: string; readonly oid: Oid }>()
  for (const [remoteRef, oid] of advertisement.refs) {
    const ref = options.map(remoteRef)
    if (ref !== undefined) picked.set(ref, { remoteRef, oid })
  }
  options.signal?.throwIfAborted()
  const known = [...(await repository.refs.list('refs/')).values()]
  const wants = await listWants(repository, picked, known)
  const pack = wants.length === 0 ? undefined : await receive(context, remote, wants, options)
  const held = pack === undefined || pack.count === 0 ? undefined : await pack.accept()
  if (pack?.count === 0) await pack.discard()
  try {
    const updated = await moveRefs(repository, picked, options.prune)
    const { receivedBytes = 0, count = 0 } = pack ?? {}
    return { advertisement, updated, receivedBytes, objects: count }
  } finally {
    await held?.release()
  }
}

/** Lists what is not here with all that it reaches. */
async function listWants(
  { objects }: Repository,
  picked: ReadonlyMap<string, { readonly oid: Oid }>,
  known: readonly Oid[]
): Promise<readonly Oid[]> {
  const complete = new Set(known)
  const wants: Oid[] = []
  const loose: Oid[] = []
  for (const oid of new Set([...picked.values()].map((pick) => pick.oid))) {
    if (complete.has(oid)) continue
    const group = (await objects.has(oid)) ? loose : wants
    group.push(oid)
  }
  // What lies here without a ref may be left over from something that was never finished.
  if (loose.length > 0 && !(await areConnected(objects, loose, known))) wants.push(...loose)
  return wants
}

async function receive(
  { fs, platform, repository }: ExchangeContext,
  remote: Remote,
  wants: readonly Oid[],
  options: FetchOptions
): Promise<ReceivedPack> {
  const { onProgress, signal } = options
  const { objects } = repository
  const known = [...(await repository.refs.list('refs/')).values()]
  const haves = new Haves(objects, options.haves ?? known)
  const onMessage = (text: string): void => onProgress?.({ kind: 'message', text })
  try {
    const pack = await receivePack(
      { fs, platform, path: `${repository.path}/objects`, objects },
      remote.fetchPack({ wants, haves, onMessage }),
      {
        ...(signal === undefined ? {} : { signal }),
        onProgress: ({ receivedBytes: bytes, objects: done, total }) =>
          onProgress?.({ kind: 'received', bytes, objects: done, total })
      }
    )
    try {
      await checkConnected(objects, pack, wants, known)
    } catch (error) {
      await pack.discard()
      throw error
    }
    return pack
  } catch (error) {
    throw explainGitFailure(remote.url, error)
  }
}

const MAX_TRIES = 5

async function moveRefs(
  { refs }: Repository,
  picked: ReadonlyMap<string, { readonly remoteRef: string; readonly oid: Oid }>,
  prune: string | undefined
): Promise<readonly FetchedRef[]> {
  for (let attempt = 1; ; attempt++) {
    const before = await refs.list('refs/')
    const updated: FetchedRef[] = []
    for (const [ref, { remoteRef, oid }] of picked) {
      const held = before.get(ref)
      if (held !== oid) updated.push({ remoteRef, ref, before: held, after: oid })
    }
    for (const [ref, held] of before) {
      if (prune === undefined || !ref.startsWith(prune) || picked.has(ref)) continue
      updated.push({ remoteRef: undefined, ref, before: held, after: undefined })
    }
    const edits = updated.map(
      ({ ref, before: expected, after }): RefEdit => ({
        ref,
        // The last try asks for nothing: what others put there meanwhile came from the same remote.
        ...(attempt === MAX_TRIES ? {} : { expected: expected ?? null }),
        value: after ?? null
      })
    )
    if (edits.length === 0) return updated
    const { status } = await refs.update(edits)
    if (status === 'updated') return updated
  }
}
