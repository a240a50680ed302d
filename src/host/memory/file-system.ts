import { createFsFromVolume, Volume } from 'memfs'

import type { FileStat, FileSystem } from '../../base/platform.ts'

/** Files in memory, and the same files behind the interface of `node:fs`, for other libraries. */
export interface MemoryFileSystem extends FileSystem {
  readonly volume: ReturnType<typeof createFsFromVolume>
}

/** Makes an empty file system in memory. Flushing does nothing: what is written is there. */
export function createMemoryFileSystem(): MemoryFileSystem {
  const fs = createFsFromVolume(new Volume())
  const write = (path: string, flag: string, bytes: Uint8Array, mode?: number): void => {
    fs.writeFileSync(path, bytes, { flag })
    // memfs heeds the rights of a file while it makes it.
    if (mode !== undefined) fs.chmodSync(path, mode)
  }
  return {
    volume: fs,
    async read(path) {
      const bytes = attempt(() => fs.readFileSync(path) as Uint8Array, ABSENT)
      return bytes === undefined ? undefined : new Uint8Array(bytes)
    },
    async readRange(path, offset, length) {
      const bytes = attempt(() => fs.readFileSync(path) as Uint8Array, ABSENT)
      return bytes === undefined ? undefined : new Uint8Array(bytes).slice(offset, offset + length)
    },
    async list(path) {
      const entries = attempt(() => fs.readdirSync(path, { withFileTypes: true }), ABSENT)
      return (entries as readonly MemoryEntry[] | undefined)?.map((entry) => ({
        name: String(entry.name),
        kind: kindOf(entry)
      }))
    },
    async stat(path) {
      const stats = attempt(() => fs.lstatSync(path), ABSENT)
      if (stats === undefined) return undefined
      return {
        kind: kindOf(stats),
        sizeBytes: Number(stats.size),
        modifiedMs: Number(stats.mtimeMs),
        mode: Number(stats.mode) & 0o7777,
        fileId: String(stats.ino)
      }
    },
    async create(path, bytes, options) {
      return did(() => write(path, 'wx', bytes, options?.mode), ['EEXIST'])
    },
    async write(path, bytes, options) {
      write(path, 'w', bytes, options?.mode)
    },
    async openAppend(path) {
      const fd = fs.openSync(path, 'a')
      return {
        append: (bytes) => void fs.writeSync(fd, bytes),
        async sync() {},
        async close() {
          fs.closeSync(fd)
        }
      }
    },
    async rename(from, to) {
      return did(() => fs.renameSync(from, to), ['ENOENT'])
    },
    async link(from, to) {
      return did(() => fs.linkSync(from, to), ['EEXIST'])
    },
    async remove(path) {
      return did(() => fs.unlinkSync(path), ABSENT)
    },
    async makeFolder(path) {
      fs.mkdirSync(path, { recursive: true })
    },
    async removeFolder(path, options) {
      if (!options?.recursive) return did(() => fs.rmdirSync(path), [...ABSENT, 'ENOTEMPTY'])
      if (attempt(() => fs.lstatSync(path), ABSENT) === undefined) return false
      fs.rmSync(path, { recursive: true, force: true })
      return true
    },
    async touch(path) {
      const now = new Date()
      return did(() => fs.utimesSync(path, now, now), ABSENT)
    },
    async setMode(path, mode) {
      return did(() => fs.chmodSync(path, mode), ABSENT)
    },
    async syncFolder(path) {
      fs.readdirSync(path)
    }
  }
}

interface MemoryEntry {
  readonly name: unknown
  isFile(): boolean
  isDirectory(): boolean
  isSymbolicLink(): boolean
}

const ABSENT: readonly string[] = ['ENOENT', 'ENOTDIR']

function kindOf(entry: Omit<MemoryEntry, 'name'>): FileStat['kind'] {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'folder'
  return entry.isSymbolicLink() ? 'link' : 'other'
}

function did(body: () => void, expected: readonly string[]): boolean {
  const run = (): boolean => {
    body()
    return true
  }
  return attempt(run, expected) ?? false
}

/** Runs a body; an error with one of the expected codes is `undefined`. */
function attempt<T>(body: () => T, expected: readonly string[]): T | undefined {
  try {
    return body()
  } catch (error) {
    if (error instanceof Error && 'code' in error && expected.includes(String(error.code))) {
      return undefined
    }
    throw error
  }
}
