import { concatBytes, formatHex } from '../base/bytes.ts'
import { crc32 } from './crc32.ts'
import { deflate } from './deflate.ts'
import { gitErrors } from './errors.ts'
import type { Pace } from './pace.ts'
import { formatDistance, readEntryHead } from './pack-entry-head.ts'
import { NewPack } from './pack-file-write.ts'
import { PackIndexWriter } from './pack-index-write.ts'
import { type MergedEntries, MergeSource, mergeNames } from './pack-merge-plan.ts'
import { OFS_DELTA, REF_DELTA } from './pack-table.ts'
import { formatEntryHeader } from './pack-write.ts'
import type { RepositoryStorage } from './repository.ts'

const WINDOW_BYTES = 1 << 20
/** What is in the file is for people (gitrepository-layout(5)). */
const PROMISOR = { ending: '.promisor', bytes: new Uint8Array() }

/**
 * Merges packs into a new one, durably, and returns its name; the old ones stay.
 *
 * Entries are copied as they lie. A delta whose base is taken from another pack becomes a whole
 * object, so that no two deltas build on each other. With `isPromisor` the new pack says, as the old ones
 * did, that a remote promised what is missing.
 *
 * @throws GIT_PACK_DAMAGED if a pack is damaged or gone.
 */
export async function mergePacks(
  storage: RepositoryStorage,
  sources: readonly MergeSource[],
  pace: Pace,
  { isPromisor }: { readonly isPromisor: boolean }
): Promise<string> {
  const merged = await mergeNames(sources, pace)
  const output = await NewPack.open(storage, merged.count)
  try {
    for (const source of sources) await copySource(storage, source, output, pace)
    return await output.place(
      (checksum) => formatMergedIndex(storage, sources, merged, checksum, pace),
      () => (isPromisor ? [PROMISOR] : [])
    )
  } catch (error) {
    await output.discard()
    throw error
  }
}

async function copySource(
  storage: RepositoryStorage,
  source: MergeSource,
  output: NewPack,
  pace: Pace
): Promise<void> {
  const { index } = source.pack
  const reader = new SpanReader(storage, source)
  for (let rank = 0; rank < index.count; rank++) {
    const position = source.positionAt(rank)
    if (!source.isChosen(position)) continue
    const start = source.offsetAt(rank)
    const span = reader.span(start, source.endAt(rank))
    const raw = span instanceof Uint8Array ? span : await span
    if (crc32(raw) !== index.crcAt(position)) throw source.damaged(`the entry at ${start} changed`)
    const entry = await convertEntry(storage, source, rank, raw, output.offset)
    source.moved(position, output.offset, entry === raw ? index.crcAt(position) : crc32(entry))
    output.append(entry)
    await pace.work(2 + raw.length / 256)
  }
}

/** Returns an entry as it is to lie at a place of the new pack. */
async function convertEntry(
  { platform }: RepositoryStorage,
  source: MergeSource,
  rank: number,
  raw: Uint8Array,
  offset: number
): Promise<Uint8Array> {
  const head = readEntryHead(raw)
  const { index } = source.pack
  if (head.kind === OFS_DELTA) {
    const base = source.positionOf(source.offsetAt(rank) - head.distance)
    if (base !== undefined && source.isChosen(base)) {
      const distance = offset - source.newOffsetOf(base)
      if (distance === head.distance) return raw
      const start = raw.subarray(0, head.typeBytes)
      return concatBytes([start, formatDistance(distance), raw.subarray(head.bytes)])
    }
  } else if (head.kind === REF_DELTA) {
    const base = index.find(formatHex(raw, head.typeBytes, head.bytes))
    if (base >= 0 && source.isChosen(base)) return raw
  } else {
    return raw
  }
  const object = await source.pack.read(source.positionAt(rank))
  if (object === undefined) throw source.damaged('its file is gone')
  const deflated = deflate(platform.zlib, object.bytes)
  return concatBytes([formatEntryHeader(object.type, object.bytes.length), deflated])
}

/** Reads a pack from its beginning to its end. */
class SpanReader {
  readonly #storage: RepositoryStorage
  readonly #source: MergeSource
  #start = 0
  #bytes = new Uint8Array()

  constructor(storage: RepositoryStorage, source: MergeSource) {
    this.#storage = storage
    this.#source = source
  }

  span(start: number, end: number): Uint8Array | Promise<Uint8Array> {
    const at = start - this.#start
    if (at >= 0 && end <= this.#start + this.#bytes.length) {
      return this.#bytes.subarray(at, end - this.#start)
    }
    return this.#read(start, end)
  }

  async #read(start: number, end: number): Promise<Uint8Array> {
    const path = `${this.#source.pack.path}.pack`
    const length = Math.max(WINDOW_BYTES, end - start)
    const bytes = await this.#storage.fs.readRange(path, start, length)
    if (bytes === undefined) throw this.#source.damaged('its file is gone')
    if (bytes.length < end - start) throw this.#source.damaged('it is cut short')
    this.#start = start
    this.#bytes = new Uint8Array(bytes)
    return this.#bytes.subarray(0, end - start)
  }
}

async function formatMergedIndex(
  { platform }: RepositoryStorage,
  sources: readonly MergeSource[],
  merged: MergedEntries,
  checksum: Uint8Array,
  pace: Pace
): Promise<Uint8Array> {
  const writer = new PackIndexWriter(merged.count)
  for (let i = 0; i < merged.count; i++) {
    const source = sources[merged.sources[i] as number] as MergeSource
    const position = merged.positions[i] as number
    writer.add(
      source.pack.index.nameAt(position),
      source.newCrcOf(position),
      source.newOffsetOf(position)
    )
    if (i % 256 === 0) await pace.work(256)
  }
  return writer.finish(checksum, platform.hash)
}

/** Makes what a merge needs to know of a pack. @throws GIT_PACK_DAMAGED if it is gone. */
export async function openMergeSource(
  { fs }: RepositoryStorage,
  pack: MergeSource['pack']
): Promise<MergeSource> {
  const stat = await fs.stat(`${pack.path}.pack`)
  if (stat !== undefined) return new MergeSource(pack, stat.sizeBytes)
  const data = { path: `${pack.path}.pack`, reason: 'its file is gone' }
  throw gitErrors.create('GIT_PACK_DAMAGED', data)
}
