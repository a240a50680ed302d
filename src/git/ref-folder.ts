import type { FileSystem } from '../base/platform.ts'
import { gitErrors } from './errors.ts'

/**
 * Makes the folder of a ref; returns the folders whose names changed by that.
 *
 * @throws GIT_REF_NAME if a part of the name is itself a ref.
 */
export async function ensureFolder(
  fs: FileSystem,
  root: string,
  ref: string
): Promise<ReadonlySet<string>> {
  const changed = new Set<string>()
  const end = ref.lastIndexOf('/')
  if (end < 0) return changed
  for (let at = end; at > 0; at = ref.lastIndexOf('/', at - 1)) {
    const name = ref.slice(0, at)
    const stat = await fs.stat(`${root}/${name}`)
    if (stat?.kind === 'folder') break
    if (stat !== undefined) {
      throw gitErrors.create('GIT_REF_NAME', { ref, reason: `it clashes with ${name}` })
    }
    const above = name.lastIndexOf('/')
    changed.add(above < 0 ? root : `${root}/${name.slice(0, above)}`)
  }
  if (changed.size > 0) await fs.makeFolder(`${root}/${ref.slice(0, end)}`)
  return changed
}

/** Removes the empty folders above a ref, as git does; `refs/heads` and its like stay. */
export async function removeEmptyAbove(fs: FileSystem, root: string, ref: string): Promise<void> {
  const parts = ref.split('/').slice(0, -1)
  for (; parts.length > 2; parts.pop()) {
    if (!(await fs.removeFolder(`${root}/${parts.join('/')}`))) return
  }
}

/** Removes a folder that holds nothing but empty folders: what is left of refs that were deleted. */
export async function removeEmptyTree(fs: FileSystem, path: string): Promise<void> {
  if ((await fs.stat(path))?.kind !== 'folder') return
  for (const { name } of (await fs.list(path)) ?? []) await removeEmptyTree(fs, `${path}/${name}`)
  await fs.removeFolder(path)
}
