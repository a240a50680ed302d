import type { Capture } from '../base/capture.ts'
import type { FileSystem, Platform } from '../base/platform.ts'
import type { RunReader } from '../base/run-reader.ts'
import { openRepository, type Repository } from '../git/repository.ts'
import type { RemoteHost } from '../remote/open-remote.ts'

/** Who commits. */
export interface Committer {
  readonly name: string
  readonly email: string
}

/** What a store stands on: files, a platform, and who uses it. */
export interface StoreHost {
  readonly files: FileSystem
  readonly platform: Platform
  /** Where the user keeps what can be made again, for projects that can't be written. Default: nowhere. */
  readonly cacheFolder?: string
  /** Captures code and environment of a run; absent where there is none to capture. */
  readonly capture?: Capture
  /** How other repositories are reached; absent where none can be. */
  readonly remotes?: RemoteHost
  /** Opens a repository of the workspace. Default: as files of `files`, under git's own locks. */
  readonly openRepository?: (path: string) => Promise<Repository>
  /** Reads records of runs beside this thread. Default: they are read when they are asked for. */
  readonly runReader?: RunReader | undefined
  /** Hears that the upkeep of a project in the background failed; nothing else did. Default: nobody. */
  readonly onMaintenanceFailure?: (project: string, error: unknown) => void
  /** Ends what was opened for the workspace. Default: nothing was. */
  readonly close?: () => void
  /** Returns the user's git identity. */
  committer(): Promise<Committer>
}

/**
 * Opens a repository of the workspace.
 *
 * @throws GIT_NOT_A_REPOSITORY, GIT_UNSUPPORTED_FORMAT, GIT_CONFIG_DAMAGED
 */
export function openHostRepository(host: StoreHost, path: string): Promise<Repository> {
  return host.openRepository?.(path) ?? openRepository(host.files, path, host.platform)
}
