import type { FileSystem } from '../../src/base/platform.ts'

/** Files of which some calls fail as told. */
export interface FaultyFileSystem extends FileSystem {
  /** The error code with which a call fails; `undefined` if it does not. Can be changed at any time. */
  fault: (call: string, path: string) => string | undefined
}

/** Makes calls of a file system fail, those on files open for appending included. */
export function createFaultyFileSystem(files: FileSystem): FaultyFileSystem {
  const check = (call: string, path: string): void => {
    const code = faulty.fault(call, path)
    if (code !== undefined) throw Object.assign(new Error(`${code}: ${call} ${path}`), { code })
  }
  const calls = Object.entries(files).map(([call, body]) => [
    call,
    async (path: string, ...rest: unknown[]) => {
      check(call, path)
      const result: unknown = await (body as (...given: unknown[]) => unknown)(path, ...rest)
      if (call !== 'openAppend') return result
      const file = result as Awaited<ReturnType<FileSystem['openAppend']>>
      return {
        append: (bytes: Uint8Array) => {
          check('append', path)
          file.append(bytes)
        },
        sync: async () => {
          check('sync', path)
          await file.sync()
        },
        close: () => file.close()
      }
    }
  ])
  const faulty: FaultyFileSystem = {
    ...(Object.fromEntries(calls) as unknown as FileSystem),
    fault: () => undefined
  }
  return faulty
}
