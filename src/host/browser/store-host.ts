import type { FileSystem } from '../../base/platform.ts'
import type { Repository } from '../../git/repository.ts'
import { remoteErrors } from '../../remote/errors.ts'
import type { RemoteHost } from '../../remote/open-remote.ts'
import type { Database } from './database.ts'
import { openDatabaseFiles } from './file-system.ts'
import { createBrowserHttp } from './http.ts'
import { type BrowserPlatform, createBrowserPlatform } from './platform.ts'
import { openDatabaseRepository } from './repository.ts'

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
      // Credentials come with the call, and from nowhere else.
      credentials: () => [],
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
