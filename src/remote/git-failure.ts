import { gitErrors } from '../git/errors.ts'
import { remoteErrors } from './errors.ts'

/** Returns what a failure of the git floor means when the objects are those of a remote. */
export function explainGitFailure(url: string, error: unknown): unknown {
  if (gitErrors.is(error, 'GIT_PACK_DAMAGED')) {
    return remoteErrors.create('REMOTE_PACK_DAMAGED', { url, reason: error.data.reason }, error)
  }
  if (gitErrors.is(error, 'GIT_OBJECT_DAMAGED')) {
    const reason = `${error.data.oid}: ${error.data.reason}`
    return remoteErrors.create('REMOTE_PACK_DAMAGED', { url, reason }, error)
  }
  if (gitErrors.is(error, 'GIT_OBJECT_TYPE')) {
    const { oid, expected, found } = error.data
    const reason = `${oid} is a ${found}, not a ${expected}`
    return remoteErrors.create('REMOTE_PACK_DAMAGED', { url, reason }, error)
  }
  if (gitErrors.is(error, 'GIT_OBJECT_COLLISION')) {
    const reason = `${error.data.oid} has other bytes than another object of that name`
    return remoteErrors.create('REMOTE_PACK_DAMAGED', { url, reason }, error)
  }
  if (gitErrors.is(error, 'GIT_OBJECT_MISSING')) {
    return remoteErrors.create('REMOTE_PACK_INCOMPLETE', { url, oid: error.data.oid }, error)
  }
  if (gitErrors.is(error, 'GIT_HISTORY_CUT')) {
    const reason = 'it is shallow: its history is cut off'
    return remoteErrors.create('REMOTE_UNSUPPORTED', { url, reason }, error)
  }
  if (gitErrors.is(error, 'GIT_UNSUPPORTED_FORMAT')) {
    return remoteErrors.create('REMOTE_UNSUPPORTED', { url, reason: error.data.reason }, error)
  }
  return error
}

/** Tells whether a file system refused something because of rights. */
export function isRefused(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['EACCES', 'EPERM', 'EROFS'].includes(String(error.code))
  )
}
