import { reasonOf } from '../base/errors.ts'
import type { AppendFile, FileSystem, Platform } from '../base/platform.ts'
import { TOUCH_EVERY_MS } from '../git/liveness.ts'
import { storeErrors } from './errors.ts'
import { entriesFile, type JournalOwner, ownerFile, writeOwner } from './journal-folder.ts'
import { PendingLines } from './pending-lines.ts'

/** What a journal stands on. */
export interface JournalContext {
  readonly files: FileSystem
  readonly platform: Platform
  /** Told of trouble with the disk; entries wait in memory meanwhile. */
  readonly onTrouble: (error: unknown) => void
}

/** How often entries are flushed to the disk, and those that wait in memory are tried again. */
const SYNC_EVERY_MS = 1000

/**
 * After so long without a look at the file, this process may have been taken for dead and its journal
 * committed and removed: what is written is kept in memory as well until the next look.
 */
const DOUBTFUL_MS = 60_000

/**
 * The entries of one process for one run, on their way to a commit.
 *
 * `append` never fails: it returns when one write(2) has the lines, or keeps them in memory while the
 * disk can't take them, or as long as no folder was given.
 */
export class Journal {
  readonly #context: JournalContext
  readonly #pending = new PendingLines()
  /** What was written into a file that may have been removed. */
  readonly #doubtful = new PendingLines()
  readonly #stop: () => void
  #folder: string | undefined
  #file: AppendFile | undefined
  /** Bytes of whole lines in the file. */
  #sizeBytes = 0
  #checkedMs = 0
  #unsynced = false
  #ticks = 0
  #syncing: Promise<number> | undefined

  constructor(context: JournalContext) {
    this.#context = context
    this.#stop = context.platform.timers.every(SYNC_EVERY_MS, () => this.#tick())
  }

  /** The journal's folder; `undefined` while everything is in memory. */
  get folder(): string | undefined {
    return this.#folder
  }

  /** Entries that are in memory alone. */
  get waiting(): number {
    return this.#pending.count
  }

  /** Entries that neither the disk nor the memory could hold. */
  get lost(): number {
    return this.#pending.lost
  }

  /**
   * Makes the journal's folder and moves there what waits in memory, behind `first`. The next one may
   * be given when `sync` found that the folder is gone.
   *
   * @throws the platform's error; it can be called again.
   */
  async open(folder: string, owner: JournalOwner, first: Uint8Array | undefined): Promise<void> {
    const { files, platform } = this.#context
    await writeOwner(files, folder, owner)
    const file = await files.openAppend(entriesFile(folder))
    this.#sizeBytes = 0
    if (first !== undefined) this.#write(file, first)
    await files.syncFolder(folder)
    this.#folder = folder
    this.#file = file
    this.#checkedMs = platform.clock.now()
    this.#drain(file)
  }

  /**
   * Adds lines, whose bytes the caller may use again; those that are `kept` are not thrown away when the
   * memory is full.
   */
  append(lines: Uint8Array, kept = false, nowMs = this.#context.platform.clock.now()): void {
    if (this.#file !== undefined && this.#pending.isEmpty) {
      try {
        this.#write(this.#file, lines)
        if (nowMs - this.#checkedMs > DOUBTFUL_MS) {
          this.#doubtful.add(lines.slice(), false)
        }
        return
      } catch (error) {
        this.#context.onTrouble(error)
      }
    }
    this.#pending.add(lines.slice(), kept)
  }

  /**
   * Makes everything that was appended survive a power cut; returns where the next entry will begin.
   *
   * @throws STORE_JOURNAL if the disk does not take it, or if the folder is gone, which is then
   * `undefined`.
   */
  async sync(): Promise<number> {
    while (this.#syncing !== undefined) await this.#syncing.catch(() => undefined)
    this.#syncing = this.#sync().finally(() => {
      this.#syncing = undefined
    })
    return this.#syncing
  }

  async close(): Promise<void> {
    this.#stop()
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }

  #tick(): void {
    this.#ticks++
    const isTrouble = !this.#pending.isEmpty && this.#folder !== undefined
    const isTime = this.#ticks % (TOUCH_EVERY_MS / SYNC_EVERY_MS) === 0
    if (this.#folder !== undefined && isTime) {
      this.#context.files.touch(ownerFile(this.#folder)).catch(this.#context.onTrouble)
    }
    if ((this.#unsynced || isTrouble || isTime) && this.#syncing === undefined) {
      this.sync().catch(this.#context.onTrouble)
    }
  }

  async #sync(): Promise<number> {
    const folder = this.#folder
    if (folder === undefined || this.#file === undefined) return this.#sizeBytes
    this.#unsynced = false
    try {
      if (!this.#pending.isEmpty) await this.#reopen(folder)
      const size = this.#sizeBytes
      await this.#file.sync()
      await this.#check(folder, size)
      return size
    } catch (cause) {
      this.#unsynced = true
      const reason = reasonOf(cause).replace(/\.$/, '')
      throw storeErrors.create('STORE_JOURNAL', { folder, reason }, cause)
    }
  }

  /** Finds out whether the file is still in its place: one that was removed takes writes all the same. */
  async #check(folder: string, leastBytes: number): Promise<void> {
    const { files, platform } = this.#context
    const nowMs = platform.clock.now()
    const stat = await files.stat(entriesFile(folder))
    if (stat !== undefined && stat.sizeBytes >= leastBytes) {
      this.#checkedMs = nowMs
      this.#doubtful.clear()
      return
    }
    const file = this.#file
    this.#folder = undefined
    this.#file = undefined
    this.#pending.prepend(this.#doubtful)
    await file?.close().catch(() => undefined)
    throw storeErrors.create('STORE_JOURNAL', { folder, reason: 'it was removed' })
  }

  /** Opens the file anew: after some failures, as of a network file system, the old handle is dead. */
  async #reopen(folder: string): Promise<void> {
    const { files } = this.#context
    await this.#check(folder, this.#sizeBytes)
    const file = await files.openAppend(entriesFile(folder))
    const old = this.#file
    this.#file = file
    await old?.close().catch(() => undefined)
    const sizeBytes = (await files.stat(entriesFile(folder)))?.sizeBytes ?? this.#sizeBytes
    // A write that failed may have put the beginning of a line into the file.
    this.#pending.drop(sizeBytes - this.#sizeBytes)
    this.#sizeBytes = sizeBytes
    this.#drain(file)
  }

  #drain(file: AppendFile): void {
    for (let line = this.#pending.first; line !== undefined; line = this.#pending.first) {
      this.#write(file, line)
      this.#pending.drop(line.length)
    }
  }

  #write(file: AppendFile, bytes: Uint8Array): void {
    file.append(bytes)
    this.#sizeBytes += bytes.length
    this.#unsynced = true
  }
}
