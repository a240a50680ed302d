import { decodeUtf8, encodeUtf8 } from '../base/bytes.ts'
import type { FileSystem, Platform } from '../base/platform.ts'
import { type GitConfig, parseGitConfig } from './config.ts'
import { gitErrors } from './errors.ts'
import { ObjectFolders } from './object-folder.ts'
import type { ObjectStore } from './object-store.ts'
import { openObjectStoreFiles } from './object-store-files.ts'
import { formatKeep } from './object-write.ts'
import type { NewObject } from './objects.ts'
import { OwnFile } from './own-file.ts'
import { loadPromised, markEdge, openPromised, type PromisedObjects } from './promised-objects.ts'
import { openQueueOwn } from './queue-lock.ts'
import type { RefEdit, RefStore, RefUpdate } from './ref-store.ts'
import { openRefStoreFiles, type RefStoreOptions } from './ref-store-files.ts'
import { ShallowEdge } from './shallow.ts'
import { sharedFiles } from './shared-files.ts'

/** An open bare repository. */
export interface Repository {
  /** The folder with `HEAD`, `objects` and `refs`. */
  readonly path: string
  readonly objects: ObjectStore
  /** The objects that are here, without asking for those that were left at a remote. */
  readonly local: ObjectStore
  /** What was left at a remote. */
  readonly promised: PromisedObjects
  /** Where history ends because more of it was never brought here. */
  readonly edge: ShallowEdge
  readonly refs: RefStore
  /** The settings in the repository's own file, as they were when it was opened. */
  readonly config: GitConfig
  /** What maintenance of the objects works on. */
  readonly storage: RepositoryStorage
  /** Stores objects durably and then moves refs to them: all of the refs, or none. */
  commit(objects: readonly NewObject[], edits: readonly RefEdit[]): Promise<RefUpdate>
  close(): Promise<void>
}

/** The files of a repository's objects. */
export interface RepositoryStorage {
  /** Gives files the rights that the repository asks for. */
  readonly fs: FileSystem
  readonly platform: Platform
  readonly folders: ObjectFolders
}

const CONFIG = `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
\tlogallrefupdates = false
`

/** Extensions of the format that change nothing for a bare repository with SHA-1 and ref files. */
const HARMLESS = new Set([
  'extensions.noop',
  'extensions.partialclone',
  'extensions.preciousobjects',
  'extensions.worktreeconfig'
])

/**
 * Makes a bare repository whose `HEAD` is `main`, durably; one that is there already stays as it is.
 */
export async function initRepository(fs: FileSystem, path: string): Promise<void> {
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags']) {
    await fs.makeFolder(`${path}/${folder}`)
  }
  await makeWhole(fs, `${path}/config`, CONFIG)
  // HEAD comes last: without it, nobody takes the folder for a repository.
  await makeWhole(fs, `${path}/HEAD`, 'ref: refs/heads/main\n')
  for (const folder of ['objects', 'refs', '']) {
    await fs.syncFolder(folder === '' ? path : `${path}/${folder}`)
  }
  const above = path.slice(0, path.lastIndexOf('/'))
  if (above !== '') await fs.syncFolder(above)
}

/** Makes a file with all of its content, unless it is there. */
async function makeWhole(fs: FileSystem, path: string, content: string): Promise<void> {
  if ((await fs.stat(path)) !== undefined) return
  await fs.write(`${path}.new`, encodeUtf8(content), { sync: true })
  // If it is gone, another process has just put the same in place.
  await fs.rename(`${path}.new`, path)
}

/**
 * Opens a bare repository. What is written gets the rights that `core.sharedRepository` asks for.
 *
 * @throws GIT_NOT_A_REPOSITORY, GIT_UNSUPPORTED_FORMAT, GIT_CONFIG_DAMAGED
 */
export async function openRepository(
  fs: FileSystem,
  path: string,
  platform: Platform,
  options: RefStoreOptions = {}
): Promise<Repository> {
  const { config, storage } = await openRepositoryStorage(fs, path, platform)
  const locks = `${path}/runtree/locks`
  const holder = new OwnFile(storage.fs, platform, locks, formatKeep(platform.processes.self))
  const own = openQueueOwn(storage.fs, platform, locks)
  const edge = new ShallowEdge(storage.fs, platform, path)
  await edge.load()
  const stored = openObjectStoreFiles(storage.fs, platform, storage.folders, holder)
  const local = markEdge(stored, edge)
  const promised = openPromised(config)
  const objects = loadPromised(local, promised)
  const refs = openRefStoreFiles(storage.fs, platform, path, { own, ...options })
  const commit: Repository['commit'] = async (written, edits) => {
    const stored = objects.write(written)
    // The update hears of a failure when it waits for this; until then it counts as heard.
    stored.catch(() => undefined)
    try {
      return await refs.update(edits, { stored })
    } finally {
      // Why nothing was stored, the update has said.
      const held = await stored.catch(() => undefined)
      await held?.release()
    }
  }
  const close = async (): Promise<void> => {
    await objects.close()
    for (const file of [holder, own]) await file.remove()
  }
  return { path, objects, local, promised, edge, refs, config, storage, commit, close }
}

/**
 * Checks that a folder is a bare repository and opens what its objects lie in.
 *
 * @throws GIT_NOT_A_REPOSITORY, GIT_UNSUPPORTED_FORMAT, GIT_CONFIG_DAMAGED
 */
export async function openRepositoryStorage(
  fs: FileSystem,
  path: string,
  platform: Platform
): Promise<{ readonly config: GitConfig; readonly storage: RepositoryStorage }> {
  await checkFolders(fs, path)
  const bytes = await fs.read(`${path}/config`)
  const config = parseGitConfig(bytes === undefined ? '' : decodeUtf8(bytes), `${path}/config`)
  checkFormat(path, config)
  const files = sharedFiles(fs, config)
  const folders = new ObjectFolders(files, platform, `${path}/objects`)
  return { config, storage: { fs: files, platform, folders } }
}

async function checkFolders(fs: FileSystem, path: string): Promise<void> {
  const refuse = (reason: string): Error =>
    gitErrors.create('GIT_NOT_A_REPOSITORY', { path, reason })
  if ((await fs.stat(path)) === undefined) throw refuse('there is no such folder')
  for (const name of ['HEAD', 'objects', 'refs']) {
    if ((await fs.stat(`${path}/${name}`)) === undefined) throw refuse(`it has no ${name}`)
  }
}

function checkFormat(path: string, config: GitConfig): void {
  const refuse = (reason: string): Error =>
    gitErrors.create('GIT_UNSUPPORTED_FORMAT', { path, reason })
  const version = config.get('core.repositoryformatversion') ?? '0'
  if (version !== '0' && version !== '1') throw refuse(`its version is ${version}`)
  for (const name of config.names()) {
    if (!name.startsWith('extensions.') || HARMLESS.has(name)) continue
    const value = config.get(name) ?? ''
    const isDefault =
      (name === 'extensions.objectformat' && value === 'sha1') ||
      (name === 'extensions.refstorage' && value === 'files')
    // Git of version 0 heeds no extension but these, which it reads in any version.
    if (!isDefault && (version === '1' || name === 'extensions.objectformat')) {
      throw refuse(`it uses ${name} = ${value}`)
    }
  }
}
