import { gitErrors } from './errors.ts'
import type { Pace } from './pace.ts'
import type { PackFile } from './pack-read.ts'

/** A pack that is merged: its entries in the order in which they lie, and where they come to lie. */
export class MergeSource {
  readonly pack: PackFile
  /** Where entries begin, in order, and behind the last one the end of all. */
  readonly #offsets: Float64Array
  /** The positions in the index, in the order of the offsets. */
  readonly #positions: Uint32Array
  readonly #chosen: Uint8Array
  readonly #newOffsets: Float64Array
  readonly #newCrcs: Uint32Array

  /** Works for packs whose size times the number of objects is below 2^53. */
  constructor(pack: PackFile, sizeBytes: number) {
    const { count } = pack.index
    this.pack = pack
    this.#chosen = new Uint8Array(count)
    this.#newOffsets = new Float64Array(count)
    this.#newCrcs = new Uint32Array(count)
    this.#positions = new Uint32Array(count)
    this.#offsets = new Float64Array(count + 1)
    // Offset and position are sorted as one number: without a function that compares, many times as fast.
    const keys = new Float64Array(count)
    for (let at = 0; at < count; at++) keys[at] = pack.index.offsetAt(at) * count + at
    keys.sort().forEach((key, rank) => {
      const offset = Math.floor(key / count)
      this.#offsets[rank] = offset
      this.#positions[rank] = key - offset * count
    })
    this.#offsets[count] = sizeBytes - 20
  }

  positionAt(rank: number): number {
    return this.#positions[rank] as number
  }

  offsetAt(rank: number): number {
    return this.#offsets[rank] as number
  }

  endAt(rank: number): number {
    return this.#offsets[rank + 1] as number
  }

  /** Returns the position of the entry that begins at an offset. */
  positionOf(offset: number): number | undefined {
    let low = 0
    let high = this.#positions.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#offsets[middle] as number) < offset) low = middle + 1
      else high = middle
    }
    return this.#offsets[low] === offset ? this.#positions[low] : undefined
  }

  choose(position: number): void {
    this.#chosen[position] = 1
  }

  /** Tells whether the new pack has the object from here. */
  isChosen(position: number): boolean {
    return this.#chosen[position] === 1
  }

  moved(position: number, newOffset: number, newCrc: number): void {
    this.#newOffsets[position] = newOffset
    this.#newCrcs[position] = newCrc
  }

  newOffsetOf(position: number): number {
    return this.#newOffsets[position] as number
  }

  newCrcOf(position: number): number {
    return this.#newCrcs[position] as number
  }

  damaged(reason: string): Error {
    return gitErrors.create('GIT_PACK_DAMAGED', { path: `${this.pack.path}.pack`, reason })
  }
}

/** The objects of several packs in order of their names: from which pack each is taken, and its position there. */
export interface MergedEntries {
  readonly count: number
  readonly sources: Uint16Array
  readonly positions: Uint32Array
}

/** Merges the names of packs; of an object that several have, the first one's copy is chosen. */
export async function mergeNames(
  sources: readonly MergeSource[],
  pace: Pace
): Promise<MergedEntries> {
  const total = sources.reduce((sum, { pack }) => sum + pack.index.count, 0)
  const merged = { count: 0, sources: new Uint16Array(total), positions: new Uint32Array(total) }
  for (let byte = 0; byte < 256; byte++) {
    const names = namesOf(sources, byte)
    names.sort((a, b) => a.source.pack.index.compare(a.at, b.source.pack.index, b.at) || a.n - b.n)
    let last: Name | undefined
    for (const name of names) {
      const { source, at } = name
      if (last?.source.pack.index.compare(last.at, source.pack.index, at) === 0) continue
      last = name
      source.choose(at)
      merged.sources[merged.count] = name.n
      merged.positions[merged.count] = at
      merged.count++
    }
    await pace.work(names.length * 2)
  }
  return merged
}

interface Name {
  readonly source: MergeSource
  readonly n: number
  readonly at: number
}

/** Lists the names of all packs that begin with a byte. */
function namesOf(sources: readonly MergeSource[], byte: number): Name[] {
  const names: Name[] = []
  sources.forEach((source, n) => {
    const { index } = source.pack
    const end = index.firstOf(byte + 1)
    for (let at = index.firstOf(byte); at < end; at++) names.push({ source, n, at })
  })
  return names
}
