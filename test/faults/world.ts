import { linkSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'

import type { FileSystem, Platform } from '../../src/base/platform.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { createNodeRemoteHost } from '../../src/host/node/remote-host.ts'
import { createWorkspace } from '../../src/service/open-workspace.ts'
import type { Workspace } from '../../src/service/workspace.ts'
import { WorkspaceStore } from '../../src/store/workspace-store.ts'
import type { DiskContent } from '../support/disk-model.ts'
import { createFixedPlatform } from '../support/fixed-platform.ts'
import { fsck, gitEnvironment, tryGit } from '../support/git.ts'
import { createTestTracking, type TestTracking } from '../support/tracking.ts'
import { collect } from '../support/workspaces.ts'

/** A machine with a workspace, and a remote beside it. */
export interface World {
  /** The folder in which all of it lies. */
  readonly root: string
  readonly files: FileSystem
  readonly platform: Platform
  readonly workspace: Workspace
  readonly store: WorkspaceStore
  readonly tracking: TestTracking
  /** Opens the workspace of somebody else on the same disk. */
  colleague(): Workspace
  close(): Promise<void>
}

/** Who works in a world, each dead when the next one comes; the second one meets a fault. */
export const PREPARER = { self: { pid: 55 }, seed: 4 }
export const VICTIM = { self: { pid: 66 }, seed: 5, deadPids: new Set([55]) }
export const SURVIVOR = { self: { pid: 77 }, seed: 6, deadPids: new Set([55, 66]) }
/** Somebody on the same machine after it was started again. */
export const REBOOTED = { self: { pid: 1, bootId: 'next' }, seed: 7 }

const REPOSITORIES = ['home/vision.git', 'origin.git', 'colleague/vision.git']
const COMMITTER = { name: 'Ada', email: 'ada@example.org' }

export function openWorld(
  root: string,
  files: FileSystem,
  who: Parameters<typeof createFixedPlatform>[0]
): World {
  const platform = createFixedPlatform(who)
  const opened: Workspace[] = []
  const storeOf = (name: string): WorkspaceStore => {
    const remotes = createNodeRemoteHost(files, platform, { env: gitEnvironment(), cwd: root })
    const host = { files, platform, remotes, committer: async () => COMMITTER }
    return new WorkspaceStore(host, `${root}/${name}`)
  }
  const open = (store: WorkspaceStore): Workspace => {
    const workspace = createWorkspace(store, { project: 'vision' })
    opened.push(workspace)
    return workspace
  }
  const store = storeOf('home')
  return {
    root,
    files,
    platform,
    workspace: open(store),
    store,
    tracking: createTestTracking(`${root}/home`, { files, platform }),
    colleague: () => open(storeOf('colleague')),
    async close() {
      // After a fault there is nobody left to close anything.
      for (const workspace of opened) await workspace.close().catch(() => undefined)
    }
  }
}

/** Puts content on this machine's disk, in place of all that is below `root`. */
export function writeContent(root: string, { folders, files }: DiskContent): void {
  rmSync(root, { recursive: true, force: true })
  mkdirSync(root, { recursive: true })
  for (const path of folders) mkdirSync(path, { recursive: true })
  // Nobody who finds it had a hand in it within the last minute.
  const time = new Date(Date.now() - 60_000)
  const names = new Map<Uint8Array, string>()
  for (const [path, bytes] of files) {
    const known = names.get(bytes)
    if (known === undefined) writeFileSync(path, bytes)
    else linkSync(known, path)
    names.set(bytes, path)
    utimesSync(path, time, time)
  }
}

/** What can be seen, by where: each of these is as before an operation, or as after it. */
export type State = Readonly<Record<string, string>>

/** Reads all that is in the workspace and at the remote, but for times and commits. */
export async function readState({ root, workspace }: World): Promise<State> {
  const state: Record<string, string> = {}
  const damaged: unknown[] = []
  const options = { in: 'vision', onDamaged: (damage: unknown) => void damaged.push(damage) }
  for (const service of ['experiments', 'executions', 'runs', 'datasets'] as const) {
    for await (const { address, fields } of workspace[service].list(options)) {
      const place = address.split('/').slice(0, 2).join('/')
      state[place] = `${state[place] ?? ''}${address} ${lasting(fields)}\n`
    }
  }
  for await (const { address } of workspace.runs.list(options)) {
    const points = await collect(workspace.runs.series(address))
    const { text } = await workspace.runs.text(address)
    const rows = points.map(({ metric, step, value }) => `${metric} ${step} ${value}`)
    const place = address.split('/').slice(0, 2).join('/')
    state[place] += `${address}: ${rows.sort().join(', ')} ${text}\n`
  }
  if (damaged.length > 0) state.damaged = JSON.stringify(damaged)
  for (const repository of REPOSITORIES) {
    for (const [ref, paths] of listRefs(`${root}/${repository}`)) {
      if (repository !== 'home/vision.git' || ref.startsWith('refs/tags/')) {
        state[`${repository} ${ref}`] = paths
      }
    }
  }
  return state
}

/** Reads what a disk with some content has. */
export async function stateOf(
  root: string,
  content: DiskContent,
  read: (world: World) => Promise<State> = readState
): Promise<State> {
  writeContent(root, content)
  const world = openOnDisk(root, SURVIVOR)
  try {
    return await read(world)
  } finally {
    await world.close()
  }
}

/** Formats fields without what differs from one try to the next. */
function lasting(fields: object): string {
  const {
    created: _,
    started,
    finished,
    edits,
    attempt,
    ...rest
  } = fields as Record<string, unknown>
  return JSON.stringify(rest)
}

/** Lists the paths below each ref of a repository, as git sees them. */
function listRefs(folder: string): ReadonlyMap<string, string> {
  const { status, stdout } = tryGit(folder, ['for-each-ref', '--format=%(refname)'])
  if (status !== 0) return new Map()
  return new Map(
    stdout
      .trim()
      .split('\n')
      .filter((ref) => ref !== '' && !ref.startsWith('refs/runtree/'))
      .map((ref) => [ref, tryGit(folder, ['ls-tree', '-r', '--name-only', ref]).stdout])
  )
}

/** Returns what the git program says against the repositories of a world; `''` if nothing. */
export function findFault(root: string): string {
  return REPOSITORIES.filter(
    (name) => tryGit(`/`, ['-C', `${root}/${name}`, 'rev-parse', '--git-dir']).status === 0
  )
    .map((name) => fsck(`${root}/${name}`))
    .join('')
}

/** Opens a world on this machine's disk. */
export function openOnDisk(root: string, who: Parameters<typeof createFixedPlatform>[0]): World {
  return openWorld(root, createNodeFileSystem(), who)
}
