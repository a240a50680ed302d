import { equalBytes, formatHex } from '../base/bytes.ts'
import type { Digest, Platform } from '../base/platform.ts'
import { ByteQueue } from './byte-queue.ts'
import { crc32 } from './crc32.ts'
import { gitErrors } from './errors.ts'
import { computeOid, type ObjectType, type Oid } from './objects.ts'

const TYPES: readonly (ObjectType | undefined)[] = [undefined, 'commit', 'tree', 'blob', 'tag']
const OFS_DELTA = 6
const REF_DELTA = 7
const TRAILER = 20
/** Larger objects are refused: no JavaScript array holds more on every platform. */
const MAX_OBJECT_BYTES = 2 ** 31

/** An entry of a pack as it came. */
export interface ParsedEntry {
  readonly offset: number
  /** Where it ends. */
  readonly end: number
  readonly crc: number
  /** What it is, or what the delta in it goes to: the offset of an entry before it, or an object. */
  readonly content:
    | { readonly type: ObjectType; readonly oid: Oid }
    | { readonly base: number | Oid }
}

/** The head of an entry: what precedes its deflated bytes. */
interface EntryHead {
  readonly length: number
  readonly sizeBytes: number
  readonly content: { readonly type: ObjectType } | { readonly base: number | Oid }
}

/**
 * Takes a pack apart while it comes (gitformat-pack(5)): finds where each entry ends, names what is
 * whole, and checks the checksum at its end. Keeps no content; that goes to `onContent`.
 */
export class PackParser {
  readonly entries: ParsedEntry[] = []
  readonly #platform: Pick<Platform, 'hash' | 'zlib'>
  readonly #onContent: (entry: ParsedEntry, bytes: Uint8Array) => void
  readonly #path: string
  readonly #digest: Digest
  readonly #queue = new ByteQueue()
  #offset = 0
  #count: number | undefined
  /** Before so many bytes wait, another try would end as the last one did. */
  #needed = 0
  #checksum: Uint8Array | undefined

  /** `path` is for the messages of errors. */
  constructor(
    platform: Pick<Platform, 'hash' | 'zlib'>,
    path: string,
    onContent: (entry: ParsedEntry, bytes: Uint8Array) => void
  ) {
    this.#platform = platform
    this.#path = path
    this.#onContent = onContent
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
    if (this.#queue.length > 0) throw this.#damaged('something follows its end')
    return this.#checksum
  }

  #advance(isEnd: boolean): void {
    if (this.#count === undefined) {
      if (this.#queue.length < 12) return
      this.#count = this.#readHeader(this.#consume(12))
    }
    while (this.entries.length < this.#count) {
      const bytes = this.#queue.peek()
      if (!this.#readEntry(bytes)) {
        if (isEnd) throw this.#damaged('it is cut short')
        this.#needed = bytes.length + (bytes.length >> 1) + 1
        return
      }
    }
    this.#needed = 0
    if (this.#checksum !== undefined || this.#queue.length < TRAILER) return
    this.#checksum = this.#queue.take(TRAILER).slice()
    if (!equalBytes(this.#checksum, this.#digest.finish())) {
      throw this.#damaged('its checksum does not match')
    }
  }

  #readHeader(bytes: Uint8Array): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    if (view.getUint32(0) !== 0x5041434b) throw this.#damaged('it is no pack')
    const version = view.getUint32(4)
    if (version !== 2 && version !== 3) throw this.#damaged(`its version is ${version}`)
    return view.getUint32(8)
  }

  /** Reads an entry; `false` if not all of it is there. */
  #readEntry(bytes: Uint8Array): boolean {
    const head = this.#readHead(bytes)
    if (head === undefined) return false
    const inflated = this.#inflate(bytes.subarray(head.length), head.sizeBytes)
    if (inflated === undefined) return false
    const offset = this.#offset
    const raw = this.#consume(head.length + inflated.usedBytes)
    const { content } = head
    const entry: ParsedEntry = {
      offset,
      end: this.#offset,
      crc: crc32(raw),
      content:
        'base' in content
          ? content
          : {
              type: content.type,
              oid: computeOid(this.#platform.hash, content.type, inflated.bytes)
            }
    }
    this.entries.push(entry)
    this.#onContent(entry, inflated.bytes)
    return true
  }

  #readHead(bytes: Uint8Array): EntryHead | undefined {
    let at = 0
    let byte = bytes[at++]
    if (byte === undefined) return undefined
    const kind = (byte >> 4) & 7
    let sizeBytes = byte & 0x0f
    for (let scale = 16; byte & 0x80; scale *= 128) {
      byte = bytes[at++]
      if (byte === undefined) return undefined
      sizeBytes += (byte & 0x7f) * scale
      if (sizeBytes > MAX_OBJECT_BYTES) throw this.#damaged(`the entry at ${this.#offset} is huge`)
    }
    if (kind === OFS_DELTA) {
      let distance = -1
      do {
        byte = bytes[at++]
        if (byte === undefined) return undefined
        distance = (distance + 1) * 128 + (byte & 0x7f)
      } while (byte & 0x80)
      const base = this.#offset - distance
      if (distance <= 0 || base < 12)
        throw this.#damaged(`the entry at ${this.#offset} has no base`)
      return { length: at, sizeBytes, content: { base } }
    }
    if (kind === REF_DELTA) {
      if (bytes.length < at + 20) return undefined
      return { length: at + 20, sizeBytes, content: { base: formatHex(bytes, at, at + 20) } }
    }
    const type = TYPES[kind]
    if (type === undefined) throw this.#damaged(`the entry at ${this.#offset} has the type ${kind}`)
    return { length: at, sizeBytes, content: { type } }
  }

  #inflate(
    bytes: Uint8Array,
    sizeBytes: number
  ): { readonly bytes: Uint8Array; readonly usedBytes: number } | undefined {
    try {
      const part = this.#platform.zlib.inflatePart(bytes, sizeBytes)
      if (part === undefined || part.bytes.length === sizeBytes) return part
    } catch (cause) {
      throw this.#damaged(`the entry at ${this.#offset} cannot be inflated`, cause)
    }
    throw this.#damaged(`the entry at ${this.#offset} is shorter than it says`)
  }

  #consume(count: number): Uint8Array {
    const bytes = this.#queue.take(count)
    this.#digest.update(bytes)
    this.#offset += count
    return bytes
  }

  #damaged(reason: string, cause?: unknown): Error {
    return gitErrors.create('GIT_PACK_DAMAGED', { path: this.#path, reason }, cause)
  }
}
