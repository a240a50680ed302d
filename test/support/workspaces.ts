import type { FileSystem, Platform } from '../../src/base/platform.ts'
import { createMemoryFileSystem } from '../../src/host/memory/file-system.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'
import { createWorkspace } from '../../src/service/open-workspace.ts'
import type { ProjectStore } from '../../src/store/project-store.ts'
import { WorkspaceStore } from '../../src/store/workspace-store.ts'
import { createFixedPlatform } from './fixed-platform.ts'
import { fsck, git, makeTempFolder, removeTempFolder } from './git.ts'
import {
  COMMITTER,
  type TestWorkspace,
  type TestWorkspaceOptions,
  type WorkspaceHost
} from './workspace-parts.ts'

export * from './workspace-parts.ts'

/** In memory with a fixed clock and fixed chance, and in a folder of this machine. */
export const WORKSPACE_HOSTS: readonly WorkspaceHost[] = [
  {
    name: 'in memory',
    open: (options) =>
      openAt(createMemoryFileSystem(), createFixedPlatform(), '/workspace', options, undefined)
  },
  { name: 'in a folder', open: (options) => openInFolder(createNodePlatform(), options) }
]

/** Opens a workspace in a folder of its own. */
export function openInFolder(
  platform: Platform = createNodePlatform(),
  options: TestWorkspaceOptions = {}
): TestWorkspace {
  const parent = makeTempFolder()
  return openAt(createNodeFileSystem(), platform, `${parent}/workspace`, options, parent)
}

function openAt(
  files: FileSystem,
  ownPlatform: Platform,
  folder: string,
  options: TestWorkspaceOptions = {},
  parent: string | undefined
): TestWorkspace {
  const { platform = ownPlatform } = options
  const { remotes, offline = false } = options
  const host = {
    files,
    platform,
    committer: async () => COMMITTER,
    ...(remotes === undefined ? {} : { remotes })
  }
  const store = new WorkspaceStore(host, folder)
  const project = 'project' in options ? options.project : 'vision'
  const workspace = createWorkspace(store, { project, offline })
  return {
    workspace,
    store,
    files,
    platform,
    folder,
    onDisk: parent !== undefined,
    reopen: (other = options) => openAt(files, platform, folder, other, parent),
    project: async (slug = 'vision') => (await store.project(slug)) as ProjectStore,
    async close() {
      const slugs = parent === undefined ? [] : await store.projects()
      await workspace.close()
      try {
        for (const slug of slugs) checkRepository(store.folderOf(slug), options.dangling ?? true)
      } finally {
        if (parent !== undefined) removeTempFolder(parent)
      }
    }
  }
}

function checkRepository(folder: string, dangling: boolean): void {
  const found = [fsck(folder)]
  if (dangling) found.push(git(folder, ['fsck', '--unreachable', '--no-progress']))
  const complaints = found.join('').trim()
  if (complaints !== '') throw new TypeError(`git finds fault with ${folder}:\n${complaints}`)
}
