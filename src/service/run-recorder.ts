import { reasonOf } from '../base/errors.ts'
import type { Platform } from '../base/platform.ts'
import { Mutex } from '../base/tasks.ts'
import type { RunOutcome } from '../format/edit.ts'
import { storeErrors } from '../store/errors.ts'
import type { StoreHost } from '../store/host.ts'
import { Journal } from '../store/journal.ts'
import { formatEntry, type JournalEntry } from '../store/journal-entry.ts'
import { type JournalKey, removeJournal } from '../store/journal-folder.ts'
import type { PointsEntry } from '../store/journal-points.ts'
import type { ProjectStore } from '../store/project-store.ts'
import type { CommittedRun, RunCommitter } from '../store/run-commit.ts'
import type { CodePatch } from '../store/run-write.ts'

/** A run's place in a store. */
export interface RunPlace {
  readonly store: ProjectStore
  readonly key: JournalKey
  readonly committer: RunCommitter
}

/** What a recorder stands on. */
export interface RecorderContext {
  readonly files: StoreHost['files']
  readonly platform: Platform
  /** How the run is called in warnings. */
  readonly title: string
  /** Whether the run's outcome is another process's to tell. */
  readonly attached: boolean
  /** Opens the store and the journal in it; called again later if it failed. */
  readonly connect: (journal: Journal) => Promise<RunPlace>
  readonly patch: CodePatch | undefined
  print(line: string): void
}

/** What became of a run's entries. */
export interface RecorderReport {
  readonly committed: CommittedRun | undefined
  readonly problems: readonly string[]
}

/**
 * Brings what a run logs to the journal and from there into the history, and keeps all trouble with
 * it away from the experiment: it is told in one warning, and in the report.
 */
export class RunRecorder {
  readonly #context: RecorderContext
  readonly #mutex = new Mutex()
  readonly #problems = new Set<string>()
  readonly #journal: Journal
  #place: RunPlace | undefined
  #warned = false
  /** Whether the journal tells how the run ended, as far as that is known. */
  #isTold = false
  #isEnding = false

  constructor(context: RecorderContext) {
    this.#context = context
    this.#journal = new Journal({
      files: context.files,
      platform: context.platform,
      onTrouble: (error) => this.#journalTrouble(error)
    })
  }

  get place(): RunPlace | undefined {
    return this.#place
  }

  /** Adds lines to the journal; `nowMs` spares it a look at the clock. */
  append(lines: Uint8Array, nowMs?: number): void {
    if (this.#isEnding) this.#tellLate()
    else this.#journal.append(lines, false, nowMs)
  }

  /** Adds an entry that is kept even if the memory is full. @throws TypeError if it is no JSON. */
  appendEntry(entry: Exclude<JournalEntry, PointsEntry>, what: string): void {
    const line = formatEntry(entry, what)
    if (this.#isEnding) this.#tellLate()
    else this.#journal.append(line, true)
  }

  /**
   * Tells the journal, at once, how the process is about to end, unless the run is being ended. What is
   * logged until then still counts.
   */
  appendEnd(outcome: RunOutcome): void {
    if (this.#isEnding || this.#isTold) return
    this.#isTold = true
    if (!this.#context.attached) this.appendEntry({ end: outcome }, 'the end of the run')
  }

  /** Opens the store and commits the start. @throws what `connect` and the transaction throw. */
  async start(operation: string): Promise<CommittedRun | undefined> {
    return this.#mutex.run(async () => {
      await this.#connect()
      return this.#commit(operation)
    })
  }

  /** Forgets everything. */
  async discard(): Promise<void> {
    this.#isEnding = true
    await this.#journal.close()
  }

  /** Returns the journal's folder, for contents; `undefined` if there is no store. */
  async folder(): Promise<string | undefined> {
    return this.#guard(() =>
      this.#mutex.run(async () => {
        await this.#connect()
        return this.#journal.folder
      })
    )
  }

  async flush(): Promise<void> {
    if (this.#isEnding) return
    await this.#guard(() =>
      this.#mutex.run(async () => {
        await this.#connect()
        await this.#commit('update')
      })
    )
  }

  /** Makes what was logged survive a power cut. */
  async sync(): Promise<void> {
    if (!this.#isEnding) await this.#guard(() => this.#journal.sync())
  }

  /** Ends the run: commits all that is left and removes the journal. Never fails. */
  async end(outcome: RunOutcome, operation: string): Promise<RecorderReport> {
    this.#isTold = false
    this.appendEnd(outcome)
    this.#isEnding = true
    const committed = await this.#guard(() =>
      this.#mutex.run(async () => {
        const { store, key } = await this.#connect()
        const done = await this.#commit(operation, outcome)
        await this.#journal.close()
        await removeJournal(store, key)
        return done
      })
    )
    await this.#journal.close().catch(() => undefined)
    const { lost } = this.#journal
    if (lost > 0) this.#problems.add(`The memory was full: ${lost} entries were lost.`)
    if (committed === undefined) this.#tellUncommitted()
    return { committed, problems: [...this.#problems] }
  }

  /** Notes trouble; the first time a warning is printed. */
  trouble(what: string, error?: unknown): void {
    const reason = error === undefined ? '' : reasonOf(error).replace(/\.$/, '')
    // One cause makes several troubles; it is told once.
    const isTold = reason === '' || [...this.#problems].some((each) => each.includes(reason))
    const text = isTold ? `${what}.` : `${what}: ${reason}.`
    this.#problems.add(text)
    if (this.#warned) return
    this.#warned = true
    this.#context.print(`runtree: ${text} (${this.#context.title} goes on)`)
  }

  #tellUncommitted(): void {
    const { waiting, folder } = this.#journal
    if (waiting > 0)
      this.#problems.add(
        `${waiting} ${waiting === 1 ? 'entry' : 'entries'} never reached the disk and got lost.`
      )
    if (folder === undefined) return
    this.#problems.add(
      `What was logged is kept in ${folder}; it is committed when the workspace is opened again, or ` +
        'when the run is restored if it was deleted.'
    )
  }

  #tellLate(): void {
    this.trouble('Something was logged after the end of the run and is left out')
  }

  #journalTrouble(error: unknown): void {
    if (this.#isEnding) return
    this.trouble('The store could not be written', error)
    if (this.#place !== undefined && this.#journal.folder === undefined) void this.flush()
  }

  /** Opens store and journal; anew, if somebody took this process for dead and removed the journal. */
  async #connect(): Promise<RunPlace> {
    if (this.#place !== undefined) await this.#journal.sync().catch(this.#rethrowIfThere)
    if (this.#journal.folder === undefined) this.#place = undefined
    this.#place ??= await this.#context.connect(this.#journal)
    return this.#place
  }

  readonly #rethrowIfThere = (error: unknown): void => {
    if (this.#journal.folder !== undefined) throw error
    this.trouble('The journal of the run was gone and is begun anew', error)
  }

  async #commit(operation: string, end?: RunOutcome): Promise<CommittedRun | undefined> {
    await this.#journal.sync()
    return this.#place?.committer.commit({
      operation,
      end,
      patch: this.#context.patch,
      onProblem: (problem) => this.#problems.add(problem)
    })
  }

  async #guard<T>(body: () => Promise<T>): Promise<T | undefined> {
    try {
      return await body()
    } catch (error) {
      const isDeleted = storeErrors.is(error, 'STORE_NOT_FOUND')
      this.trouble(
        isDeleted ? 'The run was deleted meanwhile' : 'The run could not be stored',
        error
      )
      return undefined
    }
  }
}
