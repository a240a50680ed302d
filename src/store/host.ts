import type { Capture } from '../base/capture.ts'
import type { FileSystem, Platform } from '../base/platform.ts'
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
  /** Captures code and environment of a run; absent where there is none to capture. */
  readonly capture?: Capture
  /** How other repositories are reached; absent where none can be. */
  readonly remotes?: RemoteHost
  /** Hears that the upkeep of a project in the background failed; nothing else did. Default: nobody. */
  readonly onMaintenanceFailure?: (project: string, error: unknown) => void
  /** Returns the user's git identity. */
  committer(): Promise<Committer>
}
