import { parseCommit } from '../git/commit.ts'
import { checkLinks } from '../git/connectivity.ts'
import type { ObjectReader } from '../git/object-store.ts'
import type { Oid } from '../git/objects.ts'
import { type ReceivedPack, receivePack } from '../git/pack-receive.ts'
import { remoteErrors } from './errors.ts'
import type { ExchangeContext, ExchangeProgress } from './exchange.ts'
import { explainGitFailure } from './git-failure.ts'
import { Haves } from './have-list.ts'
import type { PackRequest, Remote } from './remote.ts'
import { retry } from './retry.ts'

/** Who hears of what is received, and who stops it. */
export interface ReceiveCheckedOptions {
  /** Default: nobody. */
  readonly onProgress?: (progress: ExchangeProgress) => void
  /** Default: none. */
  readonly signal?: AbortSignal
}

/** Receives a pack; what `check` throws is the remote's fault, and nothing of the pack stays. */
export async function receiveChecked<T>(
  { fs, platform, repository, onObject, drain, heldBytes }: ExchangeContext,
  remote: Remote,
  request: Omit<PackRequest, 'onMessage'>,
  { onProgress, signal }: ReceiveCheckedOptions,
  check: (pack: ReceivedPack) => Promise<T>
): Promise<T> {
  const onMessage = (text: string): void => onProgress?.({ kind: 'message', text })
  try {
    const pack = await receivePack(
      { fs, platform, path: `${repository.path}/objects`, objects: repository.local },
      remote.fetchPack({ ...request, onMessage }),
      {
        ...(signal === undefined ? {} : { signal }),
        onObject,
        drain,
        heldBytes,
        onProgress: ({ receivedBytes: bytes, objects: done, total }) =>
          onProgress?.({ kind: 'received', bytes, objects: done, total })
      }
    )
    try {
      return await check(pack)
    } catch (error) {
      await pack.discard()
      throw error
    }
  } catch (error) {
    throw explainGitFailure(remote.url, error)
  }
}

/** Lists the parents of commits, whether history ends there or not. */
export async function listParents(
  objects: Pick<ObjectReader, 'read'>,
  pack: ReceivedPack,
  commits: readonly Oid[]
): Promise<ReadonlySet<Oid>> {
  const found = new Set<Oid>()
  for (const oid of commits) {
    const object = (await pack.read(oid)) ?? (await objects.read(oid))
    if (object === undefined) continue
    for (const parent of parseCommit({ ...object, isEdge: false }).parents) found.add(parent)
  }
  return found
}

/**
 * Brings objects by their names that were left at a remote, with what they reach as far as the filter
 * lets it; returns how many bytes came.
 *
 * @throws REMOTE_UNSUPPORTED if the remote gives none by their names; what the remote throws.
 */
export async function fetchObjects(
  context: ExchangeContext,
  remote: Remote,
  oids: readonly Oid[],
  options: ReceiveCheckedOptions & Pick<PackRequest, 'filter'> = {}
): Promise<number> {
  const { local } = context.repository
  const { filter } = options
  const limit = filter === undefined ? {} : { filter }
  return retry(context.platform, { ...options, retries: remote.retries ?? 0 }, () => {
    const request = { wants: oids, haves: new Haves(local, []), isByName: true, ...limit }
    return receiveChecked(context, remote, request, options, async (pack) => {
      await checkLinks(local, pack, oids, () => true)
      const held = pack.count === 0 ? undefined : await pack.accept({ promisor: '' })
      if (held === undefined) await pack.discard()
      await held?.release()
      return pack.receivedBytes
    })
  })
}

/**
 * Brings objects that were lost here, with all that they reach; returns how many bytes came. What the
 * remote has not either stays missing. One that gives none by their names sends all that it has.
 *
 * @throws what the remote throws.
 */
export async function fetchLost(
  context: ExchangeContext,
  remote: Remote,
  oids: readonly Oid[],
  options: ReceiveCheckedOptions = {}
): Promise<number> {
  const take = async (wants: readonly Oid[], isByName: boolean): Promise<number> => {
    // Nothing is told of what is here: it may not be whole.
    const request = { wants, haves: new Haves(context.repository.local, []), isByName }
    return receiveChecked(context, remote, request, options, async (pack) => {
      const held = pack.count === 0 ? undefined : await pack.accept()
      if (held === undefined) await pack.discard()
      await held?.release()
      return pack.receivedBytes
    })
  }
  const takeSome = async (wants: readonly Oid[]): Promise<number> => {
    try {
      return await take(wants, true)
    } catch (error) {
      if (!isNotThere(error)) throw error
    }
    // One that the remote lacks ends the answer for all: the half that has it is looked for.
    const half = Math.ceil(wants.length / 2)
    if (wants.length === 1) return 0
    return (await takeSome(wants.slice(0, half))) + (await takeSome(wants.slice(half)))
  }
  try {
    return await takeSome(oids)
  } catch (error) {
    if (!remoteErrors.is(error, 'REMOTE_UNSUPPORTED')) throw error
    const { refs } = await remote.list('fetch')
    return refs.size === 0 ? 0 : take([...new Set(refs.values())], false)
  }
}

function isNotThere(error: unknown): boolean {
  return remoteErrors.is(error, 'REMOTE_SAID') || remoteErrors.is(error, 'REMOTE_PACK_INCOMPLETE')
}
