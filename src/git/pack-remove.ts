import { encodeUtf8 } from '../base/bytes.ts'
import { asidePath } from './pack-file-write.ts'
import type { RepositoryStorage } from './repository.ts'

/** What a pack may have beside it; its index goes first, so that nobody finds it anew. */
const ENDINGS = ['.idx', '.rev', '.bitmap', '.mtimes', '.promisor', '.pack'] as const

/** Commits are made meanwhile. */
const YIELDING = { yields: true } as const

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
  const { folder } = folders.own.packs
  const names = new Set(((await fs.list(folder)) ?? []).map(({ name }) => name))
  await removePackIndexes(storage, names)
  for (const { path, modifiedMs } of packs) {
    const isThere = (ending: string): boolean => names.has(path.slice(folder.length + 1) + ending)
    const endings = ENDINGS.filter(isThere)
    if (modifiedMs === undefined) {
      for (const ending of endings) await fs.remove(path + ending, YIELDING)
      continue
    }
    // Once it is aside nobody can freshen it, so that what is seen then holds.
    const aside = asidePath(path)
    if (!(await fs.rename(`${path}.pack`, aside))) continue
    if ((await fs.stat(aside))?.modifiedMs !== modifiedMs) {
      await fs.rename(aside, `${path}.pack`)
      continue
    }
    for (const ending of endings) if (ending !== '.pack') await fs.remove(path + ending, YIELDING)
    await fs.remove(aside, YIELDING)
  }
  await fs.syncFolder(folder)
  await folders.scan()
  await listPacks(storage)
}

/** Removes the index over several packs, with what belongs to it. */
async function removePackIndexes(
  { fs, folders }: RepositoryStorage,
  names: Iterable<string>
): Promise<void> {
  for (const name of names) {
    if (!name.startsWith('multi-pack-index')) continue
    const path = `${folders.own.packs.folder}/${name}`
    if ((await fs.stat(path))?.kind !== 'folder') await fs.remove(path)
    else await fs.removeFolder(path, { recursive: true })
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
