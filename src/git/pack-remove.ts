import type { RepositoryStorage } from './repository.ts'

/** What a pack may have beside it; its index goes first, so that nobody finds it anew. */
const ENDINGS = ['.idx', '.rev', '.bitmap', '.mtimes', '.pack'] as const

/**
 * Removes packs whose objects all lie elsewhere, durably; `paths` are those of the packs without an
 * ending. What names packs for the git program's use is removed with them: it makes it anew.
 */
export async function removePacks(
  storage: RepositoryStorage,
  paths: readonly string[]
): Promise<void> {
  if (paths.length === 0) return
  await removePackLists(storage)
  for (const path of paths) {
    for (const ending of ENDINGS) await storage.fs.remove(path + ending)
  }
  await storage.fs.syncFolder(storage.folders.own.packs.folder)
  await storage.folders.scan()
}

/** Removes the index over several packs, with what belongs to it. */
export async function removePackLists({ fs, folders }: RepositoryStorage): Promise<void> {
  const { folder } = folders.own.packs
  for (const { name } of (await fs.list(folder)) ?? []) {
    if (name.startsWith('multi-pack-index')) await remove(name)
  }
  async function remove(name: string): Promise<void> {
    const path = `${folder}/${name}`
    if ((await fs.stat(path))?.kind === 'folder') await fs.removeFolder(path, { recursive: true })
    else await fs.remove(path)
  }
}
