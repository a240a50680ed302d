import { gitErrors } from './errors.ts'
import { handOn } from './kept-objects.ts'
import type { Oid } from './objects.ts'
import { PackIndex } from './pack-index.ts'
import { type PackContext, PackFile } from './pack-read.ts'

/** Packs with fewer objects are found by one map of all their names, however many packs there are. */
const SMALL_PACK = 2048

/** Where an object lies. */
export interface PackPlace {
  readonly pack: PackFile
  readonly position: number
}

/** The packs of one folder of objects, as of the last `scan`. */
export class PackSet {
  readonly folder: string
  readonly #context: PackContext
  #packs = new Map<string, PackFile>()
  #large: PackFile[] = []
  #small = new Map<Oid, PackFile>()

  /** Reads nothing: `scan` does. */
  constructor(folder: string, context: PackContext) {
    this.folder = folder
    this.#context = context
  }

  get count(): number {
    return this.#packs.size
  }

  get all(): Iterable<PackFile> {
    return this.#packs.values()
  }

  find(oid: Oid): PackPlace | undefined {
    const small = this.#small.size > 0 ? this.#small.get(oid) : undefined
    if (small !== undefined) return { pack: small, position: small.index.find(oid) }
    for (const pack of this.#large) {
      const position = pack.index.find(oid)
      if (position >= 0) return { pack, position }
    }
    return undefined
  }

  findByPrefix(prefix: string, limit: number): Oid[] {
    return [...this.#packs.values()].flatMap((pack) => pack.index.findByPrefix(prefix, limit))
  }

  /** Tells whether a pack's file is still there. */
  async isThere(pack: PackFile): Promise<boolean> {
    return (await this.#context.fs.stat(`${pack.path}.pack`)) !== undefined
  }

  /**
   * Takes notice of packs that came or went since; tells whether any did.
   *
   * An index that cannot be read hides its pack alone, unless nothing else has the objects.
   */
  async scan(): Promise<boolean> {
    const names = new Set<string>()
    const entries = (await this.#context.fs.list(this.folder)) ?? []
    for (const { name } of entries) if (name.startsWith('pack-')) names.add(name)
    let changed = false
    for (const file of names) {
      const name = file.endsWith('.idx') ? file.slice(0, -4) : undefined
      if (name === undefined || this.#packs.has(name) || !names.has(`${name}.pack`)) continue
      const bytes = await this.#context.fs.read(`${this.folder}/${file}`)
      if (bytes === undefined || !this.#tryAdd(name, bytes, names.has(`${name}.mtimes`))) continue
      changed = true
    }
    const gone = [...this.#packs.keys()].filter((name) => !names.has(`${name}.pack`))
    for (const name of gone) this.#packs.delete(name)
    if (gone.length > 0) this.#rebuild()
    return changed || gone.length > 0
  }

  /** Adds a pack that was just written. */
  add(name: string, indexBytes: Uint8Array, isCruft = false): void {
    const path = `${this.folder}/${name}`
    const index = new PackIndex(indexBytes, `${path}.idx`)
    const pack = new PackFile(path, index, this.#context, isCruft)
    this.#packs.set(name, pack)
    this.#file(pack)
  }

  /** Adds packs of another set, whose folder was moved here. */
  takeAll(other: PackSet): void {
    for (const [name, pack] of other.#packs) this.take(name, pack)
  }

  /** Adds a pack that lay elsewhere, with what of it is in memory. */
  take(name: string, pack: PackFile): void {
    const taken = new PackFile(`${this.folder}/${name}`, pack.index, this.#context, pack.isCruft)
    handOn(pack, taken)
    this.#packs.set(name, taken)
    this.#file(taken)
  }

  /** Spares the next read of a pack that was just written. */
  remember(name: string, bytes: Uint8Array): void {
    this.#packs.get(name)?.remember(bytes)
  }

  #tryAdd(name: string, indexBytes: Uint8Array, isCruft: boolean): boolean {
    try {
      this.add(name, indexBytes, isCruft)
      return true
    } catch (error) {
      if (gitErrors.is(error, 'GIT_PACK_DAMAGED')) return false
      throw error
    }
  }

  #rebuild(): void {
    this.#large = []
    this.#small = new Map()
    for (const pack of this.#packs.values()) this.#file(pack)
  }

  #file(pack: PackFile): void {
    if (pack.index.count >= SMALL_PACK) {
      this.#large.unshift(pack)
      return
    }
    for (let i = 0; i < pack.index.count; i++) this.#small.set(pack.index.oidAt(i), pack)
  }
}
