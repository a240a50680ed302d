import { Database } from '../../../src/host/browser/database.ts'
import { createBrowserStoreHost } from '../../../src/host/browser/store-host.ts'
import { createWorkspace } from '../../../src/service/open-workspace.ts'
import type { ProjectStore } from '../../../src/store/project-store.ts'
import { WorkspaceStore } from '../../../src/store/workspace-store.ts'
import {
  COMMITTER,
  type TestWorkspace,
  type TestWorkspaceOptions,
  type WorkspaceHost
} from '../../support/workspace-parts.ts'

export * from '../../support/workspace-parts.ts'

/** Suites open workspaces at once; databases are opened beforehand. */
const ready: Database[] = []
let opened = 0

beforeEach(async () => {
  while (ready.length < 4) ready.push(await Database.open(`workspace ${opened++}`))
})

/** In the storage of a browser. */
export const WORKSPACE_HOSTS: readonly WorkspaceHost[] = [
  { name: 'in a browser', open: (options) => openAt(ready.pop() as Database, options) }
]

function openAt(database: Database, options: TestWorkspaceOptions = {}): TestWorkspace {
  const host = createBrowserStoreHost(database, { committer: async () => COMMITTER })
  const { platform = host.platform, offline = false } = options
  const folder = '/workspace'
  const store = new WorkspaceStore({ ...host, platform, close: () => undefined }, folder)
  const project = 'project' in options ? options.project : 'vision'
  const workspace = createWorkspace(store, { project, offline })
  return {
    workspace,
    store,
    files: host.files,
    platform,
    folder,
    onDisk: false,
    reopen: (other = options) => openAt(database, other),
    project: async (slug = 'vision') => (await store.project(slug)) as ProjectStore,
    async close() {
      await workspace.close()
    }
  }
}
