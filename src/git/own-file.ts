import { encodeUtf8 } from '../base/bytes.ts'
import type { FileSystem, Platform } from '../base/platform.ts'
import { linkOrCreate, markPath } from './lock-mark.ts'

/** Who judges a process by a file's time must never find one that is older than a few seconds. */
const TOUCH_AFTER_MS = 2000

/**
 * A file that names this process, made once and given as a second name to whatever is to bear the
 * process's name: a link costs a tenth of a new file.
 */
export class OwnFile {
  readonly #fs: FileSystem
  readonly #platform: Pick<Platform, 'clock' | 'processes' | 'random'>
  readonly #folder: string
  /** What it holds. */
  readonly content: string
  #path: Promise<string> | undefined
  #touchedMs = 0

  /** Makes nothing yet; the file will lie in `folder`. */
  constructor(
    fs: FileSystem,
    platform: Pick<Platform, 'clock' | 'processes' | 'random'>,
    folder: string,
    content: string
  ) {
    this.#fs = fs
    this.#platform = platform
    this.#folder = folder
    this.content = content
  }

  /** Gives the file another name; `false` if that is taken. Its time is at most seconds old then. */
  async link(to: string): Promise<boolean> {
    const own = await this.#fresh()
    try {
      return await linkOrCreate(this.#fs, own, to)
    } catch (error) {
      // Somebody may have cleaned up.
      if ((await this.#fs.stat(own)) !== undefined) throw error
      this.#path = undefined
      return linkOrCreate(this.#fs, await this.#fresh(), to)
    }
  }

  /** Removes the file; what was linked to it stays. */
  async remove(): Promise<void> {
    const path = await this.#path?.catch(() => undefined)
    this.#path = undefined
    if (path !== undefined) await this.#fs.remove(path)
  }

  async #fresh(): Promise<string> {
    const now = this.#platform.clock.now()
    if (this.#path === undefined) {
      this.#touchedMs = now
      this.#path = this.#make()
      this.#path.catch(() => {
        this.#path = undefined
      })
    }
    const path = await this.#path
    const ageMs = now - this.#touchedMs
    // A clock that was set back tells nothing.
    if (ageMs > TOUCH_AFTER_MS || ageMs < 0) {
      if (await this.#fs.touch(path)) this.#touchedMs = now
    }
    return path
  }

  async #make(): Promise<string> {
    const path = markPath(this.#platform, this.#folder, '.own')
    await this.#fs.makeFolder(this.#folder)
    await this.#fs.create(path, encodeUtf8(this.content))
    return path
  }
}
