import type { FileSystem } from '../../base/platform.ts'
import type { Repository } from '../../git/repository.ts'
import { givenCredential } from '../../remote/credentials.ts'
import { remoteErrors } from '../../remote/errors.ts'
import type { RemoteHost } from '../../remote/open-remote.ts'
import type { Database } from './database.ts'
import { openDatabaseFiles } from './file-system.ts'
import { createBrowserHttp } from './http.ts'
import { type BrowserPlatform, createBrowserPlatform } from './platform.ts'
import { openDatabaseRepository } from './repository.ts'

/** Gives a user and a password or token for an address. */
type GiveCredential = (url: string) => Parameters<typeof givenCredential>[1] | undefined

/** What a workspace stands on in a browser. */
export interface BrowserStoreHost {
  readonly files: FileSystem
  readonly platform: BrowserPlatform
  readonly remotes: RemoteHost
  openRepository(path: string): Promise<Repository>
  committer(): Promise<{ readonly name: string; readonly email: string }>
  close(): void
}

// One serves all workspaces of a page.
let platform: BrowserPlatform | undefined

/** Returns what a workspace in a database stands on. */
export function createBrowserStoreHost(
  database: Database,
  options: {
    readonly proxy?: string | undefined
    /** Gives credentials for an address. Default: none. */
    readonly credential?: GiveCredential | undefined
    readonly committer: () => Promise<{ readonly name: string; readonly email: string }>
  }
): BrowserStoreHost {
  platform ??= createBrowserPlatform()
  const own = platform
  const files = openDatabaseFiles(database)
  return {
    files,
    platform: own,
    remotes: {
      files,
      platform: own,
      http: createBrowserHttp(options.proxy),
      // Besides those of a call: nothing is asked or remembered.
      credentials: ({ url, host }) => {
        const given = options.credential?.(url)
        return given === undefined ? [] : [givenCredential(host, given)]
      },
      resolvePath(path) {
        const reason = 'a browser reaches no folders; only http and https addresses'
        throw remoteErrors.create('REMOTE_UNSUPPORTED', { url: path, reason })
      }
    },
    openRepository: (path) => openDatabaseRepository(database, files, own, path),
    committer: options.committer,
    close: () => database.close()
  }
}
