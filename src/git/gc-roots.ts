import { decodeUtf8 } from '../base/bytes.ts'
import { gitErrors } from './errors.ts'
import type { ObjectReader } from './object-store.ts'
import { isOid, type Oid } from './objects.ts'
import type { Repository } from './repository.ts'

/** What a collection of garbage begins at. */
export interface GcRoots {
  /** What must be there. */
  readonly oids: ReadonlySet<Oid>
  /** What reflogs remember, as far as it is there. */
  readonly remembered: ReadonlySet<Oid>
  /** Commits whose parents were never fetched (`shallow`). */
  readonly shallow: ReadonlySet<Oid>
  /** Whether work trees, whose indexes name objects, belong to the repository. */
  readonly hasWorkTrees: boolean
}

/**
 * Reads what leads to objects: refs, `HEAD`, reflogs.
 *
 * @throws GIT_REF_DAMAGED if a ref can't be read: what it led to must not be taken for garbage.
 */
export async function readGcRoots(repository: Repository, extra: Iterable<Oid>): Promise<GcRoots> {
  const { storage, refs, path } = repository
  const oids = new Set<Oid>(extra)
  const listed = await refs.list('refs/')
  for (const oid of listed.values()) oids.add(oid)
  const files = await listFiles(repository, 'refs')
  for (const name of ['HEAD', ...files]) {
    if (listed.has(name) || name.endsWith('.lock')) continue
    const oid = await refs.read(name).catch(passName)
    if (oid !== undefined) oids.add(oid)
  }
  const remembered = new Set<Oid>()
  for (const name of await listFiles(repository, 'logs')) {
    const bytes = await storage.fs.read(`${path}/${name}`)
    for (const line of decodeUtf8(bytes ?? new Uint8Array()).split('\n')) {
      for (const oid of [line.slice(0, 40), line.slice(41, 81)]) {
        if (isOid(oid) && !/^0*$/.test(oid)) remembered.add(oid)
      }
    }
  }
  const shallow = decodeUtf8((await storage.fs.read(`${path}/shallow`)) ?? new Uint8Array())
  return {
    oids,
    remembered,
    shallow: new Set(shallow.split('\n').filter(isOid)),
    hasWorkTrees: (await storage.fs.stat(`${path}/worktrees`)) !== undefined
  }
}

/** Returns a reader to which commits at the edge of a shallow history have no parents. */
export function readShallow(
  objects: Pick<ObjectReader, 'read'>,
  shallow: ReadonlySet<Oid>
): Pick<ObjectReader, 'read'> {
  if (shallow.size === 0) return objects
  return {
    async read(oid) {
      const object = await objects.read(oid)
      if (object === undefined || !shallow.has(oid)) return object
      const text = decodeUtf8(object.bytes).replace(/\nparent [0-9a-f]{40}/g, '')
      return { ...object, bytes: new TextEncoder().encode(text) }
    }
  }
}

/** Lists the files below a folder of the repository, by their paths in it. */
async function listFiles(repository: Repository, folder: string): Promise<string[]> {
  const found: string[] = []
  const { storage, path } = repository
  for (const { name, kind } of (await storage.fs.list(`${path}/${folder}`)) ?? []) {
    const file = `${folder}/${name}`
    if (kind === 'folder') found.push(...(await listFiles(repository, file)))
    else found.push(file)
  }
  return found
}

/** Passes over files that lie among refs but can't be any. */
function passName(error: unknown): undefined {
  if (!gitErrors.is(error, 'GIT_REF_NAME')) throw error
}
