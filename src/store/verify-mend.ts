import { decodeUtf8, equalBytes } from '../base/bytes.ts'
import type { FileSystem, Platform } from '../base/platform.ts'
import { gitErrors } from '../git/errors.ts'
import type { GitObject, Oid } from '../git/objects.ts'
import { PackIndex } from '../git/pack-index.ts'
import { createPackContext, PackFile } from '../git/pack-read.ts'
import { receivePack } from '../git/pack-receive.ts'
import { salvagePack } from '../git/pack-salvage.ts'
import type { Repository } from '../git/repository.ts'
import { type ExchangeOptions, openLink } from './exchange.ts'
import type { ProjectStore } from './project-store.ts'
import { listRemotes } from './remote-config.ts'
import { damagedFolder, type Finding } from './verify-finding.ts'
import { openUncached } from './verify-objects.ts'

const READ_BYTES = 1 << 20
const BATCH_BYTES = 16 << 20
const CHECKSUM_BYTES = 20
/** What belongs to a pack beside `.pack`, from what makes it seen on. */
const ENDINGS = ['.idx', '.rev', '.bitmap', '.mtimes', '.promisor', '.keep']

/** Moves a file to where damaged ones are kept; `false` if it is gone. */
export async function moveAside(store: ProjectStore, path: string): Promise<boolean> {
  const { fs } = store.repository.storage
  const folder = damagedFolder(store)
  await fs.makeFolder(folder)
  const name = path.slice(path.lastIndexOf('/') + 1)
  // Loose objects are named by the folder too.
  const above = path.slice(0, -name.length - 1)
  const isLoose = /^[0-9a-f]{38}$/.test(name)
  let target = `${folder}/${isLoose ? above.slice(-2) : ''}${name}`
  if ((await fs.stat(target)) !== undefined) target += `-${store.host.platform.clock.now()}`
  const isMoved = await fs.rename(path, target)
  await fs.syncFolder(folder)
  await fs.syncFolder(above)
  return isMoved
}

/** Makes the index of a pack anew that is itself whole. */
export async function reindexPack(store: ProjectStore, path: string): Promise<void> {
  const { storage, local } = store.repository
  const { fs, platform, folders } = storage
  const context = { fs, platform, path: folders.own.path, objects: local }
  const pack = await receivePack(context, readFile(fs, `${path}.pack`))
  const promisor = await fs.read(`${path}.promisor`)
  const held = await pack.accept(promisor === undefined ? {} : { promisor: decodeUtf8(promisor) })
  for (const ending of ENDINGS) await fs.remove(path + ending)
  await fs.remove(`${path}.pack`)
  await held.release()
  await folders.scan()
}

async function* readFile(fs: FileSystem, path: string): AsyncGenerator<Uint8Array> {
  for (let at = 0; ; at += READ_BYTES) {
    const bytes = await fs.readRange(path, at, READ_BYTES)
    if (bytes === undefined || bytes.length === 0) return
    yield bytes
  }
}

/** Moves a damaged pack aside and stores again what of it can be read. */
export async function setPackAside(store: ProjectStore, path: string): Promise<void> {
  const { fs, folders } = store.repository.storage
  for (const ending of ENDINGS) {
    if (ending === '.keep') await fs.remove(path + ending)
    else if ((await fs.stat(path + ending)) !== undefined) await moveAside(store, path + ending)
  }
  await moveAside(store, `${path}.pack`)
  await folders.scan()
  const name = path.slice(path.lastIndexOf('/') + 1)
  await salvage(store.repository, `${damagedFolder(store)}/${name}`)
}

/** Stores the objects of a pack elsewhere that are sound: by its index, or, if that is damaged too, without. */
async function salvage({ storage, local }: Repository, path: string): Promise<void> {
  const { fs, platform } = storage
  const bytes = await fs.read(`${path}.idx`)
  const index = bytes === undefined ? undefined : openIndex(platform, bytes, path)
  const batch = new Map<Oid, GitObject>()
  let size = 0
  const flush = async (): Promise<void> => {
    const held = await local.write([...batch.values()])
    await held.release()
    batch.clear()
    size = 0
  }
  const store = async (object: GitObject): Promise<void> => {
    batch.set(object.oid, object)
    size += object.bytes.length
    if (size >= BATCH_BYTES) await flush()
  }
  if (index === undefined) {
    const read = async (oid: Oid): Promise<GitObject | undefined> =>
      batch.get(oid) ?? (await local.read(oid).catch(passDamaged))
    await salvagePack(fs, platform, `${path}.pack`, { store, read })
  } else {
    const pack = new PackFile(path, index, createPackContext(fs, platform))
    for (let at = 0; at < index.count; at++) {
      const object = await pack.read(at).catch(passDamaged)
      if (object !== undefined) await store(object)
    }
  }
  if (batch.size > 0) await flush()
}

/** Opens an index that is as it was written. */
function openIndex(
  { hash }: Pick<Platform, 'hash'>,
  bytes: Uint8Array,
  path: string
): PackIndex | undefined {
  const end = Math.max(0, bytes.length - CHECKSUM_BYTES)
  if (!equalBytes(hash.sha1(bytes.subarray(0, end)), bytes.subarray(end))) return undefined
  try {
    return new PackIndex(bytes, `${path}.idx`)
  } catch (error) {
    passDamaged(error)
    return undefined
  }
}

function passDamaged(error: unknown): undefined {
  if (gitErrors.is(error, 'GIT_OBJECT_DAMAGED') || gitErrors.is(error, 'GIT_PACK_DAMAGED')) return
  throw error
}

/** Moves what is damaged of the store of objects out of the way, so that sound copies count. */
export async function clearObjects(
  store: ProjectStore,
  findings: readonly Finding[]
): Promise<void> {
  const packs = new Set<string>()
  for (const finding of findings) {
    if (finding.what === 'loose') await moveAside(store, finding.path)
    if (finding.what === 'pack' && finding.isWhole) {
      const { path } = finding
      await reindexPack(store, path).catch((error) => {
        passDamaged(error)
        packs.add(path)
      })
    } else if (finding.what === 'pack') packs.add(finding.path)
    else if (gitErrors.is(finding.error, 'GIT_OBJECT_DAMAGED')) {
      // A pack whose checksum is right may still hold what no git wrote.
      const path = finding.error.data.where.replace(/\.pack$/, '')
      if (path.startsWith(`${store.repository.storage.folders.own.packs.folder}/`)) packs.add(path)
    }
  }
  for (const path of packs) await setPackAside(store, path)
}

/**
 * Brings missing objects from the remotes that have them; returns whether any came. A remote that
 * can't be asked is told of and left out.
 */
export async function fetchMissing(
  store: ProjectStore,
  oids: readonly Oid[],
  options: ExchangeOptions,
  onFailure: (remote: string, error: unknown) => void
): Promise<boolean> {
  let left = oids
  for (const remote of await listRemotes(store)) {
    if (left.length === 0) break
    try {
      const link = await openLink(store, remote.url, options)
      try {
        await link.fill(store, left)
      } finally {
        await link.close()
      }
    } catch (error) {
      options.signal?.throwIfAborted()
      onFailure(remote.name, error)
    }
    left = await listAbsent(store, left)
  }
  return left.length < oids.length
}

async function listAbsent(store: ProjectStore, oids: readonly Oid[]): Promise<readonly Oid[]> {
  const objects = openUncached(store.repository)
  const absent: Oid[] = []
  for (const oid of oids) {
    const object = await objects.read(oid).catch(() => undefined)
    if (object === undefined) absent.push(oid)
  }
  return absent
}
