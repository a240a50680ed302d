import { formatHex } from '../base/bytes.ts'
import type { FileSystem, Platform } from '../base/platform.ts'
import { ByteCache } from './byte-cache.ts'
import { applyDelta } from './delta.ts'
import { type Content, DeltaBases } from './delta-bases.ts'
import { gitErrors } from './errors.ts'
import { inflateSmall } from './inflate-small.ts'
import type { GitObject, ObjectType, Oid } from './objects.ts'
import { computeOid, MAX_OBJECT_BYTES } from './objects.ts'
import type { PackIndex } from './pack-index.ts'
import { OFS_DELTA, PACKED_TYPES, REF_DELTA } from './pack-table.ts'

const WINDOW_BYTES = 256 * 1024
/** What is smaller is inflated here, if it can be. */
const SMALL_BYTES = 128
/** No entry has more before its deflated bytes. */
const HEAD_BYTES = 48

/** What all packs of a store share. */
export interface PackContext {
  readonly fs: FileSystem
  readonly hash: Platform['hash']
  readonly zlib: Platform['zlib']
  /** The slice that was used last, which most reads find again. */
  last?: { readonly pack: PackFile; readonly number: number; readonly bytes: Uint8Array }
  /** Slices of packs as they were read. */
  readonly windows: ByteCache<Uint8Array>
  /** Slices that are being read, each once for all who wait for it. */
  readonly loading: Map<string, Promise<Uint8Array | undefined>>
  /** Objects that are bases of deltas. */
  readonly bases: DeltaBases<PackFile>
}

/** How far the reading of an object has come: down a chain of deltas to what they build on. */
interface Descent {
  offset: number
  readonly deltas: { readonly offset: number; readonly bytes: Uint8Array }[]
  deltaBytes: number
  /** What was read for it last. */
  span?: { readonly offset: number; readonly bytes: Uint8Array; readonly isEnd: boolean }
  /** Where in the bytes that were looked up last the place lies. */
  from: number
  /** What of the file it needs next. */
  needed?: { readonly offset: number; readonly length: number }
}

/** An entry as it lies in a pack, inflated: an object, or a delta to the entry at `base`. */
type Entry = Content | { readonly base: number; readonly bytes: Uint8Array }

/** Makes what the packs of a store share; the bounds count bytes. */
export function createPackContext(
  fs: FileSystem,
  platform: Pick<Platform, 'hash' | 'zlib'>
): PackContext {
  return {
    fs,
    hash: platform.hash,
    zlib: platform.zlib,
    windows: new ByteCache(64 << 20),
    loading: new Map(),
    bases: new DeltaBases(32 << 20)
  }
}

/** Reads the objects of one pack. The file is opened anew for each window, never held open. */
export class PackFile {
  /** The path without its ending. */
  readonly path: string
  readonly index: PackIndex
  /** Whether it holds what nothing reaches, each object with a time of its own (`.mtimes`). */
  readonly isCruft: boolean
  readonly #context: PackContext
  #hasDeltas = false

  constructor(path: string, index: PackIndex, context: PackContext, isCruft = false) {
    this.path = path
    this.isCruft = isCruft
    this.index = index
    this.#context = context
  }

  /** Keeps the bytes of the whole pack for a while, if they are few. */
  remember(bytes: Uint8Array): void {
    if (bytes.length > WINDOW_BYTES >> 2) return
    this.#context.windows.set(this.#windowKey(0), bytes, bytes.length)
  }

  /**
   * Reads an object by its position in the index; `undefined` if the file is gone.
   *
   * @throws GIT_OBJECT_DAMAGED
   */
  async read(position: number): Promise<GitObject | undefined> {
    const oid = this.index.oidAt(position)
    const descent = this.#begin(position)
    for (;;) {
      const object = this.#finish(oid, descent)
      if (object !== undefined) return object
      if (!(await this.#load(descent))) return undefined
    }
  }

  /**
   * Reads an object at once, as `read` does; `undefined` if something of the file has to be read first.
   *
   * @throws GIT_OBJECT_DAMAGED
   */
  readKept(position: number, oid: Oid): GitObject | undefined {
    return this.#finish(oid, this.#begin(position))
  }

  #begin(position: number): Descent {
    return { offset: this.index.offsetAt(position), deltas: [], deltaBytes: 0, from: 0 }
  }

  #finish(oid: Oid, descent: Descent): GitObject | undefined {
    try {
      const content = this.#descend(descent)
      if (content === undefined) return undefined
      if (computeOid(this.#context.hash, content.type, content.bytes) !== oid) {
        throw this.#damaged('its bytes have another name')
      }
      return { oid, type: content.type, bytes: content.bytes }
    } catch (error) {
      if (!gitErrors.is(error, 'GIT_PACK_DAMAGED')) throw error
      const { path: where, reason } = error.data
      throw gitErrors.create('GIT_OBJECT_DAMAGED', { oid, where, reason }, error)
    }
  }

  /** Goes on down a chain of deltas and resolves it; `undefined` if that needs more of the file. */
  #descend(descent: Descent): Content | undefined {
    const { bases } = this.#context
    const { deltas } = descent
    let content: Content | undefined
    while (content === undefined) {
      const { offset } = descent
      content = this.#hasDeltas ? bases.get(this, offset) : undefined
      if (content !== undefined) break
      const entry = this.#entry(descent)
      if (entry === undefined) return undefined
      if (!('base' in entry)) {
        content = entry
        if (deltas.length > 0) bases.set(this, offset, content)
        break
      }
      this.#hasDeltas = true
      deltas.push({ offset, bytes: entry.bytes })
      descent.deltaBytes += entry.bytes.length
      if (descent.deltaBytes > MAX_OBJECT_BYTES) throw this.#damaged('its deltas are huge')
      if (deltas.length > this.index.count) throw this.#damaged('its deltas go in a circle')
      descent.offset = entry.base
    }
    for (const delta of deltas.reverse()) {
      const bytes = applyDelta(content.bytes, delta.bytes)
      if (bytes === undefined) throw this.#damaged(`the delta at ${delta.offset} does not fit`)
      content = { type: content.type, bytes }
      bases.set(this, delta.offset, content)
    }
    return content
  }

  #entry(descent: Descent): Entry | undefined {
    const { offset } = descent
    const raw = this.#span(descent, HEAD_BYTES)
    if (raw === undefined) return undefined
    const { from } = descent
    let at = from
    let byte = raw[at++] ?? 0
    const kind = (byte >> 4) & 7
    let size = byte & 0x0f
    for (let scale = 16; byte & 0x80; scale *= 128) {
      byte = raw[at++] ?? 0
      size += (byte & 0x7f) * scale
    }
    if (size > MAX_OBJECT_BYTES) throw this.#damaged(`the entry at ${offset} is huge`)
    let base = -1
    if (kind === OFS_DELTA) {
      byte = raw[at++] ?? 0
      let distance = byte & 0x7f
      while (byte & 0x80) {
        byte = raw[at++] ?? 0
        distance = (distance + 1) * 128 + (byte & 0x7f)
      }
      base = distance === 0 ? -1 : offset - distance
      if (base < 0) throw this.#damaged(`the entry at ${offset} has no base`)
    } else if (kind === REF_DELTA) {
      const position = this.index.find(formatHex(raw, at, at + 20))
      base = position < 0 ? offset : this.index.offsetAt(position)
      if (base === offset) throw this.#damaged(`the entry at ${offset} has no base`)
      at += 20
    } else if (PACKED_TYPES[kind] === undefined) {
      throw this.#damaged(`the entry at ${offset} has the unknown type ${kind}`)
    }
    const bytes = this.#inflate(descent, at - from, size)
    if (bytes === undefined) return undefined
    return base >= 0 ? { base, bytes } : { type: PACKED_TYPES[kind] as ObjectType, bytes }
  }

  /** Inflates what lies behind the `head` bytes with which an entry begins. */
  #inflate(descent: Descent, head: number, size: number, isExact = false): Uint8Array | undefined {
    const { offset } = descent
    // Where a small one ends need not be looked up: hardly a deflater makes it longer than this.
    const most = head + size + (size >> 4) + 64
    const end = isExact || most > WINDOW_BYTES ? this.index.endOf(offset) : undefined
    const length = end === undefined ? most : end - offset
    const raw = this.#span(descent, length)
    if (raw === undefined) return undefined
    if (size <= SMALL_BYTES) {
      // What it makes is checked by the name of the object.
      const small = new Uint8Array(size)
      if (inflateSmall(raw, descent.from + head, small, 0, size)) return small
    }
    const deflated = end === undefined ? raw : raw.subarray(0, descent.from + length)
    try {
      const bytes = this.#context.zlib.inflate(deflated, size, descent.from + head)
      if (bytes.length === size) return bytes
    } catch (cause) {
      if (end === undefined && !isExact) return this.#inflate(descent, head, size, true)
      throw this.#damaged(`the entry at ${offset} cannot be inflated`, cause)
    }
    throw this.#damaged(`the entry at ${offset} is shorter than it says`)
  }

  /**
   * Returns bytes of which those at `descent.from` lie where the descent stands, at least so many of
   * them unless the file ends before; `undefined` if they have to be read first.
   */
  #span(descent: Descent, length: number): Uint8Array | undefined {
    const { offset, span } = descent
    if (span !== undefined && offset >= span.offset) {
      descent.from = offset - span.offset
      if (descent.from + length <= span.bytes.length || span.isEnd) return span.bytes
    }
    const number = Math.floor(offset / WINDOW_BYTES)
    const window = length > WINDOW_BYTES ? undefined : this.#window(number)
    const from = offset - number * WINDOW_BYTES
    descent.from = from
    if (window !== undefined && (from + length <= window.length || window.length < WINDOW_BYTES)) {
      return window
    }
    descent.needed =
      window === undefined && length <= WINDOW_BYTES
        ? { offset: number * WINDOW_BYTES, length: WINDOW_BYTES }
        : { offset, length }
    return undefined
  }

  #window(number: number): Uint8Array | undefined {
    const { last, windows } = this.#context
    if (last?.pack === this && last.number === number) return last.bytes
    const bytes = windows.get(this.#windowKey(number))
    if (bytes !== undefined) this.#context.last = { pack: this, number, bytes }
    return bytes
  }

  /** Reads what a descent needs; `false` if the file is gone. */
  async #load(descent: Descent): Promise<boolean> {
    const { offset, length } = descent.needed as NonNullable<Descent['needed']>
    const isWindow = length === WINDOW_BYTES && offset % WINDOW_BYTES === 0
    const bytes = isWindow
      ? await this.#loadWindow(offset / WINDOW_BYTES)
      : await this.#context.fs.readRange(`${this.path}.pack`, offset, length)
    if (bytes === undefined) return false
    descent.span = { offset, bytes, isEnd: bytes.length < length }
    return true
  }

  #loadWindow(number: number): Promise<Uint8Array | undefined> {
    const { fs, windows, loading } = this.#context
    const key = this.#windowKey(number)
    const reading = loading.get(key)
    if (reading !== undefined) return reading
    const started = fs
      .readRange(`${this.path}.pack`, number * WINDOW_BYTES, WINDOW_BYTES)
      .then((bytes) => {
        if (bytes === undefined) return undefined
        windows.set(key, bytes, bytes.length)
        this.#context.last = { pack: this, number, bytes }
        return bytes
      })
      .finally(() => loading.delete(key))
    loading.set(key, started)
    return started
  }

  #windowKey(number: number): string {
    return `${this.path}#${number}`
  }

  #damaged(reason: string, cause?: unknown): Error {
    return gitErrors.create('GIT_PACK_DAMAGED', { path: `${this.path}.pack`, reason }, cause)
  }
}
