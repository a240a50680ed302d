import { concatBytes, parseHex } from '../base/bytes.ts'
import type { Digest, Platform } from '../base/platform.ts'
import { ByteCache } from './byte-cache.ts'
import { type DeltaIndex, encodeDelta, indexDeltaBase } from './delta-encode.ts'
import { gitErrors } from './errors.ts'
import type { ObjectReader } from './object-store.ts'
import type { ReachedObject } from './object-walk.ts'
import type { GitObject, Oid } from './objects.ts'
import { type CopySource, canBeDelta, copyEntries, MAX_DELTA_BYTES } from './pack-copy.ts'
import { formatDistance } from './pack-entry-head.ts'
import { OFS_DELTA, REF_DELTA } from './pack-table.ts'
import { formatEntryHeader, formatEntryStart, formatPackHeader } from './pack-write.ts'

const MAX_DEPTH = 40
const CHUNK_BYTES = 64 << 10
/** Fewer objects are read and deflated sooner than the order of whole packs is made out. */
const MIN_COPIED = 256

/** How a pack is built. */
export interface BuildPackOptions {
  /** Whether deltas may say how far before them their base lies. Default: false. */
  readonly offsets?: boolean
  /** Whether deltas may build on objects that the receiver has and the pack has not. Default: false. */
  readonly thin?: boolean
  /** Packs from which entries are copied as they lie, where the plan has many objects. Default: none. */
  readonly source?: CopySource | undefined
  /** Hears how many objects are done. Default: nobody. */
  readonly onProgress?: (objects: number) => void
  /** Default: none. */
  readonly signal?: AbortSignal
}

/** What a delta can build on: an entry before, or an object that the receiver has. */
interface Base {
  readonly object: GitObject
  readonly offset: number | undefined
  readonly depth: number
}

/** Where an object lies in the pack. */
interface Place {
  readonly offset: number
  readonly depth: number
}

/**
 * Builds a pack of objects as a stream; what is held in memory beside the plan is bounded.
 *
 * What can be copied from packs here comes first, then the others in the order given. Of these, trees and
 * files become deltas to what lay at their path before where that spares half of them.
 *
 * @throws GIT_OBJECT_MISSING
 */
export async function* buildPack(
  objects: Pick<ObjectReader, 'read'>,
  plan: readonly ReachedObject[],
  platform: Pick<Platform, 'hash' | 'zlib'>,
  options: BuildPackOptions = {}
): AsyncGenerator<Uint8Array> {
  const builder = new PackBuilder(objects, platform, options)
  const output = new Chunks(platform.hash.openSha1())
  output.add(formatPackHeader(plan.length))
  const planned = new Set(plan.map((item) => item.oid))
  let done = 0
  const isFull = (): boolean => {
    options.signal?.throwIfAborted()
    done++
    if ((done & 0xff) === 0) options.onProgress?.(done)
    return output.waiting >= CHUNK_BYTES
  }
  const copied = new Uint8Array(plan.length)
  if (options.source !== undefined && plan.length >= MIN_COPIED) {
    const hasOffsets = options.offsets === true
    const entries = copyEntries(options.source, plan, hasOffsets, () => output.length)
    for await (const { number, parts, depth } of entries) {
      copied[number] = 1
      builder.place(plan[number] as ReachedObject, { offset: output.length, depth })
      for (const part of parts) output.add(part)
      if (isFull()) yield output.take()
    }
  }
  for (let number = 0; number < plan.length; number++) {
    if (copied[number] === 1) continue
    const item = plan[number] as ReachedObject
    for (const part of await builder.format(item, output.length, planned)) output.add(part)
    if (isFull()) yield output.take()
  }
  options.onProgress?.(done)
  yield output.finish()
}

class PackBuilder {
  readonly #objects: Pick<ObjectReader, 'read'>
  readonly #platform: Pick<Platform, 'hash' | 'zlib'>
  readonly #options: BuildPackOptions
  readonly #places = new Map<Oid, Place>()
  readonly #recent = new ByteCache<GitObject>(32 << 20)
  readonly #indexes = new ByteCache<DeltaIndex>(16 << 20)

  constructor(
    objects: Pick<ObjectReader, 'read'>,
    platform: Pick<Platform, 'hash' | 'zlib'>,
    options: BuildPackOptions
  ) {
    this.#objects = objects
    this.#platform = platform
    this.#options = options
  }

  /** Takes notice of an object that was put in place. */
  place({ oid }: ReachedObject, place: Place): void {
    this.#places.set(oid, place)
  }

  async format(
    item: ReachedObject,
    offset: number,
    planned: ReadonlySet<Oid>
  ): Promise<readonly Uint8Array[]> {
    const object = await this.#read(item.oid)
    if (object === undefined) throw gitErrors.create('GIT_OBJECT_MISSING', { oid: item.oid })
    const { bytes, type } = object
    const base = await this.#findBase(item, object, planned)
    const delta = base === undefined ? undefined : this.#encode(base, bytes)
    if (base === undefined || delta === undefined) {
      this.#places.set(item.oid, { offset, depth: 0 })
      return [formatEntryHeader(type, bytes.length), this.#platform.zlib.deflate(bytes)]
    }
    this.#places.set(item.oid, { offset, depth: base.depth + 1 })
    const byOffset = base.offset !== undefined && this.#options.offsets === true
    return [
      formatEntryStart(byOffset ? OFS_DELTA : REF_DELTA, delta.length),
      byOffset ? formatDistance(offset - (base.offset as number)) : parseHex(base.object.oid),
      this.#platform.zlib.deflate(delta)
    ]
  }

  async #findBase(
    { basisOid, type }: ReachedObject,
    { bytes }: GitObject,
    planned: ReadonlySet<Oid>
  ): Promise<Base | undefined> {
    if (basisOid === undefined || type === 'commit') return undefined
    if (!canBeDelta(bytes.length)) return undefined
    const place = this.#places.get(basisOid)
    // A base that comes later in the pack is none: two deltas could build on each other.
    if (place === undefined && (planned.has(basisOid) || !this.#options.thin)) return undefined
    if (place !== undefined && place.depth >= MAX_DEPTH) return undefined
    const object = await this.#read(basisOid)
    if (object?.type !== type || object.bytes.length > MAX_DELTA_BYTES) return undefined
    return { object, offset: place?.offset, depth: place?.depth ?? 0 }
  }

  #encode({ object }: Base, target: Uint8Array): Uint8Array | undefined {
    let index = this.#indexes.get(object.oid)
    if (index === undefined) {
      index = indexDeltaBase(object.bytes)
      this.#indexes.set(object.oid, index, object.bytes.length * 2 + 200)
    }
    return encodeDelta(index, target, target.length >> 1)
  }

  async #read(oid: Oid): Promise<GitObject | undefined> {
    const recent = this.#recent.get(oid)
    if (recent !== undefined) return recent
    const object = await this.#objects.read(oid)
    if (object !== undefined && object.bytes.length <= MAX_DELTA_BYTES) {
      this.#recent.set(oid, object, object.bytes.length + 200)
    }
    return object
  }
}

/** Joins small parts into chunks, and digests them. */
class Chunks {
  length = 0
  waiting = 0
  #parts: Uint8Array[] = []
  readonly #digest: Digest

  constructor(digest: Digest) {
    this.#digest = digest
  }

  add(bytes: Uint8Array): void {
    this.#parts.push(bytes)
    this.length += bytes.length
    this.waiting += bytes.length
  }

  take(): Uint8Array {
    const chunk = concatBytes(this.#parts)
    this.#digest.update(chunk)
    this.#parts = []
    this.waiting = 0
    return chunk
  }

  /** Returns the last chunk, with the checksum of all. */
  finish(): Uint8Array {
    const chunk = this.take()
    return concatBytes([chunk, this.#digest.finish()])
  }
}
