import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { createNodeStoreHost } from './host/node/store-host.ts'
import { readSettings } from './service/config.ts'
import { findCurrentProject } from './service/current-project.ts'
import { createWorkspace } from './service/open-workspace.ts'
import type { Workspace } from './service/workspace.ts'
import { findWorkspace } from './store/workspace-folder.ts'
import { WorkspaceStore } from './store/workspace-store.ts'

export * from './index.ts'

/** Which workspace is opened. */
export interface OpenWorkspaceOptions {
  /** The workspace's folder. Default: `$RUNTREE_HOME`, else the nearest `.runtree/` upwards, else `~/.runtree`. */
  readonly folder?: string
  /**
   * The project of addresses that name none. Default: `$RUNTREE_PROJECT`, else the workspace's setting,
   * else the project of the current folder, else the only one.
   */
  readonly project?: string
  /** The folder from which workspace and project are looked for. Default: the process's own. */
  readonly cwd?: string
}

/**
 * Opens a workspace; its folder is made when something is put into it.
 *
 * @throws SERVICE_SETTING, FORMAT_YAML if its settings can't be read; MODEL_NAME if `project` makes no slug.
 */
export async function openWorkspace(options: OpenWorkspaceOptions = {}): Promise<Workspace> {
  const cwd = normalPath(options.cwd ?? '.')
  const store = await openStore(options.folder, cwd)
  const settings = await readSettings(store.host.files, store.folder)
  const project = await findCurrentProject(store, {
    project: options.project,
    runtreeProject: process.env.RUNTREE_PROJECT,
    setting: settings.project,
    cwd
  })
  return createWorkspace(store, { project })
}

async function openStore(folder: string | undefined, cwd: string): Promise<WorkspaceStore> {
  const host = createNodeStoreHost(process.env, cwd, async () => {
    const settings = await readSettings(host.files, found)
    return { name: settings['author.name'], email: settings['author.email'] }
  })
  const runtreeHome = process.env.RUNTREE_HOME
  const found =
    folder === undefined
      ? await findWorkspace(host.files, {
          runtreeHome: runtreeHome && normalPath(runtreeHome),
          cwd,
          home: normalPath(homedir())
        })
      : normalPath(folder)
  return new WorkspaceStore(host, found)
}

/** Returns the absolute form of a path, with `/` between names. */
function normalPath(path: string): string {
  return resolve(path).replaceAll('\\', '/')
}
