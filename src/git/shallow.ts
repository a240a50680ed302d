import { decodeUtf8, encodeUtf8 } from '../base/bytes.ts'
import type { FileSystem, Platform } from '../base/platform.ts'
import { takeLock } from './lock-file.ts'
import { isOid, type Oid } from './objects.ts'

/** How the edge of a shallow history moves. */
export interface ShallowChange {
  /** Commits whose parents are not here from now on. */
  readonly shallow: readonly Oid[]
  /** Commits whose parents are here from now on. */
  readonly unshallow: readonly Oid[]
}

/**
 * The commits whose parents were never brought here (`shallow` in the repository's folder,
 * gitrepository-layout(5)): to git and to this program they are as first commits.
 */
export class ShallowEdge {
  readonly #fs: FileSystem
  readonly #platform: Pick<Platform, 'clock' | 'random' | 'timers' | 'processes'>
  readonly #folder: string
  #oids: ReadonlySet<Oid> = new Set()

  constructor(
    fs: FileSystem,
    platform: Pick<Platform, 'clock' | 'random' | 'timers' | 'processes'>,
    folder: string
  ) {
    this.#fs = fs
    this.#platform = platform
    this.#folder = folder
  }

  /** The commits at the edge, as of the last `load`; none where history is whole. */
  get oids(): ReadonlySet<Oid> {
    return this.#oids
  }

  /** Reads the file again: another process may have moved the edge. */
  async load(): Promise<ReadonlySet<Oid>> {
    const bytes = await this.#fs.read(`${this.#folder}/shallow`)
    this.#oids = new Set(bytes === undefined ? [] : decodeUtf8(bytes).split('\n').filter(isOid))
    return this.#oids
  }

  /** Moves the edge, durably, under git's lock; to be called when the objects are there. */
  async change({ shallow, unshallow }: ShallowChange): Promise<void> {
    if (shallow.length === 0 && unshallow.length === 0) return
    const path = `${this.#folder}/shallow`
    const marks = `${this.#folder}/runtree/locks`
    const lock = await takeLock(this.#fs, this.#platform, { path, ref: 'shallow', marks })
    try {
      const oids = new Set([...(await this.load()), ...shallow])
      for (const oid of unshallow) oids.delete(oid)
      if (oids.size > 0) {
        await lock.write(
          encodeUtf8(
            [...oids]
              .sort()
              .map((oid) => `${oid}\n`)
              .join('')
          )
        )
        await lock.commit()
      } else await this.#fs.remove(path)
      await this.#fs.syncFolder(this.#folder)
      this.#oids = oids
    } finally {
      await lock.release()
    }
  }
}
