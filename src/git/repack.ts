import { concatBytes } from '../base/bytes.ts'
import { ByteCache } from './byte-cache.ts'
import { crc32 } from './crc32.ts'
import { deflate } from './deflate.ts'
import { type DeltaIndex, encodeDelta, indexDeltaBase } from './delta-encode.ts'
import { gitErrors } from './errors.ts'
import type { ObjectReader } from './object-store.ts'
import type { GitObject, ObjectType } from './objects.ts'
import type { Pace } from './pace.ts'
import { formatDistance } from './pack-entry-head.ts'
import { NewPack } from './pack-file-write.ts'
import { formatPackIndex, type PackEntry } from './pack-index.ts'
import { OFS_DELTA } from './pack-table.ts'
import { formatEntryHeader, formatEntryStart } from './pack-write.ts'
import type { RepackPlan } from './repack-plan.ts'
import type { RepositoryStorage } from './repository.ts'

const MAX_DEPTH = 50
/** Smaller objects gain nothing by a delta, larger ones cost too much. */
const MIN_DELTA_BYTES = 50
const MAX_DELTA_BYTES = 4 << 20
/** How many objects of its kind before it an object is tried against. */
const WINDOWS: Readonly<Record<ObjectType, number>> = { commit: 4, tag: 4, tree: 2, blob: 10 }
/** What the objects of a window may hold together. */
const WINDOW_BYTES = 32 << 20

/** What an object can build on. */
interface Base {
  readonly index: DeltaIndex
  readonly offset: number
  readonly depth: number
}

interface BestDelta {
  readonly base: Base
  readonly bytes: Uint8Array
}

/**
 * Builds one pack of all objects of a plan, with deltas, and puts it among the others; resolves to
 * its name.
 *
 * An object is tried against what replaced it at its path, and against a window of objects of its
 * type and name; what is held in memory beside the plan is bounded.
 *
 * @throws GIT_OBJECT_MISSING
 */
export async function repack(
  storage: RepositoryStorage,
  objects: Pick<ObjectReader, 'read'>,
  plan: RepackPlan,
  pace: Pace,
  onProgress: (done: number) => void
): Promise<string> {
  const output = await NewPack.open(storage, plan.count)
  try {
    const packer = new Packer(storage, plan)
    const entries: PackEntry[] = []
    for (const number of plan.order()) {
      const oid = plan.oidOf(number)
      const object = await objects.read(oid)
      if (object === undefined) throw gitErrors.create('GIT_OBJECT_MISSING', { oid })
      const { offset } = output
      const entry = packer.format(number, object, offset)
      entries.push({ oid, offset, crc: crc32(entry) })
      output.append(entry)
      if (entries.length % 256 === 1) onProgress(entries.length)
      await pace.work(100 + object.bytes.length / 32)
    }
    return await output.place((checksum) =>
      formatPackIndex(entries, checksum, storage.platform.hash)
    )
  } catch (error) {
    await output.discard()
    throw error
  }
}

class Packer {
  readonly #storage: RepositoryStorage
  readonly #plan: RepackPlan
  /** Bases of late, for what they replaced. */
  readonly #recent = new ByteCache<Base>(32 << 20)
  #window: Base[] = []
  #windowType: ObjectType | undefined

  constructor(storage: RepositoryStorage, plan: RepackPlan) {
    this.#storage = storage
    this.#plan = plan
  }

  /** Returns the entry of an object that is to lie at an offset. */
  format(number: number, { type, bytes }: GitObject, offset: number): Uint8Array {
    const { zlib } = this.#storage.platform
    const best = isDeltified(bytes) ? this.#findDelta(number, type, bytes) : undefined
    this.#remember(number, type, bytes, offset, best === undefined ? 0 : best.base.depth + 1)
    const whole = (): Uint8Array =>
      concatBytes([formatEntryHeader(type, bytes.length), deflate(zlib, bytes)])
    if (best === undefined) return whole()
    const entry = concatBytes([
      formatEntryStart(OFS_DELTA, best.bytes.length),
      formatDistance(offset - best.base.offset),
      deflate(zlib, best.bytes)
    ])
    return entry
  }

  #findDelta(number: number, type: ObjectType, bytes: Uint8Array): BestDelta | undefined {
    let best: BestDelta | undefined
    for (const base of this.#candidates(number, type)) {
      if (base.depth >= MAX_DEPTH) continue
      // As git does, a delta must be the smaller, the longer the chain is that it makes.
      const depth = best === undefined ? 0 : best.base.depth
      const most = best === undefined ? bytes.length / 2 - 20 : best.bytes.length - 1
      const limit = Math.floor((most * (MAX_DEPTH - base.depth)) / (MAX_DEPTH - depth))
      if (limit < 8) continue
      const delta = encodeDelta(base.index, bytes, limit)
      if (delta !== undefined) best = { base, bytes: delta }
    }
    return best
  }

  *#candidates(number: number, type: ObjectType): Generator<Base> {
    const successor = this.#plan.successorOf(number)
    const replaced = successor === undefined ? undefined : this.#recent.get(`${successor}`)
    if (replaced !== undefined) yield replaced
    if (this.#windowType !== type) return
    for (const base of this.#window) if (base !== replaced) yield base
  }

  #remember(
    number: number,
    type: ObjectType,
    bytes: Uint8Array,
    offset: number,
    depth: number
  ): void {
    if (!isDeltified(bytes)) return
    const base = { index: indexDeltaBase(bytes), offset, depth }
    this.#recent.set(`${number}`, base, bytes.length * 3 + 300)
    if (this.#windowType !== type) this.#window = []
    this.#windowType = type
    this.#window.unshift(base)
    this.#window.length = Math.min(this.#window.length, WINDOWS[type])
    let held = 0
    this.#window = this.#window.filter(({ index }) => {
      held += index.base.length
      return held <= WINDOW_BYTES
    })
  }
}

function isDeltified({ length }: Uint8Array): boolean {
  return length >= MIN_DELTA_BYTES && length <= MAX_DELTA_BYTES
}
