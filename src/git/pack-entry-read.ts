import type { FileSystem, Zlib } from '../base/platform.ts'
import { ByteCache } from './byte-cache.ts'
import { gitErrors } from './errors.ts'
import { readEntryHead } from './pack-entry-head.ts'
import type { PackTable } from './pack-table.ts'

/** How much of the pack's file is read at a time where entries are needed again. */
const WINDOW_BYTES = 128 << 10
/** So much of what was read is kept. */
const WINDOWS_BYTES = 8 << 20

/** Reads entries of the pack that was just written. */
export class EntryReader {
  readonly #fs: Pick<FileSystem, 'readRange'>
  readonly #zlib: Zlib
  readonly #file: string
  readonly #table: PackTable
  readonly #windows = new ByteCache<Uint8Array>(WINDOWS_BYTES)

  constructor(fs: Pick<FileSystem, 'readRange'>, zlib: Zlib, file: string, table: PackTable) {
    this.#fs = fs
    this.#zlib = zlib
    this.#file = file
    this.#table = table
  }

  /** Returns the inflated bytes of an entry: an object's, or a delta's. */
  async read(number: number): Promise<Uint8Array> {
    const offset = this.#table.offsets[number] as number
    const raw = await this.#span(offset, this.#table.endOf(number))
    const { sizeBytes, bytes } = readEntryHead(raw)
    return this.#zlib.inflate(raw, sizeBytes, bytes)
  }

  async #span(start: number, end: number): Promise<Uint8Array> {
    const first = Math.floor(start / WINDOW_BYTES)
    const base = first * WINDOW_BYTES
    if (end > base + WINDOW_BYTES) return this.#read(start, end - start, end - start)
    const kept = this.#windows.get(`${first}`)
    const window = kept ?? (await this.#read(base, WINDOW_BYTES, end - base))
    if (kept === undefined) this.#windows.set(`${first}`, window, window.length)
    return window.subarray(start - base, end - base)
  }

  async #read(offset: number, length: number, needed: number): Promise<Uint8Array> {
    const bytes = await this.#fs.readRange(this.#file, offset, length)
    if (bytes !== undefined && bytes.length >= needed) return bytes
    throw gitErrors.create('GIT_PACK_DAMAGED', { path: this.#file, reason: 'its file is gone' })
  }
}
