import type { AppendFile, FileSystem, WriteFileOptions } from '../../src/base/platform.ts'

/** A file: what its readers see, and what the disk is known to hold. */
interface FileNode {
  readonly kind: 'file'
  readonly id: number
  bytes: Uint8Array
  /** What survives a power cut for sure; `undefined` while nothing of it was ever flushed. */
  durable: Uint8Array | undefined
  mode: number
  modifiedMs: number
}

interface FolderNode {
  readonly kind: 'folder'
  readonly id: number
  readonly entries: Map<string, Node>
  mode: number
  modifiedMs: number
}

type Node = FileNode | FolderNode

/** A change of names that has not been flushed: it survives a power cut whole or not at all. */
interface NameChange {
  readonly removes: readonly NamePlace[]
  readonly sets: readonly (NamePlace & { readonly node: Node })[]
}

interface NamePlace {
  readonly folder: FolderNode
  readonly name: string
}

/** Files and folders by path, as a test keeps them between two machines. */
export interface DiskContent {
  readonly folders: readonly string[]
  /** Two names of one file have one and the same array. */
  readonly files: ReadonlyMap<string, Uint8Array>
}

/** A disk in memory that knows what of it was flushed. */
export interface ModelDisk extends FileSystem {
  /** Sets the time of a file back to 2001. */
  age(path: string): void
  /** Returns what processes see. */
  content(): DiskContent
  /**
   * Returns what may be found after a power cut. Names are there in the order in which they were made, up
   * to some moment after the last flush, as journaling file systems keep them; contents that were not
   * flushed are as before, new, empty, cut short, or end in zeros.
   */
  contentAfterPowerCut(random: () => number): DiskContent
}

/** Makes a disk on which everything given is flushed. */
export function createModelDisk(start?: DiskContent): ModelDisk {
  const disk = new Disk()
  for (const path of start?.folders ?? []) disk.makeFolder(path)
  const nodes = new Map<Uint8Array, FileNode>()
  for (const [path, bytes] of start?.files ?? []) {
    const { folder, name } = disk.placeOf(path)
    const node = nodes.get(bytes) ?? disk.newFile(bytes, bytes)
    nodes.set(bytes, node)
    folder.entries.set(name, node)
  }
  disk.flushAll()
  return disk.fileSystem()
}

class Disk {
  /** The names that are flushed, by folder. */
  readonly #durableNames = new Map<FolderNode, Map<string, Node>>()
  readonly #pending: NameChange[] = []
  #lastId = 0
  #nowMs = Date.UTC(2026, 0, 1)
  readonly #root: FolderNode = this.#newFolder()

  newFile(bytes: Uint8Array, durable: Uint8Array | undefined, mode = 0o644): FileNode {
    return {
      kind: 'file',
      id: ++this.#lastId,
      bytes,
      durable,
      mode,
      modifiedMs: this.#nowMs++
    }
  }

  #newFolder(): FolderNode {
    const [id, entries] = [++this.#lastId, new Map()]
    return { kind: 'folder', id, entries, mode: 0o755, modifiedMs: Date.UTC(2026, 0, 1) }
  }

  find(path: string): Node | undefined {
    let node: Node | undefined = this.#root
    for (const name of path.split('/').filter(Boolean)) {
      if (node?.kind !== 'folder') return undefined
      node = node.entries.get(name)
    }
    return node
  }

  placeOf(path: string): NamePlace {
    const at = path.lastIndexOf('/')
    const folder = this.find(path.slice(0, at))
    if (folder === undefined) throw failure('ENOENT', path)
    if (folder.kind !== 'folder') throw failure('ENOTDIR', path)
    return { folder, name: path.slice(at + 1) }
  }

  change(change: NameChange): void {
    apply(change, ({ entries }) => entries)
    this.#pending.push(change)
  }

  makeFolder(path: string): void {
    let above = ''
    for (const name of path.split('/').filter(Boolean)) {
      const found = this.find(`${above}/${name}`)
      if (found?.kind === 'file') throw failure('ENOTDIR', path)
      if (found === undefined) {
        const place = this.placeOf(`${above}/${name}`)
        this.change({ removes: [], sets: [{ ...place, node: this.#newFolder() }] })
      }
      above += `/${name}`
    }
  }

  /** Flushes the names of a folder, and all changes before the last one that concerns it. */
  flushNames(folder: FolderNode): void {
    const isOfFolder = (place: NamePlace): boolean => place.folder === folder
    const last = this.#pending.findLastIndex(
      ({ removes, sets }) => removes.some(isOfFolder) || sets.some(isOfFolder)
    )
    for (const change of this.#pending.splice(0, last + 1)) this.#applyDurably(change)
  }

  flushAll(): void {
    for (const change of this.#pending.splice(0)) this.#applyDurably(change)
    const visit = (folder: FolderNode): void => {
      this.#durableNames.set(folder, new Map(folder.entries))
      for (const node of folder.entries.values()) if (node.kind === 'folder') visit(node)
    }
    visit(this.#root)
  }

  #namesOf(folder: FolderNode): Map<string, Node> {
    const names = this.#durableNames.get(folder) ?? new Map<string, Node>()
    this.#durableNames.set(folder, names)
    return names
  }

  #applyDurably(change: NameChange): void {
    apply(change, (folder) => this.#namesOf(folder))
  }

  collect(names: (folder: FolderNode) => ReadonlyMap<string, Node>, read: Reading): DiskContent {
    const folders: string[] = []
    const files = new Map<string, Uint8Array>()
    const visit = (folder: FolderNode, path: string): void => {
      for (const [name, node] of names(folder)) {
        const below = `${path}/${name}`
        if (node.kind === 'file') files.set(below, read(node))
        else {
          folders.push(below)
          visit(node, below)
        }
      }
    }
    visit(this.#root, '')
    return { folders, files }
  }

  contentAfterPowerCut(random: () => number): DiskContent {
    const names = new Map(
      [...this.#durableNames].map(([folder, known]) => [folder, new Map(known)] as const)
    )
    const namesOf = (folder: FolderNode): Map<string, Node> => {
      const known = names.get(folder) ?? new Map<string, Node>()
      names.set(folder, known)
      return known
    }
    const kept = Math.floor(random() * (this.#pending.length + 1))
    for (const change of this.#pending.slice(0, kept)) apply(change, namesOf)
    const contents = new Map<FileNode, Uint8Array>()
    return this.collect(namesOf, (node) => {
      const bytes = contents.get(node) ?? tear(node, random)
      contents.set(node, bytes)
      return bytes
    })
  }

  fileSystem(): ModelDisk {
    const file = (path: string): FileNode | undefined => {
      const node = this.find(path)
      if (node?.kind === 'folder') throw failure('EISDIR', path)
      return node
    }
    const add = (path: string, bytes: Uint8Array, options: WriteFileOptions = {}): FileNode => {
      const node = this.newFile(bytes, options.sync ? bytes : undefined, options.mode)
      this.change({ removes: [], sets: [{ ...this.placeOf(path), node }] })
      return node
    }
    const overwrite = (path: string, given: Uint8Array, options: WriteFileOptions = {}): void => {
      const bytes = new Uint8Array(given)
      const node = file(path)
      if (node === undefined) return void add(path, bytes, options)
      Object.assign(node, { bytes, modifiedMs: this.#nowMs++ })
      if (options.sync) node.durable = bytes
      if (options.mode !== undefined) node.mode = options.mode
    }
    return {
      age: (path) => Object.assign(this.find(path) ?? {}, { modifiedMs: Date.UTC(2001, 0, 1) }),
      content: () =>
        this.collect(
          ({ entries }) => entries,
          ({ bytes }) => bytes
        ),
      contentAfterPowerCut: (random) => this.contentAfterPowerCut(random),
      read: async (path) => copyOf(file(path)?.bytes),
      readRange: async (path, offset, length) =>
        copyOf(file(path)?.bytes.subarray(offset, offset + length)),
      list: async (path) => {
        const node = this.find(path)
        if (node?.kind !== 'folder') return undefined
        return [...node.entries].map(([name, { kind }]) => ({ name, kind }))
      },
      stat: async (path) => {
        const node = this.find(path)
        if (node === undefined) return undefined
        const sizeBytes = node.kind === 'file' ? node.bytes.length : 0
        const { kind, modifiedMs, mode, id } = node
        return { kind, sizeBytes, modifiedMs, mode, fileId: `${id}` }
      },
      create: async (path, bytes, options) => {
        if (this.find(path) !== undefined) return false
        add(path, new Uint8Array(bytes), options)
        return true
      },
      write: async (path, bytes, options) => overwrite(path, bytes, options),
      openAppend: async (path) => appendTo(file(path) ?? add(path, new Uint8Array())),
      rename: async (from, to) => {
        const node = this.find(from)
        if (node === undefined) return false
        if (this.find(to)?.kind === 'folder' && node.kind === 'file') throw failure('EISDIR', to)
        this.change({ removes: [this.placeOf(from)], sets: [{ ...this.placeOf(to), node }] })
        return true
      },
      link: async (from, to) => {
        const node = file(from)
        if (node === undefined) throw failure('ENOENT', from)
        if (this.find(to) !== undefined) return false
        this.change({ removes: [], sets: [{ ...this.placeOf(to), node }] })
        return true
      },
      remove: async (path) => {
        if (file(path) === undefined) return false
        this.change({ removes: [this.placeOf(path)], sets: [] })
        return true
      },
      makeFolder: async (path) => this.makeFolder(path),
      removeFolder: async (path, options) => {
        const node = this.find(path)
        if (node?.kind !== 'folder') return false
        if (node.entries.size > 0 && !options?.recursive) return false
        this.change({ removes: [this.placeOf(path)], sets: [] })
        return true
      },
      touch: async (path) => {
        const node = this.find(path)
        if (node !== undefined) node.modifiedMs = this.#nowMs++
        return node !== undefined
      },
      setMode: async (path, mode) => {
        const node = this.find(path)
        if (node !== undefined) node.mode = mode
        return node !== undefined
      },
      syncFolder: async (path) => {
        const node = this.find(path)
        if (node?.kind !== 'folder') throw failure('ENOENT', path)
        this.flushNames(node)
      }
    }
  }
}

type Reading = (node: FileNode) => Uint8Array

function apply(change: NameChange, namesOf: (folder: FolderNode) => Map<string, Node>): void {
  for (const { folder, name } of change.removes) namesOf(folder).delete(name)
  for (const { folder, name, node } of change.sets) namesOf(folder).set(name, node)
}

function copyOf(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes === undefined ? undefined : new Uint8Array(bytes)
}

function appendTo(node: FileNode): AppendFile {
  return {
    append(bytes) {
      const joined = new Uint8Array(node.bytes.length + bytes.length)
      joined.set(node.bytes)
      joined.set(bytes, node.bytes.length)
      node.bytes = joined
    },
    async sync() {
      node.durable = node.bytes
    },
    async close() {}
  }
}

/** Returns what may be left of a file's content; what was flushed and only grew since stays. */
function tear({ bytes, durable }: FileNode, random: () => number): Uint8Array {
  if (durable === bytes) return bytes
  const hasGrown =
    durable !== undefined &&
    durable.length <= bytes.length &&
    durable.every((byte, index) => bytes[index] === byte)
  const kept = hasGrown ? durable.length : 0
  const choice = random()
  if (choice < 0.3) return bytes
  if (choice < 0.6) return durable ?? new Uint8Array()
  const cut = kept + Math.floor(random() * (bytes.length - kept + 1))
  if (choice < 0.8) return bytes.slice(0, cut)
  const torn = new Uint8Array(bytes)
  torn.fill(0, cut)
  return torn
}

function failure(code: string, path: string): Error {
  return Object.assign(new TypeError(`${code}: ${path}`), { code })
}
