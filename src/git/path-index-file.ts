import { formatHex } from '../base/bytes.ts'
import { gitErrors } from './errors.ts'
import type { Oid } from './objects.ts'
import { Pace } from './pace.ts'
import { type ExtendOptions, type MadeCommit, PathIndex } from './path-index.ts'
import type { Repository } from './repository.ts'

/** So many commits are looked at faster than a file is written. */
const UNSAVED_COMMITS = 64
/** Somebody waits for it, so that others in this process get their turn every 50 ms or so. */
const STRETCH = 1 << 16

/** How an index is brought up to date. */
export interface CoverOptions extends Pick<ExtendOptions, 'most'> {
  /** Ends it early; what is done by then stays. Default: none. */
  readonly signal?: AbortSignal
}

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
  #working: Promise<unknown> = Promise.resolve()

  /** Reads nothing yet. */
  constructor(repository: Repository) {
    this.#repository = repository
    this.#path = `${repository.path}/runtree/cache/changed-paths`
  }

  /**
   * Returns an index that has a commit and its history; `undefined` where that isn't whole, or where more
   * than `most` commits would have to be added.
   */
  of(headOid: Oid, options: CoverOptions = {}): Promise<PathIndex | undefined> {
    const { timers } = this.#repository.storage.platform
    const pace = new Pace(timers, options.signal, STRETCH)
    const work = this.#working.then(() =>
      this.#cover(headOid, { ...options, pace }).catch(passIncomplete)
    )
    this.#working = work.catch(() => undefined)
    return work
  }

  /** Takes notice of a commit that was just made, without reading anything. */
  note(commit: MadeCommit): void {
    this.#working = this.#working.then(() => this.#index.note(commit))
  }

  /** Brings the index up to date with all branches, as far as their histories are whole. */
  async prepare(signal?: AbortSignal): Promise<void> {
    const heads = (await this.#repository.refs.list('refs/heads/')).values()
    for (const head of new Set(heads)) await this.of(head, signal && { signal })
  }

  async #cover(head: Oid, options: ExtendOptions): Promise<PathIndex | undefined> {
    if (this.#index.find(head) < 0) await this.#load()
    try {
      await this.#index.extend(this.#repository.local, head, options)
    } finally {
      // Who goes on where this one was ended finds what it had.
      if (this.#index.count - this.#saved >= UNSAVED_COMMITS) {
        await this.#save().catch(() => undefined)
      }
    }
    return this.#index.find(head) < 0 ? undefined : this.#index
  }

  /** Takes the file's index if another process has made one that has more. */
  async #load(): Promise<void> {
    const { fs, platform } = this.#repository.storage
    const stat = await fs.stat(this.#path)
    const stamp = stat === undefined ? '' : `${stat.fileId} ${stat.modifiedMs} ${stat.sizeBytes}`
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
    // A disk that doesn't take it is not asked again and again.
    this.#saved = this.#index.count
    await fs.makeFolder(this.#path.slice(0, this.#path.lastIndexOf('/')))
    try {
      await fs.create(temporary, this.#index.format(platform.hash))
      await fs.rename(temporary, this.#path)
    } catch (error) {
      await fs.remove(temporary).catch(() => false)
      throw error
    }
  }
}

function passIncomplete(error: unknown): undefined {
  if (gitErrors.is(error, 'GIT_OBJECT_MISSING') || gitErrors.is(error, 'GIT_HISTORY_CUT')) return
  throw error
}
