import { defineErrors } from '../../base/errors.ts'

/** What can go wrong with the storage of a browser. */
export const browserErrors = defineErrors({
  BROWSER_NO_STORAGE: (data: { reason: string }) =>
    `This browser gives the page no storage: ${data.reason}.`,
  BROWSER_STORAGE_NEWER: (data: { name: string }) =>
    `The storage ${data.name} was made by a newer version of this program.`
})

/** A failure of the file system, as an operating system would report it. */
export class FileError extends Error {
  readonly code: string
  /** Tells failures of a system from others, as in Node. */
  readonly errno: number

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'FileError'
    this.code = code
    this.errno = -1
  }
}

/** Makes the failure that concerns a path. */
export function pathError(
  code: 'ENOENT' | 'EISDIR' | 'ENOTDIR' | 'ENOTEMPTY',
  path: string
): Error {
  const what = {
    ENOENT: 'there is no such file or folder',
    EISDIR: 'it is a folder',
    ENOTDIR: 'it is no folder',
    ENOTEMPTY: 'the folder is not empty'
  }[code]
  return new FileError(code, `${code}: ${what}, ${path}`)
}

/** Returns what a failure of the database means; what is none of the database's stays as it is. */
export function explainStorage(error: unknown): unknown {
  if (!(error instanceof DOMException)) return error
  switch (error.name) {
    case 'QuotaExceededError':
      return new FileError(
        'ENOSPC',
        'ENOSPC: the browser allows this site no more storage; delete projects that are no longer needed here, or free space on the disk',
        { cause: error }
      )
    case 'InvalidStateError':
      return new FileError(
        'EIO',
        'EIO: the browser has closed its storage, perhaps because the site’s data were cleared; reload the page',
        { cause: error }
      )
    case 'AbortError':
    case 'UnknownError':
    case 'DataError':
    case 'NotReadableError':
    case 'TransactionInactiveError':
      return new FileError('EIO', `EIO: the browser’s storage failed (${error.message})`, {
        cause: error
      })
    default:
      return error
  }
}
