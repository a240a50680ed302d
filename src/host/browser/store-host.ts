import type { FileSystem } from '../../base/platform.ts'
import type { RunReader } from '../../base/run-reader.ts'
import type { Repository } from '../../git/repository.ts'
import { givenCredential } from '../../remote/credentials.ts'
import { remoteErrors } from '../../remote/errors.ts'
import {
  chosenForge,
  type ForgeAddress,
  type ForgeChoice,
  knownForge
} from '../../remote/forge/forge.ts'
import type { RemoteHost } from '../../remote/open-remote.ts'
import type { Database } from './database.ts'
import { openDatabaseFiles } from './file-system.ts'
import { createBrowserHttp } from './http.ts'
import { type BrowserPlatform, createBrowserPlatform } from './platform.ts'
import { openDatabaseRepository } from './repository.ts'
import { openRunReader } from './run-reader.ts'

/** Gives a user and a password or token for an address. */
type GiveCredential = (url: string) => Parameters<typeof givenCredential>[1] | undefined

/** What a workspace stands on in a browser. */
export interface BrowserStoreHost {
  readonly files: FileSystem
  readonly platform: BrowserPlatform
  readonly remotes: RemoteHost
  readonly runReader?: RunReader | undefined
  openRepository(path: string): Promise<Repository>
  committer(): Promise<{ readonly name: string; readonly email: string }>
  close(): void
}

/** Forges that are read through their APIs, by host; those that everybody knows are among them. */
export type Forges = { readonly [host: string]: ForgeChoice }

/**
 * Returns the API through which an address is read: one that was named, or that of a host that everybody
 * knows, unless a proxy leads to its git.
 */
export function findForge(
  url: string,
  {
    forges = {},
    proxy
  }: { readonly forges?: Forges | undefined; readonly proxy?: string | undefined }
): ForgeAddress | undefined {
  const { host } = new URL(url)
  const named = Object.hasOwn(forges, host) ? forges[host] : undefined
  if (named !== undefined) return chosenForge(url, named)
  return proxy === undefined ? knownForge(host) : undefined
}

// One serves all workspaces of a page.
let platform: BrowserPlatform | undefined

/** Returns what a workspace in a database stands on. */
export function createBrowserStoreHost(
  database: Database,
  options: {
    readonly proxy?: string | undefined
    /** Default: those that everybody knows. */
    readonly forges?: Forges | undefined
    /** Gives credentials for an address. Default: none. */
    readonly credential?: GiveCredential | undefined
    /** Starts a worker that reads records of runs. Default: there is none. */
    readonly startRunReader?: (() => Worker) | undefined
    readonly committer: () => Promise<{ readonly name: string; readonly email: string }>
  }
): BrowserStoreHost {
  platform ??= createBrowserPlatform()
  const own = platform
  const files = openDatabaseFiles(database)
  const { startRunReader } = options
  return {
    files,
    platform: own,
    runReader: startRunReader && openRunReader(startRunReader),
    remotes: {
      files,
      platform: own,
      http: createBrowserHttp(options.proxy),
      forgeOf: ({ url }) => findForge(url, options),
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
