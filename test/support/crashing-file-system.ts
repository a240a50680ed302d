import type { FileSystem } from '../../src/base/platform.ts'

/** A file system that stops, as if the power went, and how many changes it saw. */
export interface CrashingFileSystem extends FileSystem {
  readonly changes: number
}

const CHANGES = [
  'rename',
  'link',
  'remove',
  'makeFolder',
  'removeFolder',
  'touch',
  'setMode',
  'syncFolder'
] as const

/**
 * Makes a file system on which change number `crashAt` (from 1), and every one after it, fails with
 * `ECRASH`. A file that is being written at that moment is left with half of its bytes.
 */
export function createCrashingFileSystem(fs: FileSystem, crashAt: number): CrashingFileSystem {
  let changes = 0
  const isDown = (): boolean => ++changes >= crashAt
  const crash = (): never => {
    throw Object.assign(new TypeError(`crashed at change ${crashAt}`), { code: 'ECRASH' })
  }
  const half = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, bytes.length >> 1)
  const guarded = Object.fromEntries(
    CHANGES.map((name) => [
      name,
      async (...args: never[]) =>
        isDown() ? crash() : (fs[name] as (...a: never[]) => unknown)(...args)
    ])
  ) as Pick<FileSystem, (typeof CHANGES)[number]>
  return {
    ...fs,
    ...guarded,
    get changes() {
      return changes
    },
    async create(path, bytes, options) {
      if (!isDown()) return fs.create(path, bytes, options)
      if (changes === crashAt) await fs.create(path, half(bytes), options)
      return crash()
    },
    async openAppend(path) {
      if (isDown()) return crash()
      const file = await fs.openAppend(path)
      return {
        ...file,
        append(bytes) {
          if (!isDown()) return file.append(bytes)
          if (changes === crashAt) file.append(half(bytes))
          return crash()
        },
        sync: async () => (isDown() ? crash() : file.sync())
      }
    },
    async write(path, bytes, options) {
      if (!isDown()) return fs.write(path, bytes, options)
      if (changes === crashAt) await fs.write(path, half(bytes), options)
      return crash()
    }
  }
}
