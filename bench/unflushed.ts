import type { FileSystem } from '../src/base/platform.ts'
import { createNodeFileSystem } from '../src/host/node/file-system.ts'
import { createNodePlatform } from '../src/host/node/platform.ts'
import type { Workspace } from '../src/index.ts'
import { createWorkspace } from '../src/service/open-workspace.ts'
import { WorkspaceStore } from '../src/store/workspace-store.ts'

const AUTHOR = { name: 'Ada', email: 'ada@example.org' }

/** Opens a workspace that leaves it to the system when anything comes to the disk. */
export function openUnflushed(folder: string): Workspace {
  const files = createNodeFileSystem()
  const lazy: FileSystem = {
    ...files,
    create: (path, bytes, options) => files.create(path, bytes, { ...options, sync: false }),
    write: (path, bytes, options) => files.write(path, bytes, { ...options, sync: false }),
    async syncFolder() {}
  }
  const host = { files: lazy, platform: createNodePlatform(), committer: async () => AUTHOR }
  return createWorkspace(new WorkspaceStore(host, folder), { project: 'bench' })
}
