import { KeyedMutex } from '../base/tasks.ts'
import type { RunOutcome } from '../format/edit.ts'
import { branchOf } from '../format/paths.ts'
import type { StoredSeries } from '../format/series-file.ts'
import { nextStamp } from '../format/stamp.ts'
import type { Oid } from '../git/objects.ts'
import type { KeyOf } from '../model/kinds.ts'
import type { Stamp } from '../model/records.ts'
import {
  entriesFile,
  type JournalKey,
  type JournalProgress,
  writeProgress
} from './journal-folder.ts'
import { readEntries } from './journal-read.ts'
import type { ProjectStore } from './project-store.ts'
import { readyArtifacts } from './run-artifacts.ts'
import { RunChanges } from './run-changes.ts'
import { RunParts } from './run-parts.ts'
import { type CodePatch, type WrittenRun, writeRun } from './run-write.ts'
import type { Transaction } from './transaction.ts'

/** Parts of more bytes than this are committed before more entries are read. */
const COMMIT_BYTES = 32_000_000

/** What a commit of a journal came to. */
export interface CommittedRun extends WrittenRun {
  readonly commitOid: Oid
}

/** How a journal is committed. */
export interface CommitOptions {
  /** One word for the commit's subject. */
  readonly operation: string
  /** Goes with the start. Default: none. */
  readonly patch?: CodePatch | undefined
  /** How the run ended if the journal does not say. Default: it goes on. */
  readonly end?: RunOutcome | undefined
  /** Told, in a sentence, of what had to be left out. */
  readonly onProblem: (problem: string) => void
}

/** Commits of one run by one process, one after another, so that each sees the parts of the last. */
const commits = new WeakMap<ProjectStore, KeyedMutex>()

/**
 * Brings the entries of one journal into the history. The process that logs does so, and whoever
 * recovers its journal: from the same entries both make the same files.
 */
export class RunCommitter {
  readonly #store: ProjectStore
  readonly #key: JournalKey
  readonly #folder: string
  readonly #attached: boolean
  readonly #parts: RunParts
  #changes = new RunChanges()
  /** Entries that begin before this byte were read. */
  #offset = 0
  #progress: JournalProgress
  #last: CommittedRun | undefined
  #isSummarized = true
  /** Of a run that has just ended, to be kept in columns. */
  #series: StoredSeries | undefined

  constructor(
    store: ProjectStore,
    key: JournalKey,
    folder: string,
    journal: { readonly attached: boolean; readonly progress: JournalProgress }
  ) {
    this.#store = store
    this.#key = key
    this.#folder = folder
    this.#attached = journal.attached
    this.#progress = journal.progress
    this.#parts = new RunParts(key)
  }

  get runKey(): KeyOf<'run'> {
    return { kind: 'run', experiment: this.#key.experiment, run: this.#key.run }
  }

  /**
   * Commits what was added since the last time.
   *
   * @throws STORE_NOT_FOUND if the run was deleted meanwhile; the errors of a transaction. What was
   * read is kept for the next call.
   */
  async commit(options: CommitOptions): Promise<CommittedRun | undefined> {
    const mutex = commits.get(this.#store) ?? new KeyedMutex()
    commits.set(this.#store, mutex)
    const committed = await mutex.run(`${this.#key.experiment}/${this.#key.run}`, async () => {
      for await (const full of this.#read()) if (full) await this.#commitRead(options, false)
      if (options.end !== undefined && !this.#attached && this.#changes.end === undefined) {
        this.#changes.finish(options.end)
      }
      const isNew = this.#offset > this.#progress.offset || this.#changes.end !== undefined
      if (isNew || !this.#isSummarized) await this.#commitRead(options, true)
      return this.#last
    })
    if (this.#series !== undefined) await this.#keepColumns(this.#series)
    return committed
  }

  /**
   * Writes all of the journal into a transaction that nobody commits; `written` are the paths of parts
   * that were written there before, to which it adds.
   */
  async preview(transaction: Transaction, written: Set<string>): Promise<void> {
    for await (const _ of this.#read());
    const onProblem = (): void => undefined
    await this.#write(transaction, { operation: 'preview', onProblem }, true, written)
  }

  /** Makes what reads the series sooner; the run has ended, with it or without it. */
  async #keepColumns(series: StoredSeries): Promise<void> {
    this.#series = undefined
    try {
      const { keepSeriesColumns } = await import('./series-cache.ts')
      await keepSeriesColumns(this.#store, series)
    } catch {
      // It is made when the series are read.
    }
  }

  /** Reads what was added; tells each time whether there is enough for a commit of its own. */
  async *#read(): AsyncGenerator<boolean> {
    const { files } = this.#store.host
    for await (const batch of readEntries(files, entriesFile(this.#folder), this.#offset)) {
      for (const { entry, offset } of batch.entries) {
        this.#parts.add(entry)
        if (offset >= this.#progress.offset) this.#changes.add(entry)
      }
      this.#offset = batch.nextOffset
      yield this.#parts.addedBytes > COMMIT_BYTES
    }
  }

  async #commitRead(options: CommitOptions, summarize: boolean): Promise<void> {
    const offset = this.#offset
    const ref = branchOf(this.runKey)
    const { value, heads } = await this.#store.transact([ref], options.operation, (transaction) =>
      this.#write(transaction, options, summarize)
    )
    const { series, ...written } = value
    this.#series = series
    this.#last = { ...written, commitOid: heads.get(ref) as Oid }
    this.#changes = new RunChanges()
    this.#parts.settle(summarize)
    this.#isSummarized = summarize
    const attempt = value.attempt
    this.#progress = { offset, ...(attempt === undefined ? {} : { attempt }) }
    await writeProgress(this.#store.host.files, this.#folder, this.#progress)
  }

  async #write(
    transaction: Transaction,
    options: CommitOptions,
    summarize: boolean,
    previewed?: Set<string>
  ): Promise<WrittenRun> {
    const written = previewed ?? new Set()
    for (const path of this.#parts.grown().keys()) written.add(path)
    const changes = this.#changes
    const artifacts = await readyArtifacts(this.#store, this.#folder, changes.artifacts.values(), {
      keep: previewed === undefined,
      onProblem: options.onProblem
    })
    const { writer } = this.#key
    const clock = { now: () => changes.timeMs }
    return writeRun({
      transaction,
      key: this.runKey,
      changes,
      summarize,
      parts: this.#parts,
      artifacts,
      patch: options.patch,
      attempt: this.#progress.attempt as Stamp | undefined,
      attached: this.#attached,
      view: await this.#store.viewOf(this.runKey),
      written,
      stamp: (record) => nextStamp(clock, writer, record)
    })
  }
}
