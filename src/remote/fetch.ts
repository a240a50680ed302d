import { areConnected, checkConnected, checkLinks } from '../git/connectivity.ts'
import type { Oid } from '../git/objects.ts'
import type { ReceivedPack } from '../git/pack-receive.ts'
import type { RefEdit } from '../git/ref-store.ts'
import type { Repository } from '../git/repository.ts'
import type { ShallowChange } from '../git/shallow.ts'
import type { Advertisement } from './advertisement.ts'
import type { ExchangeContext, ExchangeProgress } from './exchange.ts'
import { Haves } from './have-list.ts'
import { listParents, receiveChecked } from './receive.ts'
import type { Remote } from './remote.ts'
import { retry } from './retry.ts'

/** What is fetched, and how. */
export interface FetchOptions {
  /** Names the ref here that is to hold what a ref of the remote holds; `undefined` leaves it away. */
  readonly map: (remoteRef: string) => string | undefined
  /** Refs here that begin so, and that no ref of the remote is mapped to, are removed. Default: none. */
  readonly prune?: string
  /** Commits here that the remote may have as well. Default: what all refs here hold. */
  readonly haves?: Iterable<Oid>
  /**
   * What to leave at the remote, as git's filters say it; for a repository that is marked as partial.
   * Default: nothing.
   */
  readonly filter?: string
  /**
   * How many commits of each history are wanted, `Infinity` for all; what is here may become deeper so.
   * Default: as far as what is here goes.
   */
  readonly depth?: number
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
  const isDeeper = options.depth !== undefined && repository.edge.oids.size > 0
  const all = [...new Set([...picked.values()].map((pick) => pick.oid))]
  const wants = isDeeper ? all : await listWants(repository, picked, known)
  const asked = { ...options, ...limitTo(advertisement, remote, options) }
  const again = { ...options, retries: remote.retries ?? 0 }
  const take = async (attempt: number): Promise<Received | undefined> => {
    if (wants.length === 0) return undefined
    // With a connection that broke is gone what was said on it.
    if (attempt > 0) await remote.list('fetch')
    return receive(context, remote, wants, asked)
  }
  const received = await retry(context.platform, again, take)
  const { pack, moved } = received ?? {}
  if (received !== undefined) context.onReceived?.(wants)
  const promisor = asked.filter === undefined ? {} : { promisor: formatPromisor(picked) }
  const { packs } = repository.storage.folders.own
  const isEmpty = pack === undefined || pack.count === 0
  const held = isEmpty ? undefined : await pack.accept({ ...promisor, packs })
  if (pack?.count === 0) await pack.discard()
  try {
    // Before it is said where history ends, refs would lead to what is not there.
    if (moved !== undefined) await repository.edge.change(moved)
    const updated = await moveRefs(repository, picked, options.prune)
    const { receivedBytes = 0, count = 0 } = pack ?? {}
    return { advertisement, updated, receivedBytes, objects: count }
  } finally {
    await held?.release()
  }
}

/** Lists what is not here with all that it reaches. */
async function listWants(
  { local, promised }: Repository,
  picked: ReadonlyMap<string, { readonly oid: Oid }>,
  known: readonly Oid[]
): Promise<readonly Oid[]> {
  const complete = new Set(known)
  const wants: Oid[] = []
  const loose: Oid[] = []
  for (const oid of new Set([...picked.values()].map((pick) => pick.oid))) {
    const isHere = await local.has(oid)
    // A ref may have lost what it leads to.
    if (complete.has(oid) && isHere) continue
    const group = isHere && !promised.isPartial ? loose : wants
    group.push(oid)
  }
  // What lies here without a ref may be left over from something that was never finished.
  if (loose.length > 0 && !(await areConnected(local, loose, known))) wants.push(...loose)
  return wants
}

/** Returns what of the wishes to leave something out the remote can fulfil. */
function limitTo(
  { capabilities }: Advertisement,
  { kind }: Remote,
  { filter, depth }: FetchOptions
): Pick<FetchOptions, 'filter' | 'depth'> {
  const isDepthKnown =
    capabilities.has('shallow') || (kind === 'folder' && depth === Number.POSITIVE_INFINITY)
  return {
    filter: capabilities.has('filter') ? filter : undefined,
    depth: isDepthKnown ? depth : undefined
  } as Pick<FetchOptions, 'filter' | 'depth'>
}

/** Formats which refs of the remote what it left out belongs to, as git notes it beside the pack. */
function formatPromisor(
  picked: ReadonlyMap<string, { readonly remoteRef: string; readonly oid: Oid }>
): string {
  return [...picked.values()].map(({ remoteRef, oid }) => `${oid} ${remoteRef}\n`).join('')
}

interface Received {
  readonly pack: ReceivedPack
  /** How the edge of history moves with it. */
  readonly moved: ShallowChange | undefined
}

async function receive(
  context: ExchangeContext,
  remote: Remote,
  wants: readonly Oid[],
  options: FetchOptions
): Promise<Received> {
  const { filter, depth } = options
  const { refs, edge, local } = context.repository
  const known = [...(await refs.list('refs/')).values()]
  let moved: ShallowChange | undefined
  const onMove = (change: ShallowChange): void => {
    moved = change
  }
  const edgeOids = [...edge.oids]
  const history = { edge: edgeOids, ...(depth === undefined ? {} : { depth }), onMove }
  const request = {
    wants,
    haves: new Haves(local, options.haves ?? known),
    history,
    ...(filter === undefined ? {} : { filter })
  }
  const isPartial = filter !== undefined
  return receiveChecked(context, remote, request, options, async (pack) => {
    const isCut = edgeOids.length > 0 || depth !== undefined
    if (!isPartial && !isCut) await checkConnected(local, pack, wants, known)
    else {
      const { shallow = [], unshallow = [] } = moved ?? {}
      const left = edgeOids.filter((oid) => !unshallow.includes(oid))
      const beyond = await listParents(local, pack, [...left, ...shallow])
      const reached = await listParents(local, pack, unshallow)
      await checkLinks(local, pack, [...wants, ...reached], ({ oid, type }) =>
        type === 'commit' ? beyond.has(oid) : isPartial
      )
    }
    return { pack, moved }
  })
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
