import type { FileSystem, Platform } from '../../src/base/platform.ts'
import type { RemoteHost } from '../../src/remote/open-remote.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import type { ProjectStore } from '../../src/store/project-store.ts'
import type { WorkspaceStore } from '../../src/store/workspace-store.ts'

/** A workspace that vanishes when it is closed. */
export interface TestWorkspace {
  readonly workspace: Workspace
  readonly store: WorkspaceStore
  readonly files: FileSystem
  readonly platform: Platform
  readonly folder: string
  /** Whether the git program can read it. */
  readonly onDisk: boolean
  /** Opens the same folder as another process would. */
  reopen(options?: TestWorkspaceOptions): TestWorkspace
  /** Opens a project's store. */
  project(slug?: string): Promise<ProjectStore>
  /** Closes it; what lies on disk must please `git fsck --strict`, with nothing dangling. */
  close(): Promise<void>
}

/** How a test opens its workspace. */
export interface TestWorkspaceOptions {
  /** Default: `vision`. */
  readonly project?: string | undefined
  /** Whether objects that no ref reaches are a fault. Default: true. */
  readonly dangling?: boolean
  /** Default: the host's own. */
  readonly platform?: Platform
  /** How remotes are reached. Default: not at all. */
  readonly remotes?: RemoteHost
  /** Whether nothing may go over a network. Default: false. */
  readonly offline?: boolean
}

/** A way to open a workspace. */
export interface WorkspaceHost {
  readonly name: string
  open(options?: TestWorkspaceOptions): TestWorkspace
}

/** Who commits in the tests. */
export const COMMITTER = { name: 'Ada', email: 'ada@example.org' }

/** The run that `fillWorkspace` makes. */
export const RUN = 'k3f9q2xab7mt'
/** The code version that `fillWorkspace` makes, and its id. */
export const TREE = '3f2a91c0ffee3f2a91c0ffee3f2a91c0ffee3f2a'
export const EXECUTION = TREE.slice(0, 12)

/** Makes the project `vision` with the experiment `train`, an execution and a run of it. */
export async function fillWorkspace({ workspace }: TestWorkspace): Promise<void> {
  await workspace.projects.create({ name: 'Vision' })
  await workspace.experiments.create({ name: 'Train', in: 'vision' })
  await workspace.executions.create({ tree: TREE, in: 'vision/train' })
  await workspace.runs.create({
    id: RUN,
    in: 'vision/train',
    execution: EXECUTION,
    params: { k: 5 }
  })
}

/** Lists all refs of a project with their commits, those of deleted branches included. */
export async function refsOf(
  { project }: TestWorkspace,
  slug?: string
): Promise<ReadonlyMap<string, string>> {
  return (await project(slug)).repository.refs.list('refs/')
}

/** Lists the files and folders below a folder, but for locks' own folder and caches. */
export async function filesBelow(files: FileSystem, folder: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const { name, kind } of (await files.list(folder)) ?? []) {
    const path = `${folder}/${name}`
    if (path.endsWith('/runtree/locks')) continue
    found.push(path)
    if (kind === 'folder') found.push(...(await filesBelow(files, path)))
  }
  return found.sort()
}

/** Collects what an async iterable gives. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

/** Returns the error with which a promise is rejected. */
export async function failure(
  promise: Promise<unknown>
): Promise<Error & { readonly code?: string; readonly data?: Record<string, unknown> }> {
  try {
    await promise
  } catch (error) {
    return error as Error & { readonly code?: string }
  }
  throw new TypeError('it did not fail')
}
