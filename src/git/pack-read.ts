import { concatBytes, formatHex } from '../base/bytes.ts'
import type { FileSystem, Platform } from '../base/platform.ts'
import { ByteCache } from './byte-cache.ts'
import { applyDelta } from './delta.ts'
import { gitErrors } from './errors.ts'
import { computeOid, type GitObject, type ObjectType } from './objects.ts'
import type { PackIndex } from './pack-index.ts'

const WINDOW_BYTES = 256 * 1024
/** More than the head of an entry has, with the base of its delta, and deflate adds to few bytes. */
const HEAD_BYTES = 128
const TYPES: readonly (ObjectType | undefined)[] = [undefined, 'commit', 'tree', 'blob', 'tag']
const OFS_DELTA = 6
const REF_DELTA = 7

/** What all packs of a store share. */
export interface PackContext {
  readonly fs: FileSystem
  readonly hash: Platform['hash']
  readonly zlib: Platform['zlib']
  /** The slice that was used last, which most reads find again. */
  last?: { readonly pack: PackFile; readonly number: number; readonly bytes: Uint8Array }
  /** Slices of packs as they were read. */
  readonly windows: ByteCache<Uint8Array>
  /** Objects that are bases of deltas. */
  readonly bases: ByteCache<Content>
}

interface Content {
  readonly type: ObjectType
  readonly bytes: Uint8Array
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
    bases: new ByteCache(32 << 20)
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
  #sizeBytes: number | undefined
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
    this.#context.windows.set(`${this.path}#0`, bytes, bytes.length)
  }

  /**
   * Reads an object by its position in the index; `undefined` if the file is gone.
   *
   * @throws GIT_OBJECT_DAMAGED
   */
  async read(position: number): Promise<GitObject | undefined> {
    const oid = this.index.oidAt(position)
    try {
      const content = await this.#content(this.index.offsetAt(position))
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

  /** Resolves the chain of deltas that begins at an offset. */
  async #content(start: number): Promise<Content | undefined> {
    const { bases } = this.#context
    const deltas: { readonly offset: number; readonly bytes: Uint8Array }[] = []
    let offset = start
    let content: Content | undefined
    while (content === undefined) {
      content = this.#hasDeltas ? bases.get(this.#key(offset)) : undefined
      if (content !== undefined) break
      const entry = await this.#entry(offset)
      if (entry === undefined) return undefined
      if (!('base' in entry)) {
        content = entry
        if (deltas.length > 0) bases.set(this.#key(offset), content, content.bytes.length)
        break
      }
      this.#hasDeltas = true
      deltas.push({ offset, bytes: entry.bytes })
      if (deltas.length > this.index.count) throw this.#damaged('its deltas go in a circle')
      offset = entry.base
    }
    for (const delta of deltas.reverse()) {
      const bytes = applyDelta(content.bytes, delta.bytes)
      if (bytes === undefined)
        throw this.#damaged(`the delta at ${delta.offset} does not fit its base`)
      content = { type: content.type, bytes }
      bases.set(this.#key(delta.offset), content, bytes.length)
    }
    return content
  }

  /** Reads an entry; where it ends is only looked up if what deflate at most makes of it is not enough. */
  async #entry(offset: number): Promise<Entry | undefined> {
    const packEnd = await this.#end()
    if (packEnd === undefined) return undefined
    const head = await this.#span(offset, Math.min(packEnd, offset + HEAD_BYTES))
    if (head === undefined) return undefined
    const sizeBytes = inflatedSize(head)
    if (sizeBytes <= WINDOW_BYTES) {
      const bound = HEAD_BYTES + sizeBytes + (sizeBytes >> 8)
      try {
        return await this.#parse(offset, Math.min(packEnd, offset + bound))
      } catch (error) {
        if (!gitErrors.is(error, 'GIT_PACK_DAMAGED')) throw error
      }
    }
    return this.#parse(offset, this.index.endOf(offset) ?? packEnd)
  }

  async #parse(offset: number, end: number): Promise<Entry | undefined> {
    const raw = await this.#span(offset, end)
    if (raw === undefined) return undefined
    let at = 0
    let byte = raw[at++] ?? 0
    const kind = (byte >> 4) & 7
    let size = byte & 0x0f
    for (let scale = 16; byte & 0x80; scale *= 128) {
      byte = raw[at++] ?? 0
      size += (byte & 0x7f) * scale
    }
    if (kind === OFS_DELTA) {
      byte = raw[at++] ?? 0
      let distance = byte & 0x7f
      while (byte & 0x80) {
        byte = raw[at++] ?? 0
        distance = (distance + 1) * 128 + (byte & 0x7f)
      }
      if (distance === 0 || distance > offset)
        throw this.#damaged(`the entry at ${offset} has no base`)
      return { base: offset - distance, bytes: this.#inflate(raw, at, size, offset) }
    }
    if (kind === REF_DELTA) {
      const position = this.index.find(formatHex(raw, at, at + 20))
      const base = position < 0 ? offset : this.index.offsetAt(position)
      if (base === offset) throw this.#damaged(`the entry at ${offset} has no base`)
      return { base, bytes: this.#inflate(raw, at + 20, size, offset) }
    }
    const type = TYPES[kind]
    if (type === undefined)
      throw this.#damaged(`the entry at ${offset} has the unknown type ${kind}`)
    return { type, bytes: this.#inflate(raw, at, size, offset) }
  }

  #inflate(raw: Uint8Array, start: number, size: number, offset: number): Uint8Array {
    try {
      const bytes = this.#context.zlib.inflate(raw.subarray(start), size)
      if (bytes.length === size) return bytes
    } catch (cause) {
      throw this.#damaged(`the entry at ${offset} cannot be inflated`, cause)
    }
    throw this.#damaged(`the entry at ${offset} is shorter than it says`)
  }

  /** Returns where the last entry ends. */
  async #end(): Promise<number | undefined> {
    this.#sizeBytes ??= (await this.#context.fs.stat(`${this.path}.pack`))?.sizeBytes
    return this.#sizeBytes === undefined ? undefined : this.#sizeBytes - 20
  }

  /** Returns bytes of the pack; a large stretch is read past the windows. */
  async #span(start: number, end: number): Promise<Uint8Array | undefined> {
    const first = Math.floor(start / WINDOW_BYTES)
    const last = Math.floor((end - 1) / WINDOW_BYTES)
    if (last - first > 4) {
      return this.#context.fs.readRange(`${this.path}.pack`, start, end - start)
    }
    const parts: Uint8Array[] = []
    for (let number = first; number <= last; number++) {
      const window = await this.#window(number)
      if (window === undefined) return undefined
      const base = number * WINDOW_BYTES
      parts.push(window.subarray(Math.max(0, start - base), end - base))
    }
    return parts.length === 1 ? parts[0] : concatBytes(parts)
  }

  async #window(number: number): Promise<Uint8Array | undefined> {
    const { last } = this.#context
    if (last?.pack === this && last.number === number) return last.bytes
    const bytes = await this.#readWindow(number)
    if (bytes !== undefined) this.#context.last = { pack: this, number, bytes }
    return bytes
  }

  async #readWindow(number: number): Promise<Uint8Array | undefined> {
    const key = `${this.path}#${number}`
    const { windows, fs } = this.#context
    const kept = windows.get(key)
    if (kept !== undefined) return kept
    const window = await fs.readRange(`${this.path}.pack`, number * WINDOW_BYTES, WINDOW_BYTES)
    if (window !== undefined) windows.set(key, window, window.length)
    return window
  }

  #key(offset: number): string {
    return `${this.path}@${offset}`
  }

  #damaged(reason: string, cause?: unknown): Error {
    return gitErrors.create('GIT_PACK_DAMAGED', { path: `${this.path}.pack`, reason }, cause)
  }
}

/** Returns the size that the head of an entry tells. */
function inflatedSize(head: Uint8Array): number {
  let at = 0
  let byte = head[at++] ?? 0
  let size = byte & 0x0f
  for (let scale = 16; byte & 0x80; scale *= 128) {
    byte = head[at++] ?? 0
    size += (byte & 0x7f) * scale
  }
  return size
}
