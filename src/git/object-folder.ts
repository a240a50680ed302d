import { decodeUtf8 } from '../base/bytes.ts'
import type { FileSystem, Platform } from '../base/platform.ts'
import { loosePath, readLoose } from './loose.ts'
import { type GitObject, isOid, type Oid } from './objects.ts'
import { createPackContext, type PackContext } from './pack-read.ts'
import { type PackPlace, PackSet } from './pack-set.ts'

/** One folder of objects, a repository's own or an alternate: its packs and loose files, to read. */
export class ObjectFolder {
  readonly path: string
  readonly packs: PackSet
  readonly #fs: FileSystem
  readonly #platform: Pick<Platform, 'hash' | 'zlib'>

  constructor(
    fs: FileSystem,
    platform: Pick<Platform, 'hash' | 'zlib'>,
    path: string,
    context: PackContext
  ) {
    this.path = path
    this.packs = new PackSet(`${path}/pack`, context)
    this.#fs = fs
    this.#platform = platform
  }

  readLoose(oid: Oid): Promise<GitObject | undefined> {
    return readLoose(this.#fs, this.#platform, this.path, oid)
  }

  async hasLoose(oid: Oid): Promise<boolean> {
    return (await this.#fs.stat(loosePath(this.path, oid))) !== undefined
  }

  async findLooseByPrefix(prefix: string): Promise<Oid[]> {
    const found: Oid[] = []
    for (const folder of (await this.#fs.list(this.path)) ?? []) {
      if (!/^[0-9a-f]{2}$/.test(folder.name)) continue
      if (!`${folder.name}${prefix.slice(2)}`.startsWith(prefix)) continue
      for (const file of (await this.#fs.list(`${this.path}/${folder.name}`)) ?? []) {
        const oid = folder.name + file.name
        if (isOid(oid) && oid.startsWith(prefix)) found.push(oid)
      }
    }
    return found
  }
}

/** A repository's own folder of objects and those it borrows from, as of the last `scan`. */
export class ObjectFolders {
  readonly own: ObjectFolder
  readonly #fs: FileSystem
  readonly #open: (path: string) => ObjectFolder
  #all: readonly ObjectFolder[]
  #version = 0
  #scanning: Promise<void> = Promise.resolve()
  #nextScan: Promise<void> | undefined

  constructor(fs: FileSystem, platform: Pick<Platform, 'hash' | 'zlib'>, path: string) {
    const context = createPackContext(fs, platform)
    this.#fs = fs
    this.#open = (folder) => new ObjectFolder(fs, platform, folder, context)
    this.own = this.#open(path)
    this.#all = [this.own]
  }

  get all(): readonly ObjectFolder[] {
    return this.#all
  }

  /** Counts the scans that found something changed; 0 before the first. */
  get version(): number {
    return this.#version
  }

  find(oid: Oid): PackPlace | undefined {
    for (const folder of this.#all) {
      const place = folder.packs.find(oid)
      if (place !== undefined) return place
    }
    return undefined
  }

  /** Scans if that was never done. */
  async ready(): Promise<void> {
    if (this.#version === 0) await this.scan()
  }

  /**
   * Takes notice of packs and alternates that came or went; `version` tells whether any did.
   *
   * One scan runs at a time. All who ask meanwhile share the next one, since the one that runs may
   * have listed the folder before what they know of.
   */
  scan(): Promise<void> {
    this.#nextScan ??= this.#scanning.then(() => {
      this.#nextScan = undefined
      const scan = this.#scan()
      this.#scanning = scan.catch(() => undefined)
      return scan
    })
    return this.#nextScan
  }

  async #scan(): Promise<void> {
    const paths = await this.#listAlternates(this.own.path, 0, new Set([this.own.path]))
    const kept = new Map(this.#all.map((folder) => [folder.path, folder]))
    const all = [this.own, ...paths.map((path) => kept.get(path) ?? this.#open(path))]
    let changed = all.length !== this.#all.length
    this.#all = all
    for (const folder of all) if (await folder.packs.scan()) changed = true
    if (changed || this.#version === 0) this.#version++
  }

  /** Reads objects/info/alternates, and those of the folders that it names (git: at most 5 deep). */
  async #listAlternates(folder: string, depth: number, seen: Set<string>): Promise<string[]> {
    const bytes = await this.#fs.read(`${folder}/info/alternates`)
    if (bytes === undefined || depth > 5) return []
    const found: string[] = []
    for (const line of decodeUtf8(bytes).split('\n')) {
      if (line === '' || line.startsWith('#')) continue
      const isAbsolute = line.startsWith('/') || /^[A-Za-z]:[\\/]/.test(line)
      const path = (isAbsolute ? line : `${folder}/${line}`).replace(/\/+$/, '')
      if (seen.has(path)) continue
      seen.add(path)
      found.push(path, ...(await this.#listAlternates(path, depth + 1, seen)))
    }
    return found
  }
}
