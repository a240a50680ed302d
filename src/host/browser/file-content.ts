import { answerOf, type FileRecord, type Stores } from './database.ts'
import { newId, putName } from './file-names.ts'

type RegularFile = Extract<FileRecord, { readonly kind: 'file' }>

/** Content that lies in the record itself, so that refs and marks cost one request. */
const INLINE_BYTES = 1024
/** Larger content is cut into pieces of this size. */
export const EXTENT_BYTES = 1 << 20
/** So much of a large file is on its way to the database at once. */
const PART_BYTES = 4 << 20
/** How many extents are remembered: whoever reads a pack asks for each several times, in any order. */
const REMEMBERED = 16

/** How a file is written. */
interface PutOptions {
  /** Default: a new one. */
  readonly fileId?: string
  /** Default: 0o644. */
  readonly mode?: number
}

/** Writes a file with all of its content; what it replaces is to be removed by `dropContent`. */
export function putFile(
  stores: Stores,
  path: string,
  bytes: Uint8Array,
  options: PutOptions = {}
): RegularFile {
  const contentId = bytes.length <= INLINE_BYTES ? undefined : newId()
  if (contentId !== undefined) putExtents(stores, contentId, 0, bytes)
  return putRecord(stores, path, bytes, contentId, options)
}

/** The same, without all of a large content being on its way at once. */
export async function putInParts(
  stores: Stores,
  path: string,
  bytes: Uint8Array,
  options: PutOptions = {}
): Promise<void> {
  if (bytes.length <= PART_BYTES) {
    putFile(stores, path, bytes, options)
    return
  }
  const contentId = newId()
  for (let at = 0; at < bytes.length; at += PART_BYTES) {
    const last = putExtents(stores, contentId, at, bytes.subarray(at, at + PART_BYTES))
    if (last !== undefined) await answerOf(last)
  }
  putRecord(stores, path, bytes, contentId, options)
}

function putRecord(
  stores: Stores,
  path: string,
  bytes: Uint8Array,
  contentId: string | undefined,
  { fileId = newId(), mode = 0o644 }: PutOptions
): RegularFile {
  const record: RegularFile = {
    kind: 'file',
    fileId,
    mode,
    modifiedMs: Date.now(),
    sizeBytes: bytes.length,
    ...(contentId === undefined ? { bytes: bytes.slice() } : { contentId })
  }
  putName(stores, path, record)
  return record
}

/** Writes content from an offset on, in pieces; returns the last request. */
export function putExtents(
  { extents }: Stores,
  contentId: string,
  offset: number,
  bytes: Uint8Array
): IDBRequest | undefined {
  let last: IDBRequest | undefined
  for (let at = 0; at < bytes.length; at += EXTENT_BYTES) {
    last = extents.put(bytes.slice(at, at + EXTENT_BYTES), [contentId, offset + at])
  }
  return last
}

/** Removes the content of a file that is removed or replaced. */
export function dropContent({ extents }: Stores, record: FileRecord): void {
  if (record.kind !== 'file' || record.contentId === undefined) return
  extents.delete(rangeOf(record.contentId))
}

/** Reads the content of files; extents never change, so that some can be remembered. */
export class ContentReader {
  readonly #remembered = new Map<string, { readonly start: number; readonly bytes: Uint8Array }>()

  /** Reads up to `length` bytes from `offset`; the bytes are the caller's. */
  async read(
    stores: Stores,
    record: RegularFile,
    offset = 0,
    length = record.sizeBytes
  ): Promise<Uint8Array> {
    const end = Math.min(record.sizeBytes, offset + length)
    if (offset >= end) return new Uint8Array()
    const { bytes, contentId } = record
    if (bytes !== undefined) return bytes.slice(offset, end)
    if (contentId === undefined) return new Uint8Array()
    const whole = new Uint8Array(end - offset)
    for (let at = offset; at < end; ) {
      const extent = await this.#extentAt(stores, contentId, at)
      // What was promised is not there: the file ends here, as one that is cut short.
      if (extent === undefined) return whole.slice(0, at - offset)
      const part = extent.bytes.subarray(at - extent.start, end - extent.start)
      whole.set(part, at - offset)
      at += part.length
    }
    return whole
  }

  async #extentAt(
    { extents }: Stores,
    contentId: string,
    offset: number
  ): Promise<{ readonly start: number; readonly bytes: Uint8Array } | undefined> {
    for (const [key, extent] of this.#remembered) {
      if (!key.startsWith(contentId) || extent.start > offset) continue
      if (offset >= extent.start + extent.bytes.length) continue
      // The one that was asked for last goes last.
      this.#remembered.delete(key)
      this.#remembered.set(key, extent)
      return extent
    }
    const range = IDBKeyRange.bound([contentId, 0], [contentId, offset])
    const cursor = await answerOf(extents.openCursor(range, 'prev'))
    if (cursor === null) return undefined
    const [, start] = cursor.key as [string, number]
    const bytes = cursor.value as Uint8Array
    if (offset >= start + bytes.length) return undefined
    const extent = { start, bytes }
    this.#remembered.set(`${contentId} ${start}`, extent)
    const [oldest] = this.#remembered.keys()
    if (this.#remembered.size > REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest)
    return extent
  }
}

function rangeOf(contentId: string): IDBKeyRange {
  return IDBKeyRange.bound([contentId, 0], [contentId, Number.POSITIVE_INFINITY])
}
