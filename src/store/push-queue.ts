import { isCoded, reasonOf } from '../base/errors.ts'
import { type ExchangeOptions, pushTo } from './exchange.ts'
import type { ProjectStore } from './project-store.ts'
import {
  addMarker,
  claimMarkers,
  listMarkers,
  type Marker,
  type QueueState,
  readQueueState,
  releaseMarkers,
  writeQueueState
} from './push-markers.ts'
import { listRemotes, requireRemote } from './remote-config.ts'
import { OFFLINE_MS, readRemoteMemory } from './remote-memory.ts'
import type { SyncStatus } from './sync-report.ts'

/** How often a remote is pushed to in a minute, as forges advise. */
const PUSHES_A_MINUTE = 6

const MINUTE_MS = 60_000

/** What is not pushed again by itself: a person has to decide. */
const SETTLED_OTHERWISE: readonly SyncStatus[] = ['deleted-there', 'rewound', 'rejected']

/** What waits to be pushed to a remote. */
export interface QueuedPushes {
  /** Slugs of experiments. */
  readonly experiments: readonly string[]
  /** Why the last attempt failed; absent after a success. */
  readonly failure?: string
}

/** What of the queue was dealt with. */
export type DrainOutcome = 'empty' | 'pushed' | 'later' | 'failed'

/**
 * Experiments that are to be pushed to a remote in the background.
 *
 * Each is a small file in `runtree/queue/<remote>/`, so that it survives the process and whoever opens
 * the project next can go on. However many commits an experiment gets meanwhile, it is pushed once.
 */
export class PushQueue {
  readonly #store: ProjectStore
  readonly #remote: string
  readonly #options: ExchangeOptions
  #draining: Promise<DrainOutcome> | undefined
  #stopWaiting: (() => void) | undefined

  constructor(store: ProjectStore, remote: string, options: ExchangeOptions = {}) {
    this.#store = store
    this.#remote = remote
    this.#options = options
  }

  /** Notes that an experiment is to be pushed. @throws STORE_NO_REMOTE */
  async add(experiment: string): Promise<void> {
    await requireRemote(this.#store, this.#remote)
    await addMarker(this.#store, this.#remote, experiment)
  }

  /**
   * Pushes what waits, unless the remote was pushed to too often in the last minute, or could not be
   * reached: then it goes on by itself when that is over, if the process still lives. Never fails.
   */
  async drain(signal?: AbortSignal): Promise<DrainOutcome> {
    // What was added while a push was under way is not part of it.
    await this.#draining
    this.#draining ??= this.#drain(signal).finally(() => {
      this.#draining = undefined
    })
    return this.#draining
  }

  /** Stops waiting; what waits stays for the next process. */
  close(): void {
    this.#stopWaiting?.()
    this.#stopWaiting = undefined
  }

  async #drain(signal: AbortSignal | undefined): Promise<DrainOutcome> {
    try {
      if ((await listMarkers(this.#store, this.#remote)).length === 0) return 'empty'
      const { refs } = this.#store.repository
      return await refs.queue(`push/${this.#remote}`, () => this.#push(signal))
    } catch {
      // Another process is pushing all the time, or the store may only be read.
      return 'failed'
    }
  }

  async #push(signal: AbortSignal | undefined): Promise<DrainOutcome> {
    const store = this.#store
    const waiting = await listMarkers(store, this.#remote)
    if (waiting.length === 0) return 'empty'
    const now = (): number => store.host.platform.clock.now()
    const { failed = Number.NEGATIVE_INFINITY } = await readRemoteMemory(store, this.#remote)
    if (now() - failed < OFFLINE_MS) return this.#later(failed + OFFLINE_MS - now(), signal)
    const state = await readQueueState(store, this.#remote)
    const recent = state.pushedMs.filter((time) => now() - time < MINUTE_MS)
    if (recent.length >= PUSHES_A_MINUTE) {
      return this.#later((recent[0] as number) + MINUTE_MS - now(), signal)
    }
    const pushedMs = [...recent, now()]
    await writeQueueState(store, this.#remote, { ...state, pushedMs })
    const claimed = await claimMarkers(store, this.#remote, waiting)
    const failure = await this.#pushNow(claimed, signal)
    await writeQueueState(store, this.#remote, { pushedMs, ...failure })
    return failure.failure === undefined ? 'pushed' : 'failed'
  }

  async #pushNow(
    claimed: readonly Marker[],
    signal: AbortSignal | undefined
  ): Promise<Pick<QueueState, 'failure'>> {
    const experiments = [...new Set(claimed.map(({ experiment }) => experiment))]
    try {
      const remote = await requireRemote(this.#store, this.#remote)
      const stop = signal === undefined ? {} : { signal }
      const options = { ...this.#options, ...stop, experiments }
      const synced = await pushTo(this.#store, remote, options)
      await releaseMarkers(this.#store, claimed)
      const open = synced.find(({ status }) => SETTLED_OTHERWISE.includes(status))
      if (open === undefined) return {}
      return { failure: `${open.ref} is not there: ${open.reason ?? open.status}` }
    } catch (error) {
      const isAborted = signal?.aborted === true && !isCoded(error)
      return { failure: isAborted ? 'there was no time left' : reasonOf(error) }
    }
  }

  #later(waitMs: number, signal: AbortSignal | undefined): DrainOutcome {
    this.close()
    if (signal?.aborted) return 'later'
    signal?.addEventListener('abort', () => this.close(), { once: true })
    const { timers } = this.#store.host.platform
    // A timer of this kind doesn't keep a process alive that is done.
    this.#stopWaiting = timers.every(Math.max(waitMs, 1), () => {
      this.close()
      void this.drain(signal)
    })
    return 'later'
  }
}

/** Returns what waits to be pushed to a remote. */
export async function readPushQueue(store: ProjectStore, remote: string): Promise<QueuedPushes> {
  const markers = await listMarkers(store, remote)
  const { failure } = await readQueueState(store, remote)
  const experiments = [...new Set(markers.map(({ experiment }) => experiment))].sort()
  return { experiments, ...(failure === undefined ? {} : { failure }) }
}

/** Runs a push of a person's; what of the queue it brought there waits no longer. */
export async function unqueueAround<T extends readonly { readonly experiment?: string }[]>(
  store: ProjectStore,
  remote: string,
  push: () => Promise<T>
): Promise<T> {
  const waiting = await listMarkers(store, remote)
  const pushed = await push()
  const done = new Set(pushed.map(({ experiment }) => experiment))
  if (waiting.length === 0) return pushed
  const settled = waiting.filter(({ experiment }) => done.has(experiment))
  await releaseMarkers(store, settled)
  const { pushedMs } = await readQueueState(store, remote)
  await writeQueueState(store, remote, { pushedMs })
  return pushed
}

const queues = new WeakMap<ProjectStore, Map<string, PushQueue>>()

/** Returns the queue that all of this process push to a remote by. */
export function pushQueueOf(
  store: ProjectStore,
  remote: string,
  options: ExchangeOptions
): PushQueue {
  const known = queues.get(store) ?? new Map<string, PushQueue>()
  queues.set(store, known)
  const queue = known.get(remote) ?? new PushQueue(store, remote, options)
  known.set(remote, queue)
  return queue
}

/** Pushes what waits in the queues of a project. Never fails. */
export async function drainQueues(store: ProjectStore, options: ExchangeOptions): Promise<void> {
  const { signal, ...asking } = options
  for (const { name } of await listRemotes(store).catch(() => [])) {
    const waiting = await readPushQueue(store, name).catch(() => undefined)
    if (!waiting?.experiments.length) continue
    await pushQueueOf(store, name, asking).drain(signal)
  }
}
