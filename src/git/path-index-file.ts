import { formatHex } from '../base/bytes.ts'
import { gitErrors } from './errors.ts'
import type { Oid } from './objects.ts'
import { Pace } from './pace.ts'
import { type MadeCommit, PathIndex } from './path-index.ts'
import type { Repository } from './repository.ts'

/** So many commits are looked at faster than a file is written. */
const UNSAVED_COMMITS = 64
/** Of what is missing, so many commits are noted before a question is answered. */
const ASKED_COMMITS = 64
/** And so many at a time in the background. */
const UPKEEP_COMMITS = 4096
/** Somebody waits for it, so that others in this process get their turn every 50 ms or so. */
const STRETCH = 1 << 16

/**
 * The index of what commits changed, in a file of the repository's cache that only ever is replaced as
 * a whole: any process may write it, at any time.
 *
 * What can't be read or written is as if it were not there.
 */
export class PathHistory {
  readonly #repository: Repository
  readonly #path: string
  #index = new PathIndex()
  /** Commits of the index that its file has. */
  #saved = 0
  #stamp = ''
  #isWorking = false

  /** Reads nothing yet. */
  constructor(repository: Repository) {
    this.#repository = repository
    this.#path = `${repository.path}/runtree/cache/changed-paths`
  }

  /** Returns the index as far as there is one, with some more of the commits before a head. */
  async of(headOid: Oid): Promise<PathIndex> {
    const { timers } = this.#repository.storage.platform
    await this.#extend([headOid], ASKED_COMMITS, new Pace(timers, undefined, STRETCH))
    return this.#index
  }

  /** Takes notice of a commit that was just made, without reading anything. */
  note(commit: MadeCommit): void {
    this.#index.note(commit)
  }

  /**
   * Notes some of what branches hold, the newest first, as far as it is here, and returns of how many commits;
   * the next call goes on.
   */
  async prepare(signal?: AbortSignal): Promise<number> {
    signal?.throwIfAborted()
    const heads = (await this.#repository.refs.list('refs/heads/')).values()
    const pace = new Pace(this.#repository.storage.platform.timers, signal)
    return this.#extend([...new Set(heads)], UPKEEP_COMMITS, pace)
  }

  /** Adds commits, unless that is under way; returns how many. */
  async #extend(headOids: readonly Oid[], most: number, pace: Pace): Promise<number> {
    if (this.#isWorking) return 0
    this.#isWorking = true
    try {
      if (headOids.some((oid) => this.#index.find(oid) < 0)) await this.#load()
      return await this.#index.extend(this.#repository.local, headOids, { pace, most })
    } catch (error) {
      if (!gitErrors.is(error, 'GIT_OBJECT_MISSING')) throw error
      return 0
    } finally {
      // Who goes on where this one was ended finds what it had.
      if (this.#index.count - this.#saved >= UNSAVED_COMMITS) {
        await this.#save().catch(() => undefined)
      }
      this.#isWorking = false
    }
  }

  /** Takes the file's index if another process has made one that has more. */
  async #load(): Promise<void> {
    const { fs, platform } = this.#repository.storage
    const stamp = await this.#readStamp()
    if (stamp === this.#stamp) return
    this.#stamp = stamp
    const bytes = await fs.read(this.#path).catch(() => undefined)
    const index = bytes && PathIndex.parse(bytes, platform.hash)
    if (index === undefined || index.count <= this.#index.count) return
    this.#index = index
    this.#saved = index.count
  }

  async #save(): Promise<void> {
    const { fs, platform } = this.#repository.storage
    const temporary = `${this.#path}-${formatHex(platform.random.bytes(10))}.tmp`
    await this.#load()
    if (this.#index.count === this.#saved) return
    // A disk that doesn't take it is not asked again and again.
    this.#saved = this.#index.count
    await fs.makeFolder(this.#path.slice(0, this.#path.lastIndexOf('/')))
    try {
      await fs.create(temporary, this.#index.format(platform.hash))
      await fs.rename(temporary, this.#path)
      this.#stamp = await this.#readStamp()
    } catch (error) {
      await fs.remove(temporary).catch(() => false)
      throw error
    }
  }

  async #readStamp(): Promise<string> {
    const stat = await this.#repository.storage.fs.stat(this.#path)
    return stat === undefined ? '' : `${stat.fileId} ${stat.modifiedMs} ${stat.sizeBytes}`
  }
}
