import { encodeUtf8 } from '../base/bytes.ts'
import { asidePath } from './pack-file-write.ts'
import type { RepositoryStorage } from './repository.ts'

/** What a pack may have beside it; its index goes first, so that nobody finds it anew. */
const ENDINGS = ['.idx', '.rev', '.bitmap', '.mtimes', '.pack'] as const

/** A pack that may go as long as nobody has touched it. */
export interface RemovablePack {
  /** Without an ending. */
  readonly path: string
  /** When it was touched last; whoever touches it later needs what it holds. Default: nobody does. */
  readonly modifiedMs?: number
}

/**
 * Removes packs whose objects lie elsewhere, or that nobody needs, durably. What names packs for the
 * git program's use is removed with them: it makes it anew.
 */
export async function removePacks(
  storage: RepositoryStorage,
  packs: readonly RemovablePack[]
): Promise<void> {
  if (packs.length === 0) return
  const { fs, folders } = storage
  await removePackIndexes(storage)
  for (const { path, modifiedMs } of packs) {
    if (modifiedMs === undefined) {
      for (const ending of ENDINGS) await fs.remove(path + ending)
      continue
    }
    // Once it is aside nobody can freshen it, so that what is seen then holds.
    const aside = asidePath(path)
    if (!(await fs.rename(`${path}.pack`, aside))) continue
    if ((await fs.stat(aside))?.modifiedMs !== modifiedMs) {
      await fs.rename(aside, `${path}.pack`)
      continue
    }
    for (const ending of ENDINGS.slice(0, -1)) await fs.remove(path + ending)
    await fs.remove(aside)
  }
  await fs.syncFolder(folders.own.packs.folder)
  await folders.scan()
  await listPacks(storage)
}

/** Removes the index over several packs, with what belongs to it. */
async function removePackIndexes({ fs, folders }: RepositoryStorage): Promise<void> {
  const { folder } = folders.own.packs
  for (const { name, kind } of (await fs.list(folder)) ?? []) {
    if (!name.startsWith('multi-pack-index')) continue
    if (kind === 'folder') await fs.removeFolder(`${folder}/${name}`, { recursive: true })
    else await fs.remove(`${folder}/${name}`)
  }
}

/** Brings the list up to date that plain HTTP servers give out (git-update-server-info(1)). */
async function listPacks({ fs, folders }: RepositoryStorage): Promise<void> {
  const list = `${folders.own.path}/info/packs`
  if ((await fs.stat(list)) === undefined) return
  const names = [...folders.own.packs.all].map(({ path }) => path.slice(path.lastIndexOf('/') + 1))
  await fs.write(`${list}.new`, encodeUtf8(`${names.map((name) => `P ${name}.pack\n`).join('')}\n`))
  await fs.rename(`${list}.new`, list)
}
