import { withinTime } from '../base/tasks.ts'
import type { CollectGarbageOptions, GarbageReport } from '../git/collect-garbage.ts'
import { consolidate, hasManyPacks } from '../git/consolidate.ts'
import type { PathHistory } from '../git/path-index-file.ts'
import type { Repository } from '../git/repository.ts'
import { guardFiles } from './errors.ts'

export type { GarbageReport } from '../git/collect-garbage.ts'

/** Loose objects come one by one, so that it is enough to look now and then. */
const LOOK_EVERY = 500
/** After a failure, such as a full disk, so many commits pass before the next try. */
const REST_AFTER_FAILURE = 100
/** How long a store that is closed waits for a merge that is under way. */
const CLOSE_WAIT_MS = 3000
/** And how long what commits changed is still noted: that goes on with the next process. */
const NOTING_WAIT_MS = 100

/** Hears that maintenance failed, or found a damaged pack. */
export type MaintenanceListener = (failure: unknown) => void

/**
 * Packs a project's repository anew and drops what nothing reaches.
 *
 * @throws GIT_QUEUE_BUSY, GIT_OBJECT_MISSING, GIT_OBJECT_DAMAGED, GIT_REF_DAMAGED, STORE_FILES
 */
export function collectGarbage(
  { repository, folder }: { readonly repository: Repository; readonly folder: string },
  options: CollectGarbageOptions = {}
): Promise<GarbageReport> {
  return guardFiles(folder, async () => {
    const garbage = await import('../git/collect-garbage.ts')
    return garbage.collectGarbage(repository, options)
  })
}

/**
 * Keeps the number of packs small while commits are made: in the background, one process at a time. No
 * commit waits for it or fails by it.
 */
export class Maintenance {
  readonly #repository: Repository
  readonly #paths: PathHistory
  readonly #abort = new AbortController()
  /** Ends the noting of what commits changed. */
  readonly #abortNoting = new AbortController()
  #commits = 0
  #restUntil = 0
  #leftPacks = 0
  #running: Promise<void> | undefined
  readonly #onFailure: MaintenanceListener

  constructor(repository: Repository, paths: PathHistory, onFailure: MaintenanceListener) {
    this.#repository = repository
    this.#paths = paths
    this.#onFailure = onFailure
  }

  /** Looks, after a commit or what was brought here, whether there is something to do, and begins it. */
  note(): void {
    const isTurn = this.#commits++ % LOOK_EVERY === 0
    if (this.#running !== undefined || this.#abort.signal.aborted) return
    if (this.#commits < this.#restUntil) return
    if (!isTurn && !hasManyPacks(this.#repository.storage, this.#leftPacks)) return
    this.#running = this.#run().finally(() => {
      this.#running = undefined
    })
  }

  /** Begins to note what commits changed, for questions about their history, unless something is under way. */
  preparePaths(): void {
    if (this.#running !== undefined || this.#abort.signal.aborted) return
    this.#running = this.#prepare().finally(() => {
      this.#running = undefined
    })
  }

  /** Waits until nothing is under way. */
  async settle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  /** Waits shortly for what is under way, then ends it. */
  async close(): Promise<void> {
    await this.#settleWithin(NOTING_WAIT_MS)
    this.#abortNoting.abort()
    await this.#settleWithin(CLOSE_WAIT_MS - NOTING_WAIT_MS)
    this.#abort.abort()
    await this.#running
  }

  async #settleWithin(ms: number): Promise<void> {
    const running = this.#running
    if (running === undefined) return
    await withinTime(this.#repository.storage.platform.timers, ms, () => running)
  }

  async #run(): Promise<void> {
    try {
      const done = await consolidate(this.#repository, { signal: this.#abort.signal })
      this.#leftPacks = done?.packsAfter ?? this.#leftPacks
      const [damage] = done?.damages ?? []
      if (damage !== undefined) this.#fail(damage)
      await this.#prepare()
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#fail(error)
    }
  }

  /** Notes some of what commits changed. What can't be noted is found by a walk. */
  async #prepare(): Promise<void> {
    await this.#paths.prepare(this.#abortNoting.signal).catch(() => undefined)
  }

  #fail(error: unknown): void {
    this.#restUntil = this.#commits + REST_AFTER_FAILURE
    this.#onFailure(error)
  }
}
