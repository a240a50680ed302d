import { equalBytes } from '../base/bytes.ts'
import type { Digest, Platform } from '../base/platform.ts'
import { ByteQueue } from './byte-queue.ts'
import { crc32 } from './crc32.ts'
import { gitErrors } from './errors.ts'
import { NameSet } from './name-set.ts'
import { MAX_OBJECT_BYTES } from './objects.ts'
import { readEntryHead } from './pack-entry-head.ts'
import { OFS_DELTA, PACKED_TYPES, PackTable, REF_DELTA } from './pack-table.ts'

const TRAILER = 20
/** A table has no numbers for more. */
const MAX_OBJECTS = 2 ** 28
/** What deflating adds is far less than this and as much as the object is long. */
const SPARE_BYTES = 64 << 10

/**
 * Takes a pack apart while it comes (gitformat-pack(5)): finds where each entry ends and checks the
 * checksum at its end. Keeps no content; that goes to `onEntry`, with the number of the entry.
 */
export class PackParser {
  readonly table = new PackTable()
  /** The objects that deltas name as their bases. */
  readonly baseNames = new NameSet()
  readonly #platform: Pick<Platform, 'hash' | 'zlib'>
  readonly #onEntry: (number: number, content: Uint8Array) => void
  readonly #path: string
  readonly #digest: Digest
  readonly #queue = new ByteQueue()
  #count: number | undefined
  /** Before so many bytes wait, another try would end as the last one did. */
  #needed = 0
  #checksum: Uint8Array | undefined
  /** What the head of an entry says, as `#readHead` found it. */
  #head = { length: 0, sizeBytes: 0, kind: 0, base: -1 }

  /** `path` is for the messages of errors. */
  constructor(
    platform: Pick<Platform, 'hash' | 'zlib'>,
    path: string,
    onEntry: (number: number, content: Uint8Array) => void
  ) {
    this.#platform = platform
    this.#path = path
    this.#onEntry = onEntry
    this.#digest = platform.hash.openSha1()
  }

  /** How many objects the pack says it has; `undefined` before its head came. */
  get count(): number | undefined {
    return this.#count
  }

  /** @throws GIT_PACK_DAMAGED */
  push(bytes: Uint8Array): void {
    this.#queue.push(bytes)
    if (this.#queue.length >= this.#needed) this.#advance(false)
  }

  /** Ends the pack and returns its checksum. @throws GIT_PACK_DAMAGED if something is missing. */
  finish(): Uint8Array {
    this.#advance(true)
    if (this.#checksum === undefined) throw this.#damaged('it is cut short')
    return this.#checksum
  }

  #advance(isEnd: boolean): void {
    if (this.#count === undefined) {
      if (this.#queue.length < 12) return
      this.#count = this.#readHeader(this.#consume(12))
    }
    const bytes = this.#queue.peek()
    let at = 0
    while (this.table.count < this.#count) {
      const end = this.#readEntry(bytes, at)
      if (end === undefined) break
      at = end
    }
    if (at > 0) this.#consume(at)
    if (this.table.count < this.#count) {
      if (isEnd) throw this.#damaged('it is cut short')
      const left = bytes.length - at
      this.#needed = left + (left >> 1) + 1
      return
    }
    this.#needed = 0
    if (this.#checksum === undefined && this.#queue.length >= TRAILER) {
      this.#checksum = this.#queue.take(TRAILER).slice()
      if (!equalBytes(this.#checksum, this.#digest.finish())) {
        throw this.#damaged('its checksum does not match')
      }
    }
    if (this.#checksum !== undefined && this.#queue.length > 0) {
      throw this.#damaged('something follows its end')
    }
  }

  #readHeader(bytes: Uint8Array): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    if (view.getUint32(0) !== 0x5041434b) throw this.#damaged('it is no pack')
    const version = view.getUint32(4)
    if (version !== 2 && version !== 3) throw this.#damaged(`its version is ${version}`)
    const count = view.getUint32(8)
    if (count > MAX_OBJECTS) throw this.#damaged(`it claims ${count} objects`)
    return count
  }

  /** Reads the entry at `at` and returns where it ends; `undefined` if not all of it is there. */
  #readEntry(bytes: Uint8Array, at: number): number | undefined {
    if (!this.#readHead(bytes, at)) return undefined
    const { length, sizeBytes, kind, base } = this.#head
    const inflated = this.#inflate(bytes.subarray(at + length), sizeBytes)
    if (inflated === undefined) {
      // Somebody could send for ever what inflates to nothing.
      if (bytes.length - at - length > 2 * sizeBytes + SPARE_BYTES) {
        throw this.#damaged(`${this.#entry()} is longer than it says`)
      }
      return undefined
    }
    const end = at + length + inflated.usedBytes
    const crc = crc32(bytes, at, end)
    const number = this.table.add(kind, base, crc, this.table.end + end - at)
    this.#onEntry(number, inflated.bytes)
    return end
  }

  /** Reads what precedes the deflated bytes of an entry; `false` if not all of that is there. */
  #readHead(bytes: Uint8Array, start: number): boolean {
    const { kind, sizeBytes, typeBytes, bytes: length, distance } = readEntryHead(bytes, start)
    if (sizeBytes > MAX_OBJECT_BYTES) throw this.#damaged(`${this.#entry()} is huge`)
    if (bytes.length < start + length) return false
    let base = -1
    if (kind === OFS_DELTA) {
      base = distance === 0 ? -1 : this.table.findOffset(this.table.end - distance)
      if (base < 0) throw this.#damaged(`${this.#entry()} has no base`)
    } else if (kind === REF_DELTA) {
      base = this.baseNames.add(bytes, start + typeBytes)
    } else if (PACKED_TYPES[kind] === undefined) {
      throw this.#damaged(`${this.#entry()} has the type ${kind}`)
    }
    this.#head = { length, sizeBytes, kind, base }
    return true
  }

  #inflate(
    bytes: Uint8Array,
    sizeBytes: number
  ): { readonly bytes: Uint8Array; readonly usedBytes: number } | undefined {
    try {
      const part = this.#platform.zlib.inflatePart(bytes, sizeBytes)
      if (part === undefined || part.bytes.length === sizeBytes) return part
    } catch (cause) {
      throw this.#damaged(`${this.#entry()} cannot be inflated`, cause)
    }
    throw this.#damaged(`${this.#entry()} is shorter than it says`)
  }

  #entry(): string {
    return `the entry at ${this.table.end}`
  }

  #consume(count: number): Uint8Array {
    const bytes = this.#queue.take(count)
    this.#digest.update(bytes)
    return bytes
  }

  #damaged(reason: string, cause?: unknown): Error {
    return gitErrors.create('GIT_PACK_DAMAGED', { path: this.#path, reason }, cause)
  }
}
