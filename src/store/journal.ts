import { encodeUtf8Into } from '../base/bytes.ts'
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

/** Bytes of a line that are encoded without an allocation. */
const SCRATCH_BYTES = 1 << 16
const scratch = new Uint8Array(SCRATCH_BYTES)

/**
 * The entries of one process for one run, on their way to a commit.
 *
 * `append` never fails: it returns when one write(2) has the line, or keeps the line in memory while
 * the disk can't take it, or as long as no folder was given.
 */
export class Journal {
  readonly #context: JournalContext
  readonly #pending = new PendingLines()
  readonly #stop: () => void
  #folder: string | undefined
  #file: AppendFile | undefined
  /** Bytes of whole lines in the file. */
  #sizeBytes = 0
  #unsynced = false
  #ticks = 0
  #retrying: Promise<void> | undefined

  constructor(context: JournalContext) {
    this.#context = context
    this.#stop = context.platform.timers.every(SYNC_EVERY_MS, () => this.#tick())
  }

  /** The journal's folder; `undefined` while everything is in memory. */
  get folder(): string | undefined {
    return this.#folder
  }

  /** Entries that neither the disk nor the memory could hold. */
  get lost(): number {
    return this.#pending.lost
  }

  /**
   * Makes the journal's folder and moves there what waits in memory.
   *
   * @throws the platform's error; it can be called again.
   */
  async open(folder: string, owner: JournalOwner): Promise<void> {
    const { files } = this.#context
    await writeOwner(files, folder, owner)
    const file = await files.openAppend(entriesFile(folder))
    await files.syncFolder(folder)
    this.#folder = folder
    this.#file = file
    this.#drain(file)
  }

  /** Adds lines; those that are `kept` are not thrown away when the memory is full. */
  append(lines: string, kept = false): void {
    const size = lines.length * 3 <= SCRATCH_BYTES ? encodeUtf8Into(lines, scratch) : -1
    const bytes = size < 0 ? new TextEncoder().encode(lines) : scratch.subarray(0, size)
    if (this.#file !== undefined && this.#pending.isEmpty) {
      try {
        this.#file.append(bytes)
        this.#sizeBytes += bytes.length
        this.#unsynced = true
        return
      } catch (error) {
        this.#context.onTrouble(error)
      }
    }
    this.#pending.add(bytes.slice(), kept)
  }

  /**
   * Makes everything that was appended survive a power cut; returns where the next entry will begin.
   *
   * @throws STORE_JOURNAL if the disk does not take it, or the folder is gone.
   */
  async sync(): Promise<number> {
    try {
      if (!this.#pending.isEmpty) await this.#retry()
      const size = this.#sizeBytes
      this.#unsynced = false
      await this.#file?.sync()
      if (this.#folder !== undefined) await this.#checkFile(this.#folder, size)
      return size
    } catch (cause) {
      this.#unsynced = true
      const folder = this.#folder ?? 'memory'
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw storeErrors.create('STORE_JOURNAL', { folder, reason }, cause)
    }
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
    if (this.#unsynced || isTrouble) {
      this.sync().catch((error: unknown) => this.#context.onTrouble(error))
    }
    if (this.#folder !== undefined && this.#ticks % (TOUCH_EVERY_MS / SYNC_EVERY_MS) === 0) {
      this.#context.files.touch(ownerFile(this.#folder)).catch(this.#context.onTrouble)
    }
  }

  /** Finds out whether the file is still in its place: one that was removed takes writes all the same. */
  async #checkFile(folder: string, leastBytes: number): Promise<void> {
    const stat = await this.#context.files.stat(entriesFile(folder))
    if (stat === undefined || stat.sizeBytes < leastBytes) {
      throw storeErrors.create('STORE_JOURNAL', { folder, reason: 'it was removed' })
    }
  }

  #retry(): Promise<void> {
    this.#retrying ??= this.#reopen().finally(() => {
      this.#retrying = undefined
    })
    return this.#retrying
  }

  /** Opens the file anew: after some failures, as of a network file system, the old handle is dead. */
  async #reopen(): Promise<void> {
    const { files } = this.#context
    const folder = this.#folder
    if (folder === undefined) throw new TypeError('the journal has no folder yet')
    await this.#checkFile(folder, this.#sizeBytes)
    const file = await files.openAppend(entriesFile(folder))
    const old = this.#file
    this.#file = file
    await old?.close().catch(() => undefined)
    const stat = await files.stat(entriesFile(folder))
    // A write that failed may have put the beginning of a line into the file.
    this.#pending.drop((stat?.sizeBytes ?? this.#sizeBytes) - this.#sizeBytes)
    this.#sizeBytes = stat?.sizeBytes ?? this.#sizeBytes
    this.#drain(file)
  }

  #drain(file: AppendFile): void {
    for (let line = this.#pending.first; line !== undefined; line = this.#pending.first) {
      file.append(line)
      this.#sizeBytes += line.length
      this.#unsynced = true
      this.#pending.drop(line.length)
    }
  }
}
