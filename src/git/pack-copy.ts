import type { FileSystem } from '../base/platform.ts'
import { crc32 } from './crc32.ts'
import type { ObjectFolders } from './object-folder.ts'
import type { ReachedObject } from './object-walk.ts'
import { formatDistance, readEntryHead } from './pack-entry-head.ts'
import type { PackFile } from './pack-read.ts'
import { OFS_DELTA, REF_DELTA } from './pack-table.ts'

const WINDOW_BYTES = 1 << 20
/** Smaller objects gain nothing by a delta, larger ones cost too much. */
const MIN_DELTA_BYTES = 64
export const MAX_DELTA_BYTES = 4 << 20
/** Among so many entries of a pack that was made with deltas there is one. */
const SAMPLES = 512

/** Where packs lie whose entries are copied. */
export interface CopySource {
  readonly fs: FileSystem
  readonly folders: ObjectFolders
}

/** An entry of a pack here, as it is to lie in a new one. */
export interface CopiedEntry {
  /** Which object of the plan it is. */
  readonly number: number
  readonly parts: readonly Uint8Array[]
  /** How many deltas it takes to make the object. */
  readonly depth: number
}

/** An object of the plan that lies in a pack here. */
interface Found {
  readonly number: number
  readonly position: number
  readonly offset: number
}

/** Where an entry was put. */
interface Placed {
  readonly position: number
  readonly offset: number
  readonly depth: number
}

/**
 * Copies entries of packs here as they lie, pack by pack in their order, so that what a delta builds on comes
 * before it. Nothing is inflated: as with git, each entry must have the CRC-32 that its index says.
 *
 * Left out are objects that lie in no pack, deltas to what was not copied, and whole trees and files that
 * replaced others, to which deltas may be made.
 *
 * @param offsetNow tells where the entry that comes next begins in the new pack.
 */
export async function* copyEntries(
  source: CopySource,
  plan: readonly ReachedObject[],
  hasOffsets: boolean,
  offsetNow: () => number
): AsyncGenerator<CopiedEntry> {
  for (const [pack, found] of findInPacks(source.folders, plan)) {
    const reader = new SpanReader(source.fs, `${pack.path}.pack`)
    const placed = new Map<number, Placed>()
    found.sort((a, b) => a.offset - b.offset)
    const isReplaced = ({ number }: Found): boolean => {
      const { basisOid, type } = plan[number] as ReachedObject
      return basisOid !== undefined && type !== 'commit'
    }
    const hasDeltas = await seemsDeltified(reader, pack, found.filter(isReplaced))
    for (const each of found) {
      const { number, position, offset: from } = each
      const raw = reader.kept(pack, from) ?? (await reader.read(pack, from))
      if (raw === undefined || crc32(raw) !== pack.index.crcAt(position)) continue
      const head = readEntryHead(raw)
      const offset = offsetNow()
      let parts: readonly Uint8Array[] = [raw]
      let depth = 0
      if (isDelta(head)) {
        const base = placed.get(baseOf(pack, raw, from, head))
        if (base === undefined) continue
        depth = base.depth + 1
        parts = hasOffsets
          ? [startOf(raw, head.typeBytes, OFS_DELTA), formatDistance(offset - base.offset)]
          : [startOf(raw, head.typeBytes, REF_DELTA), pack.index.nameAt(base.position)]
        parts = [...parts, raw.subarray(head.bytes)]
      } else if (!hasDeltas && canBeDelta(head.sizeBytes) && isReplaced(each)) continue
      placed.set(from, { position, offset, depth })
      yield { number, parts, depth }
    }
  }
}

/** Tells whether a pack seems to have been made with deltas: whether one is among the first that could be some. */
async function seemsDeltified(
  reader: SpanReader,
  pack: PackFile,
  found: readonly Found[]
): Promise<boolean> {
  for (const { offset } of found.slice(0, SAMPLES)) {
    const raw = reader.kept(pack, offset) ?? (await reader.read(pack, offset))
    if (raw !== undefined && isDelta(readEntryHead(raw))) return true
  }
  return false
}

function isDelta({ kind }: { readonly kind: number }): boolean {
  return kind === OFS_DELTA || kind === REF_DELTA
}

function findInPacks(
  folders: ObjectFolders,
  plan: readonly ReachedObject[]
): ReadonlyMap<PackFile, Found[]> {
  const packs = new Map<PackFile, Found[]>()
  for (let number = 0; number < plan.length; number++) {
    const place = folders.find((plan[number] as ReachedObject).oid)
    if (place === undefined) continue
    const { pack, position } = place
    const found = packs.get(pack) ?? []
    if (found.length === 0) packs.set(pack, found)
    found.push({ number, position, offset: pack.index.offsetAt(position) })
  }
  return packs
}

/** Returns where in its pack the base of a delta lies; -1 if that can't be told. */
function baseOf(
  { index }: PackFile,
  raw: Uint8Array,
  from: number,
  head: { readonly kind: number; readonly typeBytes: number; readonly distance: number }
): number {
  if (head.kind === OFS_DELTA) return from - head.distance
  const position = index.findName(raw, head.typeBytes)
  return position < 0 ? -1 : index.offsetAt(position)
}

/** Returns the type and size with which an entry begins, with another kind of delta. */
function startOf(raw: Uint8Array, length: number, kind: number): Uint8Array {
  const start = raw.slice(0, length)
  start[0] = ((raw[0] as number) & 0x8f) | (kind << 4)
  return start
}

/** Tells whether an object of a size may become a delta to what it replaced. */
export function canBeDelta(sizeBytes: number): boolean {
  return sizeBytes >= MIN_DELTA_BYTES && sizeBytes <= MAX_DELTA_BYTES
}

/** Reads the entries of a pack in their order. */
class SpanReader {
  readonly #fs: FileSystem
  readonly #path: string
  #start = 0
  #bytes: Uint8Array = new Uint8Array()

  constructor(fs: FileSystem, path: string) {
    this.#fs = fs
    this.#path = path
  }

  /** Returns an entry of the pack if it was read already. */
  kept({ index }: PackFile, offset: number): Uint8Array | undefined {
    const end = index.endOf(offset)
    const at = offset - this.#start
    if (end === undefined || at < 0 || end > this.#start + this.#bytes.length) return undefined
    return this.#bytes.subarray(at, end - this.#start)
  }

  /** Reads an entry and what follows; `undefined` if it is not there, or the last: nothing says where that ends. */
  async read(pack: PackFile, offset: number): Promise<Uint8Array | undefined> {
    const end = pack.index.endOf(offset)
    if (end === undefined) return undefined
    const length = Math.max(WINDOW_BYTES, end - offset)
    const bytes = await this.#fs.readRange(this.#path, offset, length)
    if (bytes === undefined) return undefined
    this.#start = offset
    this.#bytes = bytes
    return this.kept(pack, offset)
  }
}
