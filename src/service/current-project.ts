import { slugOf } from '../model/slug.ts'
import { foldersUpwards } from '../store/workspace-folder.ts'
import type { WorkspaceStore } from '../store/workspace-store.ts'

/** What may say which project is meant where an address names none, the strongest first. */
export interface ProjectHints {
  /** The name or slug that the caller gave. */
  readonly project?: string | undefined
  /** `$RUNTREE_PROJECT`. */
  readonly runtreeProject?: string | undefined
  /** The workspace's setting. */
  readonly setting?: string | undefined
  /** The current folder: it or one above it may have implied a project. */
  readonly cwd: string
}

/**
 * Returns the slug of the current project: the named one, else the one that the nearest code folder
 * implied, else the only one of the workspace.
 *
 * @throws MODEL_NAME if a given name makes no slug.
 */
export async function findCurrentProject(
  store: WorkspaceStore,
  hints: ProjectHints
): Promise<string | undefined> {
  const named = hints.project || hints.runtreeProject || hints.setting
  if (named) return slugOf(named, store.host.platform.hash)
  const implied = await store.ofCodeFolder(foldersUpwards(hints.cwd))
  if (implied !== undefined) return implied
  const projects = await store.projects()
  return projects.length === 1 ? projects[0] : undefined
}
