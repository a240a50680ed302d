import { decodeUtf8 } from '../base/bytes.ts'
import type { FileSystem } from '../base/platform.ts'
import { gitErrors } from '../git/errors.ts'
import type { Oid } from '../git/objects.ts'
import { receivePack } from '../git/pack-receive.ts'
import { type ExchangeOptions, openLink } from './exchange.ts'
import type { ProjectStore } from './project-store.ts'
import { listRemotes } from './remote-config.ts'
import { damagedFolder, type Finding } from './verify-finding.ts'
import { openUncached } from './verify-objects.ts'
import { passDamaged, salvageBeside } from './verify-salvage.ts'

const READ_BYTES = 1 << 20
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
  const [, stem = '', ending = ''] = /^(.*?)(\.[a-z]+)?$/.exec(name) as RegExpExecArray
  const place = `${folder}/${isLoose ? above.slice(-2) : ''}${stem}`
  const isTaken = (await fs.stat(place + ending)) !== undefined
  const target = `${place}${isTaken ? `-${store.host.platform.clock.now()}` : ''}${ending}`
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
  for (const path of packs) {
    // As long as what is sound lies in the pack alone, the pack stays where it is.
    await salvageBeside(store, path)
    await setPackAside(store, path)
  }
}

async function setPackAside(store: ProjectStore, path: string): Promise<void> {
  const { fs, folders } = store.repository.storage
  for (const ending of ENDINGS) {
    if (ending === '.keep') await fs.remove(path + ending)
    else if ((await fs.stat(path + ending)) !== undefined) await moveAside(store, path + ending)
  }
  await moveAside(store, `${path}.pack`)
  await folders.scan()
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
