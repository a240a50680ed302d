import { equalBytes } from '../base/bytes.ts'
import type { FileSystem, Hash } from '../base/platform.ts'
import type { PackIndex } from './pack-index.ts'
import type { PackFile } from './pack-read.ts'

const CHUNK_BYTES = 1 << 20
/** How far a chunk reaches into the next one, so that what begins in it lies in it as a whole. */
const SPARE_BYTES = 80 << 10
/** So much of a pack is kept. */
const KEPT_CHUNKS = 64
/** Packs up to this size are always read as a whole, larger ones if their objects are small. */
const SMALL_BYTES = 16 << 20
const SMALL_OBJECT_BYTES = 512

/** What reading whole packs needs of a repository. */
export interface SealedPackStorage {
  readonly fs: Pick<FileSystem, 'readRange' | 'stat'>
  readonly hash: Hash
}

/**
 * A pack whose bytes are those that its index was made of: both have the checksums at their ends. So objects
 * can be read from it without computing the name of each.
 */
export class SealedPack {
  readonly index: PackIndex
  readonly #fs: SealedPackStorage['fs']
  readonly #path: string
  readonly #sizeBytes: number
  readonly #chunks = new Map<number, Uint8Array>()
  #last = -1
  #lastChunk: Uint8Array = new Uint8Array(0)

  private constructor(
    fs: SealedPackStorage['fs'],
    index: PackIndex,
    path: string,
    sizeBytes: number
  ) {
    this.#fs = fs
    this.index = index
    this.#path = path
    this.#sizeBytes = sizeBytes
  }

  /** Checks a pack; `undefined` if it is gone or damaged, or has objects so large that this takes too long. */
  static async open(
    { fs, hash }: SealedPackStorage,
    { path, index }: PackFile
  ): Promise<SealedPack | undefined> {
    const sizeBytes = (await fs.stat(`${path}.pack`))?.sizeBytes ?? 0
    const pack = new SealedPack(fs, index, `${path}.pack`, sizeBytes)
    if (sizeBytes > Math.max(SMALL_BYTES, index.count * SMALL_OBJECT_BYTES)) return undefined
    const checksum = index.checksumOfPack(hash)
    const digest = hash.openSha1()
    for (let number = 0; number * CHUNK_BYTES < sizeBytes - 20; number++) {
      if (!(await pack.load(number * CHUNK_BYTES))) return undefined
      const end = Math.min(CHUNK_BYTES, sizeBytes - 20 - number * CHUNK_BYTES)
      digest.update(pack.#lastChunk.subarray(0, end))
    }
    return checksum !== undefined && equalBytes(checksum, digest.finish()) ? pack : undefined
  }

  /**
   * Returns bytes among which those of the entry at an offset are, at `placeOf(offset)`, as far as it is at
   * most 80 kB long; `undefined` if they have to be loaded.
   */
  chunkOf(offset: number): Uint8Array | undefined {
    const number = Math.floor(offset / CHUNK_BYTES)
    if (number === this.#last) return this.#lastChunk
    const chunk = this.#chunks.get(number)
    if (chunk === undefined) return undefined
    this.#last = number
    this.#lastChunk = chunk
    return chunk
  }

  placeOf(offset: number): number {
    return offset % CHUNK_BYTES
  }

  /** Loads what lies at an offset; `false` if the file is gone, or ends before. */
  async load(offset: number): Promise<boolean> {
    if (offset >= this.#sizeBytes) return false
    const number = Math.floor(offset / CHUNK_BYTES)
    const start = number * CHUNK_BYTES
    const chunk = await this.#fs.readRange(this.#path, start, CHUNK_BYTES + SPARE_BYTES)
    if (chunk === undefined) return false
    if (this.#chunks.size >= KEPT_CHUNKS) this.#chunks.clear()
    this.#chunks.set(number, chunk)
    this.#last = number
    this.#lastChunk = chunk
    return true
  }
}
