import { concatBytes, encodeUtf8, formatHex } from '../base/bytes.ts'
import type { AppendFile, Digest, FileSystem, Platform } from '../base/platform.ts'
import { gitErrors } from './errors.ts'
import type { ObjectFolders } from './object-folder.ts'
import { formatPackHeader } from './pack-write.ts'
import { removeQuietly } from './remove-quietly.ts'

/** Git takes no file of such a name for a pack. */
const PREFIX = 'tmp_pack_maintenance_'
const ASIDE = `${PREFIX}aside_`
const CHUNK_BYTES = 256 << 10
/** Git gives its packs no right to write. */
const FILE_MODE = 0o444

/** What making a pack needs of a repository. */
export interface PackStorage {
  readonly fs: FileSystem
  readonly platform: Pick<Platform, 'hash' | 'random'>
  readonly folders: ObjectFolders
}

interface TemporaryPlace {
  readonly path: string
  readonly token: string
}

/** A file that a pack has beside its index. */
export interface PackCompanion {
  /** `.mtimes`, `.promisor`. */
  readonly ending: string
  readonly bytes: Uint8Array
}

/** A pack in the making: a file among the others that neither this program nor git takes for one. */
export class NewPack {
  readonly #storage: PackStorage
  readonly #temporary: string
  readonly #token: string
  readonly #output: AppendFile
  readonly #digest: Digest
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #offset = 0

  private constructor(storage: PackStorage, place: TemporaryPlace, output: AppendFile) {
    this.#storage = storage
    this.#token = place.token
    this.#temporary = place.path
    this.#output = output
    this.#digest = storage.platform.hash.openSha1()
  }

  /**
   * Begins a pack of as many objects as are given; no other number can be appended. Its temporary name
   * begins with `prefix`, by which it is known what a dead process left.
   */
  static async open(storage: PackStorage, count: number, prefix = PREFIX): Promise<NewPack> {
    const token = formatHex(storage.platform.random.bytes(10))
    const path = `${storage.folders.own.packs.folder}/${prefix}${token}`
    const output = await storage.fs.openAppend(path)
    const pack = new NewPack(storage, { path, token }, output)
    pack.append(formatPackHeader(count))
    return pack
  }

  /** Where the next entry begins. */
  get offset(): number {
    return this.#offset
  }

  /** Appends an entry, or part of one. The bytes may be kept for a while. */
  append(bytes: Uint8Array): void {
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    this.#offset += bytes.length
    if (this.#waitingBytes >= CHUNK_BYTES) this.#flush()
  }

  /**
   * Puts the pack among the others, durably; resolves to its name. The index comes last, since it is
   * what makes the pack seen. `beforeSeen` is given the path that it will have, without an ending.
   */
  async place(
    formatIndex: (checksum: Uint8Array) => Promise<Uint8Array> | Uint8Array,
    formatCompanions: (checksum: Uint8Array) => readonly PackCompanion[] = () => [],
    beforeSeen: (path: string) => Promise<unknown> = async () => undefined
  ): Promise<string> {
    const { fs, platform, folders } = this.#storage
    const { folder } = folders.own.packs
    this.#flush()
    const checksum = this.#digest.finish()
    this.#output.append(checksum)
    await this.#output.sync()
    await this.#output.close()
    const index = await formatIndex(checksum)
    // No two processes give a pack the same name, so that none removes what another has just made.
    const unique = platform.hash.sha1(checksum, encodeUtf8(this.#token))
    const name = `pack-${formatHex(unique)}`
    const companions = formatCompanions(checksum)
    const others = [...companions, { ending: '.idx', bytes: index }]
    for (const { ending, bytes } of others) {
      await fs.create(this.#temporary + ending, bytes, { sync: true, mode: FILE_MODE })
    }
    await fs.setMode(this.#temporary, FILE_MODE)
    await beforeSeen(`${folder}/${name}`)
    for (const { ending, from } of [{ ending: '.pack', from: '' }, ...others.map(alike)]) {
      const isThere = await fs.rename(this.#temporary + from, `${folder}/${name}${ending}`)
      if (isThere) continue
      const data = { path: `${folder}/${name}${ending}`, reason: 'its file is gone' }
      throw gitErrors.create('GIT_PACK_DAMAGED', data)
    }
    await fs.syncFolder(folder)
    const isCruft = companions.some(({ ending }) => ending === '.mtimes')
    folders.own.packs.add(name, index, isCruft)
    return name
  }

  /** Removes what there is of a pack that was not placed. */
  async discard(): Promise<void> {
    await this.#output.close().catch(() => undefined)
    const endings = ['', '.idx', '.mtimes', '.promisor']
    const { fs } = this.#storage
    await removeQuietly(
      fs,
      endings.map((ending) => this.#temporary + ending)
    )
  }

  #flush(): void {
    const chunk = concatBytes(this.#waiting)
    this.#digest.update(chunk)
    this.#output.append(chunk)
    this.#waiting = []
    this.#waitingBytes = 0
  }
}

/**
 * Removes what a process left behind that died while it made a pack, and puts back what it had set
 * aside. Only under the lock of maintenance.
 */
export async function sweepNewPacks({ fs, folders }: PackStorage): Promise<void> {
  const { folder } = folders.own.packs
  for (const { name } of (await fs.list(folder)) ?? []) {
    if (!name.startsWith(PREFIX)) continue
    const aside = name.startsWith(ASIDE) ? name.slice(ASIDE.length) : undefined
    const index = `${folder}/${aside}.idx`
    if (aside !== undefined && (await fs.stat(index)) !== undefined) {
      await fs.rename(`${folder}/${name}`, `${folder}/${aside}.pack`)
    } else await fs.remove(`${folder}/${name}`)
  }
}

/** Returns where a pack is set aside, so that nobody reads or freshens it any more. */
export function asidePath(path: string): string {
  const at = path.lastIndexOf('/') + 1
  return path.slice(0, at) + ASIDE + path.slice(at)
}

function alike({ ending }: PackCompanion): { readonly ending: string; readonly from: string } {
  return { ending, from: ending }
}
