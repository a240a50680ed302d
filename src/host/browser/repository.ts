import type { FileSystem, Platform } from '../../base/platform.ts'
import type { ObjectStore } from '../../git/object-store.ts'
import { openObjectReader } from '../../git/object-store-files.ts'
import { loadPromised, markEdge, openPromised } from '../../git/promised-objects.ts'
import { openRepositoryStorage, type Repository } from '../../git/repository.ts'
import { ShallowEdge } from '../../git/shallow.ts'
import type { Database } from './database.ts'
import { type WriteContext, writeObjects } from './object-write.ts'
import { checkEdits, openDatabaseRefs } from './ref-store.ts'

/**
 * Opens a repository that lies in a database in the layout of git's own files.
 *
 * @throws GIT_NOT_A_REPOSITORY, GIT_UNSUPPORTED_FORMAT, GIT_CONFIG_DAMAGED
 */
export async function openDatabaseRepository(
  database: Database,
  files: FileSystem,
  platform: Platform,
  path: string
): Promise<Repository> {
  const { config, storage } = await openRepositoryStorage(files, path, platform)
  const context: WriteContext = { database, platform, folders: storage.folders, root: path }
  const stored: ObjectStore = {
    ...openObjectReader(storage.folders),
    async write(written) {
      const { keep } = await writeObjects(context, written, [], true)
      return {
        async release() {
          if (keep !== undefined) await files.remove(keep)
        }
      }
    },
    async close() {}
  }
  const edge = new ShallowEdge(files, platform, path)
  await edge.load()
  const local = markEdge(stored, edge)
  const promised = openPromised(config)
  return {
    path,
    config,
    storage,
    objects: loadPromised(local, promised),
    local,
    promised,
    edge,
    refs: openDatabaseRefs(database, path),
    async commit(written, edits) {
      checkEdits(edits)
      return (await writeObjects(context, written, edits, false)).update
    },
    async close() {}
  }
}
