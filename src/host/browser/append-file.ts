import { concatBytes } from '../../base/bytes.ts'
import type { AppendFile } from '../../base/platform.ts'
import type { Database } from './database.ts'
import { pathError } from './errors.ts'
import { EXTENT_BYTES, putExtents } from './file-content.ts'
import { newId, putName, readName } from './file-names.ts'

/** What was appended waits this long for more, so that a download is not cut into small pieces. */
const WAIT_MS = 20

/** A file that grows; each flush adds an extent, and what is there is never written again. */
export class GrowingFile implements AppendFile {
  readonly #database: Database
  readonly #path: string
  readonly #onClose: (file: GrowingFile) => void
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #writing: Promise<void> = Promise.resolve()
  #failure: unknown

  constructor(database: Database, path: string, onClose: (file: GrowingFile) => void) {
    this.#database = database
    this.#path = path
    this.#onClose = onClose
  }

  /** Whoever reads afterwards sees the bytes; the disk has them a moment later, or after `sync`. */
  append(bytes: Uint8Array): void {
    if (this.#failure !== undefined) throw this.#failure
    this.#waiting.push(bytes.slice())
    this.#waitingBytes += bytes.length
    if (this.#waitingBytes >= EXTENT_BYTES) this.flush(false)
    else this.#timer ??= setTimeout(() => this.flush(false), WAIT_MS)
  }

  /** Begins to write what waits; transactions that begin later see it. */
  flush(isDurable: boolean): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#waiting.length === 0 && !isDurable) return
    const bytes = concatBytes(this.#waiting)
    this.#waiting = []
    this.#waitingBytes = 0
    const written = this.#write(bytes, isDurable)
    const earlier = this.#writing
    this.#writing = earlier.then(() => written)
    this.#writing.catch((error) => {
      this.#failure ??= error
    })
  }

  async sync(): Promise<void> {
    this.flush(true)
    await this.#writing
    if (this.#failure !== undefined) throw this.#failure
  }

  async close(): Promise<void> {
    this.flush(false)
    this.#onClose(this)
    await this.#writing
  }

  #write(bytes: Uint8Array, isDurable: boolean): Promise<void> {
    return this.#database.transact(
      'readwrite',
      async (stores) => {
        if (bytes.length === 0) return
        const record = await readName(stores, this.#path)
        if (record?.kind !== 'file') throw pathError('ENOENT', this.#path)
        const { bytes: inline, contentId = newId(), ...rest } = record
        if (inline !== undefined && inline.length > 0) putExtents(stores, contentId, 0, inline)
        putExtents(stores, contentId, record.sizeBytes, bytes)
        const sizeBytes = record.sizeBytes + bytes.length
        putName(stores, this.#path, { ...rest, contentId, sizeBytes, modifiedMs: Date.now() })
      },
      { isDurable }
    )
  }
}
