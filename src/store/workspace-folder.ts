import { encodeUtf8 } from '../base/bytes.ts'
import { reasonOf } from '../base/errors.ts'
import type { FileSystem } from '../base/platform.ts'
import { storeErrors } from './errors.ts'

/** From where a workspace is looked for. */
export interface WorkspaceSearch {
  /** `$RUNTREE_HOME`, if it is set. */
  readonly runtreeHome?: string | undefined
  /** The folder from which the nearest `.runtree/` is looked for upwards. */
  readonly cwd: string
  /** The user's home, whose `.runtree/` is taken if there is no other. */
  readonly home: string
}

/** Finds the workspace's folder, whether or not it exists yet. */
export async function findWorkspace(files: FileSystem, search: WorkspaceSearch): Promise<string> {
  if (search.runtreeHome) return search.runtreeHome
  for (const folder of foldersUpwards(search.cwd)) {
    const candidate = `${folder}/.runtree`
    if (await isFolder(files, candidate)) return candidate
  }
  return `${search.home}/.runtree`
}

/** Tells whether there is a folder, or a link that leads to one. */
export async function isFolder(
  files: Pick<FileSystem, 'stat' | 'list'>,
  path: string
): Promise<boolean> {
  const kind = (await files.stat(path))?.kind
  return kind === 'folder' || (kind === 'link' && (await files.list(path)) !== undefined)
}

/**
 * Makes a workspace's folder if it is absent, with a `.gitignore` that keeps it out of the repository
 * around it.
 *
 * @throws STORE_WORKSPACE
 */
export async function makeWorkspace(files: FileSystem, folder: string): Promise<void> {
  try {
    await files.makeFolder(folder)
    await files.create(`${folder}/.gitignore`, encodeUtf8('*\n'))
  } catch (error) {
    throw storeErrors.create('STORE_WORKSPACE', { folder, reason: reasonOf(error) }, error)
  }
}

/** Returns a folder and those above it, with `/` between names. */
export function foldersUpwards(folder: string): readonly string[] {
  const folders: string[] = []
  for (let at = folder.replaceAll('\\', '/').replace(/\/+$/, ''); ; ) {
    folders.push(at)
    const end = at.lastIndexOf('/')
    if (end < 0 || at === '') return folders
    at = at.slice(0, end)
  }
}
