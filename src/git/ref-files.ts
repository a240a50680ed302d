import { compareCodePoints, decodeUtf8 } from '../base/bytes.ts'
import type { FileSystem } from '../base/platform.ts'
import { gitErrors } from './errors.ts'
import { isOid, type Oid } from './objects.ts'
import { brokenLine, listBrokenRefs, PACKED_REFS, parsePackedRefs } from './packed-refs.ts'
import { isRefName } from './ref-name.ts'
import type { RefListOptions } from './ref-store.ts'

/** What a loose ref holds: an object's name, or another ref's. */
type LooseRef = { readonly oid: Oid } | { readonly target: string }

/** A ref's file is read so far: the name of an object, or of another ref. */
const REF_MAX_BYTES = 4096
/** Git follows symbolic refs this deep. */
const MAX_DEPTH = 5

/** The file `packed-refs` in one of its versions. */
interface PackedRefs {
  readonly stamp: string
  readonly refs: ReadonlyMap<string, Oid>
  /** Refs whose lines can't be read. */
  readonly broken: ReadonlySet<string>
}

/** Reads the refs of a bare repository, loose before packed, as git does. */
export class RefFiles {
  readonly root: string
  readonly #fs: FileSystem
  #packed: PackedRefs | undefined

  constructor(fs: FileSystem, root: string) {
    this.#fs = fs
    this.root = root
  }

  pathOf(ref: string): string {
    return `${this.root}/${ref}`
  }

  async read(ref: string): Promise<Oid | undefined> {
    return (await this.resolve(ref)).oid
  }

  /**
   * Follows symbolic refs to the ref that holds, or would hold, an object's name.
   *
   * @throws GIT_REF_DAMAGED
   */
  async resolve(ref: string): Promise<{ readonly ref: string; readonly oid: Oid | undefined }> {
    let name = ref
    for (let depth = 0; depth <= MAX_DEPTH; depth++) {
      const loose = await this.#readLoose(name)
      if (loose === undefined) return { ref: name, oid: await this.#readPackedRef(name) }
      if ('oid' in loose) return { ref: name, oid: loose.oid }
      name = loose.target
    }
    const reason = 'it points at other refs in a circle'
    throw gitErrors.create('GIT_REF_DAMAGED', { ref, reason })
  }

  /** Lists refs by prefix, in order; leaves out, as git does, what cannot be read. */
  async list(
    prefix: string,
    { onDamaged }: RefListOptions = {}
  ): Promise<ReadonlyMap<string, Oid>> {
    const found = new Map<string, Oid>()
    const loose: string[] = []
    const folder = prefix.slice(0, prefix.lastIndexOf('/')) || 'refs'
    await this.#listLoose(folder, prefix, loose)
    for (const [ref, oid] of await this.readPacked())
      if (ref.startsWith(prefix)) found.set(ref, oid)
    for (const ref of this.#packed?.broken ?? []) {
      const isListed = ref.startsWith(prefix) || ref === PACKED_REFS
      if (isListed && !found.has(ref) && !loose.includes(ref)) onDamaged?.(ref, brokenLine(ref))
    }
    for (const ref of loose) {
      const oid = await this.#tryRead(ref, onDamaged)
      if (oid === undefined) found.delete(ref)
      else found.set(ref, oid)
    }
    return new Map([...found].sort(([a], [b]) => compareCodePoints(a, b)))
  }

  /** Reads `packed-refs` if it is another file than last time. */
  async readPacked(): Promise<ReadonlyMap<string, Oid>> {
    const path = this.pathOf(PACKED_REFS)
    const stat = await this.#fs.stat(path)
    if (stat === undefined) {
      this.#packed = undefined
      return new Map()
    }
    const stamp = `${stat.fileId} ${stat.sizeBytes} ${stat.modifiedMs}`
    if (this.#packed?.stamp === stamp && stat.fileId !== '') return this.#packed.refs
    const bytes = await this.#fs.read(path)
    const refs = bytes === undefined ? new Map<string, Oid>() : parsePackedRefs(bytes)
    this.#packed = { stamp, refs, broken: bytes === undefined ? new Set() : listBrokenRefs(bytes) }
    return refs
  }

  /** What a broken line once held is not known, so it must not count as none. */
  async #readPackedRef(ref: string): Promise<Oid | undefined> {
    const oid = (await this.readPacked()).get(ref)
    if (oid === undefined && this.#packed?.broken.has(ref)) throw brokenLine(ref)
    return oid
  }

  async #readLoose(ref: string): Promise<LooseRef | undefined> {
    const bytes = await this.#readFile(this.pathOf(ref))
    if (bytes === undefined) return undefined
    const text = decodeUtf8(bytes).trimEnd()
    if (text.startsWith('ref:')) {
      const target = text.slice(4).trim()
      if (isRefName(target)) return { target }
    }
    const oid = text.slice(0, 40)
    if (isOid(oid) && (text.length === 40 || /\s/.test(text[40] as string))) return { oid }
    throw gitErrors.create('GIT_REF_DAMAGED', { ref, reason: 'its file names no object' })
  }

  /** Reads a file; a folder in its place counts as none, and so does a link to one, or to itself. */
  async #readFile(path: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#fs.readRange(path, 0, REF_MAX_BYTES)
    } catch (error) {
      const kind = (await this.#fs.stat(path))?.kind
      if (kind === 'folder') return undefined
      if (kind !== 'file' && isNoFile(error)) return undefined
      throw error
    }
  }

  async #listLoose(folder: string, prefix: string, found: string[]): Promise<void> {
    for (const entry of (await this.#fs.list(this.pathOf(folder))) ?? []) {
      const name = `${folder}/${entry.name}`
      if (entry.kind === 'folder') {
        if (`${name}/`.startsWith(prefix) || prefix.startsWith(`${name}/`)) {
          await this.#listLoose(name, prefix, found)
        }
      } else if (name.startsWith(prefix) && isRefName(name)) found.push(name)
    }
  }

  async #tryRead(ref: string, onDamaged: RefListOptions['onDamaged']): Promise<Oid | undefined> {
    try {
      return await this.read(ref)
    } catch (error) {
      if (!gitErrors.is(error, 'GIT_REF_DAMAGED')) throw error
      onDamaged?.(ref, error)
      return undefined
    }
  }
}

function isNoFile(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown }
  return code === 'EISDIR' || code === 'ELOOP'
}
