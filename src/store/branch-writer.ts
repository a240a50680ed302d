import { backoffMs } from '../base/tasks.ts'
import { formatMessage } from '../format/commit-message.ts'
import { branchOf, experimentOfRef } from '../format/paths.ts'
import { formatCommit } from '../git/commit.ts'
import { createObject, type NewObject, type Oid } from '../git/objects.ts'
import type { MadeCommit } from '../git/path-index.ts'
import type { PathHistory } from '../git/path-index-file.ts'
import type { RefEdit } from '../git/ref-store.ts'
import type { Repository } from '../git/repository.ts'
import { editTree } from '../git/tree-edit.ts'
import type { ObjectKey } from '../model/kinds.ts'
import { writeHidden } from './deleted.ts'
import { Draft } from './draft.ts'
import { readDraftBase } from './draft-base.ts'
import { fileFailure, storeErrors } from './errors.ts'
import type { StoreHost } from './host.ts'
import { Transaction } from './transaction.ts'

/** What a transaction came to. */
export interface Committed<T> {
  readonly value: T
  /** The head of each branch after it, moved or not. */
  readonly heads: ReadonlyMap<string, Oid>
}

interface Job {
  readonly operation: string
  readonly body: (transaction: Transaction) => Promise<unknown>
  readonly resolve: (committed: Committed<unknown>) => void
  readonly reject: (error: unknown) => void
}

interface Batch {
  readonly refs: readonly string[]
  readonly waiting: Job[]
  running: boolean
}

/** Who comes while so many or more become one commit is left to the next. */
const MANY_JOBS = 256
/** How often a batch is built anew because a branch moved under it. */
const MAX_ATTEMPTS = 60

/**
 * Commits transactions: builds trees and a commit a branch, stores them, moves the branches by
 * compare-and-swap.
 *
 * Transactions on the same branches that wait at the same time become one commit; each still succeeds
 * or fails alone. Other processes are waited for in a queue a branch, so that a swap is lost only to
 * the git program; then the bodies run again on the new heads.
 */
export class BranchWriter {
  readonly #repository: Repository
  readonly #host: StoreHost
  readonly #writer: string
  readonly #paths: PathHistory
  readonly #batches = new Map<string, Batch>()

  constructor(repository: Repository, host: StoreHost, writer: string, paths: PathHistory) {
    this.#repository = repository
    this.#paths = paths
    this.#host = host
    this.#writer = writer
  }

  /** Runs a body on branches and commits what it changed; the body may run more than once. */
  transact<T>(
    refs: readonly string[],
    operation: string,
    body: (transaction: Transaction) => Promise<T>
  ): Promise<Committed<T>> {
    const sorted = [...new Set(refs)].sort()
    const name = sorted.join(' ')
    const batch = this.#batches.get(name) ?? { refs: sorted, waiting: [], running: false }
    this.#batches.set(name, batch)
    return new Promise<Committed<T>>((resolve, reject) => {
      batch.waiting.push({
        operation,
        body,
        resolve: resolve as (committed: Committed<unknown>) => void,
        reject
      })
      if (!batch.running) void this.#drain(name, batch)
    })
  }

  async #drain(name: string, batch: Batch): Promise<void> {
    batch.running = true
    while (batch.waiting.length > 0) {
      const jobs: Job[] = []
      try {
        // Callers are told when the queue is left, so that they may move or remove the repository.
        const settle = await this.#queued(batch.refs, () => this.#run(batch, jobs))
        settle()
      } catch (error) {
        const failure = fileFailure(error, this.#repository.path)
        // Without the lock, all who waited for it have failed.
        if (jobs.length === 0) jobs.push(...batch.waiting.splice(0))
        for (const job of jobs) job.reject(failure)
      }
    }
    batch.running = false
    this.#batches.delete(name)
  }

  #queued<T>(refs: readonly string[], body: () => Promise<T>): Promise<T> {
    const [ref, ...others] = refs
    if (ref === undefined) return body()
    return this.#repository.refs.queue(ref, () => this.#queued(others, body))
  }

  /** Runs what waits and commits it, and adds it to `jobs`; what it returns tells the callers. */
  async #run(batch: Batch, jobs: Job[]): Promise<() => void> {
    const { platform } = this.#host
    const { refs } = batch
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const drafts = new Map<string, Draft>()
      for (const ref of refs) {
        const base = await readDraftBase(this.#repository, this.#host, ref)
        drafts.set(ref, new Draft(this.#repository.objects, base))
      }
      const { settle, done } = await this.#runBodies(batch, jobs, drafts)
      const heads = await this.#commit(drafts, done)
      if (heads !== undefined) return () => settle.forEach((end) => void end(heads))
      const random = (platform.random.bytes(1)[0] as number) / 255
      await platform.timers.sleep(backoffMs(attempt, { firstMs: 1, capMs: 250, random }))
    }
    throw storeErrors.create('STORE_BUSY', { ref: refs.join(', '), attempts: MAX_ATTEMPTS })
  }

  /** Runs `jobs`, and takes along who came meanwhile: all who wait become one commit. */
  async #runBodies(
    batch: Batch,
    jobs: Job[],
    drafts: ReadonlyMap<string, Draft>
  ): Promise<{ settle: ((heads: ReadonlyMap<string, Oid>) => void)[]; done: Done[] }> {
    const settle: ((heads: ReadonlyMap<string, Oid>) => void)[] = []
    const done: Done[] = []
    for (let next = 0; next < jobs.length || mayGrow(batch, jobs); next++) {
      if (next === jobs.length) jobs.push(...batch.waiting.splice(0))
      const job = jobs[next] as Job
      const forks = new Map([...drafts].map(([ref, draft]) => [ref, draft.fork()]))
      const transaction = new Transaction(forks, this.#host.platform, this.#writer)
      try {
        const value = await job.body(transaction)
        for (const [ref, fork] of forks) drafts.get(ref)?.join(fork)
        done.push({ operation: job.operation, keys: transaction.touched })
        settle.push((heads) => job.resolve({ value, heads }))
      } catch (error) {
        settle.push(() => job.reject(error))
      }
    }
    return { settle, done }
  }

  /** Stores drafts and moves their branches; `undefined` if one of them had moved meanwhile. */
  async #commit(
    drafts: ReadonlyMap<string, Draft>,
    done: readonly Done[]
  ): Promise<ReadonlyMap<string, Oid> | undefined> {
    const heads = new Map<string, Oid>()
    const objects: NewObject[] = []
    const edits: RefEdit[] = []
    const made: MadeCommit[] = []
    for (const [ref, draft] of drafts) {
      const commit = await this.#formatCommit(ref, draft, done, objects)
      heads.set(ref, commit?.oid ?? draft.base.parentOid)
      if (commit === undefined) continue
      edits.push({ ref, expected: draft.base.headOid, value: commit.oid })
      if (commit.isPlain) made.push(commit)
    }
    if (edits.length === 0) return heads
    const update = await this.#repository.commit(objects, edits)
    if (update.status !== 'updated') return undefined
    for (const commit of made) this.#paths.note(commit)
    for (const { ref, expected } of edits) if (expected === null) await this.#show(ref)
    return heads
  }

  /** Lets an experiment that is made anew count no longer as a deleted one. */
  async #show(ref: string): Promise<void> {
    const experiment = experimentOfRef(ref)
    if (experiment === undefined) return
    await writeHidden(this.#host.files, this.#repository, experiment, false)
  }

  async #formatCommit(
    ref: string,
    draft: Draft,
    done: readonly Done[],
    objects: NewObject[]
  ): Promise<(MadeCommit & { readonly isPlain: boolean }) | undefined> {
    const { hash, clock } = this.#host.platform
    if (draft.changes.size === 0) return undefined
    const reader = draft.reader
    const tree = await editTree(reader, draft.base.treeOid, draft.changes, hash)
    if (tree.rootOid === draft.base.treeOid) return undefined
    const touching = done.filter(({ keys }) => keys.some((key) => branchOf(key) === ref))
    const operations = new Set(touching.map(({ operation }) => operation))
    const operation = operations.size === 1 ? ([...operations][0] as string) : 'put'
    const keys = touching.flatMap((each) => each.keys.filter((key) => branchOf(key) === ref))
    const committer = await this.#host.committer()
    const epochSeconds = Math.max(0, Math.floor(clock.now() / 1000))
    const identity = { ...committer, epochSeconds, offset: '+0000' }
    const { parentOid, headOid, created } = draft.base
    const bytes = formatCommit({
      tree: tree.rootOid,
      parents: [parentOid],
      author: identity,
      committer: identity,
      message: formatMessage({ operation, keys })
    })
    const commit = createObject(hash, 'commit', bytes)
    // The trees that a new branch begins with are replaced by the edited ones.
    const begun = created.filter(({ type }) => type === 'blob')
    objects.push(...begun, ...draft.blobs, ...tree.created, commit)
    // What a new branch begins with need not be what its parent has.
    const isPlain = tree.isPlain && headOid !== null
    return { oid: commit.oid, parentOid, epochSeconds, files: [...draft.changes.keys()], isPlain }
  }
}

/** Tells whether somebody waits who can be taken along; somebody who never stops is not waited for. */
function mayGrow({ waiting }: Batch, jobs: readonly Job[]): boolean {
  return waiting.length > 0 && jobs.length < MANY_JOBS
}

interface Done {
  readonly operation: string
  readonly keys: readonly ObjectKey[]
}
