import type { FileSystem, Platform } from '../../src/base/platform.ts'
import { initRepository, openRepository, type Repository } from '../../src/git/repository.ts'
import { createMemoryFileSystem } from '../../src/host/memory/file-system.ts'
import { createNodeFileSystem } from '../../src/host/node/file-system.ts'
import { createNodePlatform } from '../../src/host/node/platform.ts'
import { makeTempFolder, removeTempFolder } from './git.ts'

/** An empty repository that vanishes when it is closed. */
export interface TestRepository {
  readonly fs: FileSystem
  readonly platform: Platform
  readonly path: string
  readonly repository: Repository
  /** Opens it anew, as another process would. */
  reopen(): Promise<Repository>
  close(): Promise<void>
}

/** Makes a repository in a folder of this machine, on which the git program can work. */
export async function makeRepository(
  platform: Platform = createNodePlatform()
): Promise<TestRepository> {
  const folder = makeTempFolder()
  const made = await make(createNodeFileSystem(), platform, `${folder}/repository.git`)
  return { ...made, close: async () => removeTempFolder(folder) }
}

/** Makes a repository in memory. */
export async function makeMemoryRepository(
  platform: Platform = createNodePlatform()
): Promise<TestRepository> {
  return {
    ...(await make(createMemoryFileSystem(), platform, '/repository.git')),
    async close() {}
  }
}

async function make(
  fs: FileSystem,
  platform: Platform,
  path: string
): Promise<Omit<TestRepository, 'close'>> {
  await initRepository(fs, path)
  const reopen = (): Promise<Repository> => openRepository(fs, path, platform)
  return { fs, platform, path, repository: await reopen(), reopen }
}
