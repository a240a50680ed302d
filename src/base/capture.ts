/**
 * Captures what a run was made of: the code as it lay on disk, and the machine.
 *
 * Trouble never throws: what could not be had is absent and named in `warnings`. All calls reject
 * only with the reason of an aborted signal.
 */
export interface Capture {
  /**
   * Captures the user's code without changing a byte of their repository.
   *
   * @returns `undefined` if there is neither a repository nor an entry file.
   */
  captureCode(options: CaptureCodeOptions): Promise<CodeCapture | undefined>
  captureEnvironment(options?: CaptureEnvironmentOptions): Promise<EnvironmentCapture>
  /**
   * Compares two versions of the code in the repository that holds a folder, without changing a byte of
   * it; nothing that is set up there is run, no hook, filter or program for diffs.
   *
   * @returns `undefined` if there is no such repository, or if it does not have both versions.
   */
  diffCode(options: DiffCodeOptions): Promise<CodeDiff | undefined>
}

/** A version of the code as it was captured. */
export interface CodeVersion {
  readonly treeOid: string
  /** What leads from commits, or from nothing, to that tree. */
  readonly patches: readonly { readonly baseCommitOid?: string; readonly bytes: Uint8Array }[]
}

export interface DiffCodeOptions {
  /** A folder in the code's repository. */
  readonly folder: string
  readonly before: CodeVersion
  readonly after: CodeVersion
  /** Of a longer diff, nothing is given. Default: 10,000,000. */
  readonly maxBytes?: number
  /** Default: 10,000. */
  readonly timeoutMs?: number
  /** Default: the process's environment. */
  readonly env?: Variables
  /** Default: never aborted. */
  readonly signal?: AbortSignal
}

/** How two versions of the code differ. */
export interface CodeDiff {
  /** As `git diff` prints it, renames found; binary files are only named. */
  readonly patch: Uint8Array
  /** Whether both versions were had to the byte; files that a patch leaves out are missing. */
  readonly isWhole: boolean
}

export interface CaptureCodeOptions {
  /** The folder in which the experiment runs. */
  readonly folder: string
  /**
   * The program's file, absolute or relative to `folder`. What is no file, such as a command found in
   * `PATH`, is ignored. The file's repository is captured; if it has none, the folder's.
   * Default: none.
   */
  readonly entry?: string
  /**
   * Untracked files that belong to the code: glob patterns (`*`, `?`, `[…]`, `**`) relative to the top
   * of the repository, or to the folder if there is none. Default: none.
   */
  readonly include?: readonly string[]
  /** A patch of more bytes is left out. Default: 10,000,000. */
  readonly maxPatchBytes?: number
  /** After this time the entry file alone is captured. Default: 10,000. */
  readonly timeoutMs?: number
  /** Default: the process's environment. */
  readonly env?: Variables
  /** Default: never aborted. */
  readonly signal?: AbortSignal
}

/** Environment variables by name. */
export type Variables = { readonly [name: string]: string | undefined }

/** What could not be captured as it should. */
export interface CaptureWarning {
  readonly code: CaptureWarningCode
  readonly message: string
}

export type CaptureWarningCode =
  | 'CAPTURE_GIT_MISSING'
  | 'CAPTURE_GIT_REFUSED'
  | 'CAPTURE_GIT_FAILED'
  | 'CAPTURE_TIMED_OUT'
  | 'CAPTURE_FILTER_FAILED'
  | 'CAPTURE_FILE_UNREADABLE'
  | 'CAPTURE_PATCH_TOO_LARGE'
  | 'CAPTURE_PATCH_FAILED'
  | 'CAPTURE_SUBMODULE_CHANGED'

/** A file in which the code differs from its base commit. */
export interface ChangedFile {
  /** Relative to the top of the repository. */
  readonly path: string
  readonly status: 'added' | 'modified' | 'deleted' | 'type-changed'
}

/** A repository inside the code's repository. */
export interface SubmoduleState {
  readonly path: string
  /** The commit that it has checked out, which is the one in the tree; absent if it was removed. */
  readonly commitOid?: string
  /** Whether its tracked files differ from that commit. Those changes are not captured. */
  readonly changed: boolean
}

/** Where the code lies. */
export interface CodeRepository {
  /** Last name of origin's address, else of the folder (of the main work tree, if there are several). */
  readonly name: string
  /** Absolute path of the top folder. */
  readonly topLevel: string
  /** The captured folder relative to the top, with a slash at its end; `''` at the top. */
  readonly prefix: string
  /** Absent if HEAD is detached. */
  readonly branch?: string
  readonly shallow: boolean
  /** Addresses by name, without credentials. */
  readonly remotes: { readonly [name: string]: string }
  readonly submodules: readonly SubmoduleState[]
}

/** The code of a run. */
export interface CodeCapture {
  /**
   * Git tree of the tracked files as they lie on disk, the entry file if it is untracked, and the
   * included files. Without a repository: of the entry file under its base name and the included files.
   *
   * The same before a commit, after it, after an amendment, and on another machine. A file under Git
   * LFS counts as its pointer, whether or not git-lfs is installed. Files that the user marked as
   * assume-unchanged count as they are in the index, as for `git commit`.
   */
  readonly treeOid: string
  /** Absent if there is no repository, or git could not read it. */
  readonly repository?: CodeRepository
  /** HEAD; absent in a repository without commits. */
  readonly baseCommitOid?: string
  /** Whether the base commit's own tree is `treeOid`. */
  readonly commitHasTree: boolean
  /** Path of the entry file in the tree. */
  readonly entryPath?: string
  /** In order of paths; without a base commit, every file. */
  readonly changedFiles: readonly ChangedFile[]
  /**
   * Leads from the base commit (else from nothing) to the tree: `git apply` makes it. Absent if
   * nothing changed, or if it was too large. The bytes depend on the two trees and git's version alone.
   */
  readonly patch?: Uint8Array
  /** Changed files that the patch leaves out because their names promise secrets (`.env*`, `*.pem`, …). */
  readonly leftOut: readonly string[]
  readonly warnings: readonly CaptureWarning[]
}

export interface CaptureEnvironmentOptions {
  /** The command line; what looks like a secret in it becomes `***`. Default: none. */
  readonly command?: readonly string[]
  /** Folders whose lock files and packages are looked up, the first being the base. Default: none. */
  readonly folders?: readonly string[]
  /** Default: the process's environment. */
  readonly env?: Variables
  /** Further variables to store, by name or by prefix (`WANDB_*`). Default: none. */
  readonly allow?: readonly string[]
  /** Default: never aborted. */
  readonly signal?: AbortSignal
}

/** The continuous integration job that ran the experiment. */
export interface CiJob {
  /** `github`, `gitlab`, or `unknown`. */
  readonly provider: string
  readonly jobUrl?: string
  /** The branch under work, not the one it would be merged into. */
  readonly branch?: string
  /** That branch's head, not the merge commit that the CI made of it. */
  readonly commit?: string
  /** Number of the pull or merge request. */
  readonly pullRequest?: string
}

/** The machine and the circumstances of a run. */
export interface EnvironmentCapture {
  readonly host: string
  readonly user?: string
  readonly platform: { readonly os: string; readonly release: string; readonly arch: string }
  readonly runtime: { readonly name: string; readonly version: string }
  readonly processors: { readonly model?: string; readonly count: number }
  readonly memoryBytes: number
  readonly gpus?: readonly {
    readonly name: string
    readonly memoryBytes?: number
    readonly driver?: string
  }[]
  /** SHA-256 of lock files by path relative to the first folder. */
  readonly lockFiles?: { readonly [path: string]: string }
  /** Versions of the direct dependencies that are installed, by name. */
  readonly packages?: { readonly [name: string]: string }
  readonly variables?: { readonly [name: string]: string }
  readonly scheduler?: { readonly kind: 'slurm' | 'pbs' | 'lsf'; readonly jobId: string }
  readonly ci?: CiJob
  readonly command?: readonly string[]
}
