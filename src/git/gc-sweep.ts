import type { RepositoryStorage } from './repository.ts'

/** Nobody works on a file for longer without touching it. */
const STALE_MS = 86_400_000

/** Removes what crashed programs left behind: temporary files, and parts of packs that were removed. */
export async function sweepTemporary(storage: RepositoryStorage, now: number): Promise<void> {
  for (const path of await listTemporary(storage, now)) await storage.fs.remove(path)
}

/** Lists what crashed programs left behind. */
export async function listTemporary(
  { fs, folders }: RepositoryStorage,
  now: number
): Promise<readonly string[]> {
  const found: string[] = []
  const add = async (path: string): Promise<void> => {
    const stat = await fs.stat(path)
    if (stat !== undefined && now - stat.modifiedMs > STALE_MS) found.push(path)
  }
  for (const { name } of (await fs.list(folders.own.path)) ?? []) {
    if (!/^[0-9a-f]{2}$/.test(name)) continue
    const folder = `${folders.own.path}/${name}`
    for (const file of (await fs.list(folder)) ?? []) {
      if (file.name.startsWith('tmp_obj_')) await add(`${folder}/${file.name}`)
    }
  }
  const own = `${folders.own.path.replace(/\/objects$/, '')}/runtree`
  for (const { name } of (await fs.list(`${own}/locks`)) ?? []) {
    if (/\.(?:tmp|mark|own)$/.test(name)) await add(`${own}/locks/${name}`)
  }
  for (const { name } of (await fs.list(`${own}/cache`)) ?? []) {
    if (name.endsWith('.tmp')) await add(`${own}/cache/${name}`)
  }
  const { folder } = folders.own.packs
  const names = new Set(((await fs.list(folder)) ?? []).map(({ name }) => name))
  for (const name of names) {
    const pack = /^(pack-[^.]+)\.(?:pack|idx|rev|bitmap|mtimes)$/.exec(name)?.[1]
    const isWhole = names.has(`${pack}.pack`) && names.has(`${pack}.idx`)
    const isLeft = pack === undefined ? name.startsWith('tmp_') : !isWhole
    if (isLeft) await add(`${folder}/${name}`)
  }
  return found
}
