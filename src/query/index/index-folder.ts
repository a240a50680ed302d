import { encodeUtf8, formatHex } from '../../base/bytes.ts'
import type { ProjectStore } from '../../store/project-store.ts'
import { IndexFile, type IndexSubject, nameOfContent, type ReadRange } from './index-file.ts'
import { type IndexTail, RunIndex } from './run-index.ts'

const ENDING = '.idx'
/** What a killed process left half-written is removed when it is this old. */
const OLD_MS = 3_600_000
/** So much of a file is read at once. */
const AHEAD_BYTES = 8 << 20

/** Where a file lies. */
export interface IndexFilePlace {
  readonly folder: string
  readonly name: string
}

/** What of a file is in memory. */
interface Recent {
  readonly path: string
  readonly isWhole: boolean
  readonly bytes: WeakRef<Uint8Array>
}

/** An index as it lies in files. */
export interface StoredIndex {
  readonly index: RunIndex
  /** The name of the file that it stands on. */
  readonly base: string
}

/**
 * The files of an index: `<digest>.idx` with all runs, and `<digest>-<digest>.idx` with what has changed
 * since. They are written beside and renamed and never change; any process may remove what it replaces.
 */
export class IndexFolder {
  readonly #store: ProjectStore
  readonly #subject: IndexSubject
  /** Files that turned out to be damaged, or were gone when they were needed. */
  readonly #givenUp = new Set<string>()
  #used: readonly string[] = []
  /** The file that was written or read last, or its beginning, as long as memory isn't needed for else. */
  #recent: Recent | undefined

  constructor(store: ProjectStore, subject: IndexSubject) {
    this.#store = store
    this.#subject = subject
  }

  /** Opens the newest files that are sound. */
  async load(): Promise<StoredIndex | undefined> {
    for (const file of await this.list()) {
      const opened = this.#givenUp.has(file.name) ? undefined : await this.open(file)
      if (opened !== undefined) return opened
    }
    return undefined
  }

  /** Lists the files, wherever they lie, the newest first. */
  async list(): Promise<readonly IndexFilePlace[]> {
    const { files } = this.#store.host
    const found: (IndexFilePlace & { readonly atMs: number })[] = []
    for (const folder of this.#folders()) {
      for (const { name } of (await files.list(folder).catch(() => undefined)) ?? []) {
        if (!name.endsWith(ENDING)) continue
        const stat = await files.stat(`${folder}/${name}`).catch(() => undefined)
        if (stat !== undefined) found.push({ folder, name, atMs: stat.modifiedMs })
      }
    }
    // Of the same moment, a file of changes is newer than the one that it stands on.
    return found.sort((a, b) => b.atMs - a.atMs || b.name.length - a.name.length)
  }

  /** Opens a file with the one that it stands on; `undefined` if that can't be. */
  async open({ folder, name }: IndexFilePlace): Promise<StoredIndex | undefined> {
    try {
      return await this.#open(folder, name)
    } catch {
      // Whatever can't be read is made anew.
      return undefined
    }
  }

  /** Tells whether a file is as it was written, whatever it is of; one that was just removed is. */
  async isWhole({ folder, name }: IndexFilePlace): Promise<boolean> {
    const { files, platform } = this.#store.host
    const path = `${folder}/${name}`
    const isWhole = await IndexFile.isWhole(this.#rangesOf(path), platform.hash).catch(() => false)
    return isWhole || (await files.stat(path)) === undefined
  }

  /** Takes the files that were opened last for damaged. */
  giveUp(): void {
    for (const name of this.#used) this.#givenUp.add(name)
  }

  /**
   * Puts a file with all runs in the place of the others, and opens an index on it; where no file can be
   * written, or none is worth it, it stays in memory.
   */
  async replace(bytes: Uint8Array, isWorthAFile: boolean): Promise<Partial<StoredIndex>> {
    const name = `${nameOfContent(bytes)}${ENDING}`
    const folder = isWorthAFile ? await this.#write(name, bytes, () => true) : undefined
    const stored = folder === undefined ? undefined : await this.open({ folder, name })
    if (stored !== undefined) return stored
    return this.#openInMemory(bytes)
  }

  /** As `replace`, but does not wait for a file that memory may hold. */
  async adopt(bytes: Uint8Array): Promise<Partial<StoredIndex>> {
    if (bytes.length > AHEAD_BYTES) return this.replace(bytes, true)
    const opened = await this.#openInMemory(bytes)
    if (opened.index === undefined) return {}
    const base = `${nameOfContent(bytes)}${ENDING}`
    // Where it can't be written, all is as if it had been removed.
    void this.#write(base, bytes, () => true)
    return { ...opened, base }
  }

  async #openInMemory(bytes: Uint8Array): Promise<Partial<StoredIndex>> {
    const memory: ReadRange = async (offset, length) => bytes.subarray(offset, offset + length)
    const index = await this.#openBase(memory)
    return index === undefined ? {} : { index: new RunIndex(index) }
  }

  /** Puts a file with what has changed since another one in the place of the one before. */
  async add(base: string, bytes: Uint8Array): Promise<void> {
    const name = `${base.slice(0, -ENDING.length)}-${nameOfContent(bytes)}${ENDING}`
    await this.#write(name, bytes, (other) => other.includes('-'))
  }

  /** Writes a file and removes others; where that can't be, the next place is tried. */
  async #write(
    name: string,
    bytes: Uint8Array,
    replaces: (name: string) => boolean
  ): Promise<string | undefined> {
    const { files, platform } = this.#store.host
    for (const folder of this.#folders()) {
      const temporary = `${folder}/${formatHex(platform.random.bytes(10))}.tmp`
      try {
        await files.makeFolder(folder)
        // What another process writes from now on is newer, and stays.
        const others = (await files.list(folder)) ?? []
        await files.create(temporary, bytes)
        await files.rename(temporary, `${folder}/${name}`)
        this.#recent = { path: `${folder}/${name}`, isWhole: true, bytes: new WeakRef(bytes) }
        for (const other of others) {
          if (other.name !== name) await this.#discard(`${folder}/${other.name}`, replaces)
        }
        return folder
      } catch {
        await files.remove(temporary).catch(() => false)
      }
    }
    return undefined
  }

  async #discard(path: string, replaces: (name: string) => boolean): Promise<void> {
    const { files, platform } = this.#store.host
    const name = path.slice(path.lastIndexOf('/') + 1)
    const isReplaced = name.endsWith(ENDING) && replaces(name)
    const isOld = async (): Promise<boolean> => {
      const stat = await files.stat(path)
      return stat !== undefined && platform.clock.now() - stat.modifiedMs > OLD_MS
    }
    if (isReplaced || (name.endsWith('.tmp') && (await isOld()))) await files.remove(path)
  }

  async #open(folder: string, name: string): Promise<StoredIndex | undefined> {
    const [first = ''] = name.split(/[-.]/)
    const base = `${first}${ENDING}`
    if (this.#givenUp.has(base)) return undefined
    const opened = await this.#openBase(this.#rangesOf(`${folder}/${base}`))
    if (opened === undefined) return undefined
    const tail = name === base ? undefined : await this.#openTail(`${folder}/${name}`, base)
    if (name !== base && tail === undefined) return undefined
    this.#used = [base, name]
    return { index: new RunIndex(opened, tail), base }
  }

  async #openBase(read: ReadRange) {
    const file = await IndexFile.open(read, this.#subject, this.#store.host.platform.hash)
    const runs = file?.state.base === undefined ? await file?.readRuns() : undefined
    return file === undefined || runs === undefined ? undefined : { file, runs }
  }

  /** Reads a file of changes as a whole. */
  async #openTail(path: string, base: string): Promise<IndexTail | undefined> {
    const { hash } = this.#store.host.platform
    const file = await IndexFile.open(this.#rangesOf(path), this.#subject, hash)
    const [runs, treeOids] = [await file?.readRuns(), await file?.readTreeOids()]
    if (file?.state.base !== base || runs === undefined || treeOids === undefined) return undefined
    const columns: IndexTail['columns'][number][] = []
    for (const { traits, read } of file.columns) {
      const cells = await read()
      if (cells === undefined) return undefined
      columns.push({ field: traits.field, cells })
    }
    return { file, runs, treeOids, columns }
  }

  #rangesOf(path: string): ReadRange {
    const { files } = this.#store.host
    return async (offset, length) => {
      const end = offset + length
      const known = this.#recent?.path === path ? this.#recent.bytes.deref() : undefined
      if (known !== undefined && (this.#recent?.isWhole || end <= known.length)) {
        return known.slice(offset, end)
      }
      if (end > AHEAD_BYTES) return files.readRange(path, offset, length)
      // Sections are many and mostly small: a request for each takes longer than reading all of them.
      const bytes = await files.readRange(path, 0, AHEAD_BYTES)
      if (bytes === undefined) return undefined
      const isWhole = bytes.length < AHEAD_BYTES
      this.#recent = { path, isWhole, bytes: new WeakRef(bytes) }
      return bytes.slice(offset, end)
    }
  }

  /** Where files may lie: with the project, else where the user keeps what can be made again. */
  #folders(): readonly string[] {
    const { folder, host } = this.#store
    const place = `${this.#subject.kind}s/${this.#subject.experiment}`
    const own = `${folder}/runtree/cache/${place}`
    if (host.cacheFolder === undefined) return [own]
    const name = formatHex(host.platform.hash.sha256(encodeUtf8(folder))).slice(0, 16)
    return [own, `${host.cacheFolder}/runs/${name}/${place}`]
  }
}
