import { copyFile, mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GitContext } from './git-program.ts'
import type { RepositoryPlace } from './locate-repository.ts'

/**
 * A temporary git folder beside a user's repository: what git writes goes there, what it reads of the
 * user's it finds through it.
 */
export interface ScratchRepository {
  /** Sees the work tree, a copy of the index, and the user's configuration. */
  readonly work: GitContext
  /**
   * Sees the same index and the objects, none of the user's configuration and attributes; nor what the
   * remote of a partial clone has, which git would download.
   */
  readonly plain: GitContext
  /** Where new objects are written. */
  readonly objectFolder: string
  /** Returns a context with a further copy of the user's index. */
  openSecondIndex(): Promise<GitContext>
  remove(): Promise<void>
}

/**
 * Makes a scratch repository as git makes a further work tree (gitrepository-layout, `commondir`).
 *
 * The copied index keeps its own time, on which git's rule for files changed in the same instant rests
 * (git's racy-git.txt). A split index is read through the copy too, since git touches the shared part.
 */
export async function openScratchRepository(
  place: RepositoryPlace,
  context: GitContext
): Promise<ScratchRepository> {
  const folder = await mkdtemp(join(tmpdir(), 'runtree-capture-'))
  try {
    return await fill(folder, place, context)
  } catch (error) {
    await removeFolder(folder)
    throw error
  }
}

async function fill(
  folder: string,
  place: RepositoryPlace,
  context: GitContext
): Promise<ScratchRepository> {
  const work = join(folder, 'work')
  const plain = join(folder, 'plain')
  const objectFolder = join(plain, 'objects')
  await Promise.all([
    mkdir(work),
    mkdir(join(objectFolder, 'info'), { recursive: true }),
    mkdir(join(plain, 'refs'), { recursive: true })
  ])
  await Promise.all([
    writeFile(join(work, 'HEAD'), 'ref: refs/heads/scratch\n'),
    writeFile(join(work, 'commondir'), `${place.commonFolder}\n`),
    copyIndexFiles(place.gitFolder, work, plain),
    writeFile(join(plain, 'HEAD'), 'ref: refs/heads/scratch\n'),
    writeFile(join(plain, 'config'), plainConfig(place.objectFormat)),
    writeFile(join(objectFolder, 'info', 'alternates'), `${join(place.commonFolder, 'objects')}\n`)
  ])
  const workEnv = {
    ...context.env,
    GIT_DIR: work,
    GIT_WORK_TREE: place.topLevel,
    GIT_OBJECT_DIRECTORY: objectFolder
  }
  return {
    work: { ...context, folder: place.topLevel, env: workEnv },
    plain: {
      ...context,
      folder,
      env: {
        ...withoutConfiguration(context.env),
        GIT_DIR: plain,
        GIT_INDEX_FILE: join(work, 'index'),
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_ATTR_NOSYSTEM: '1',
        HOME: folder,
        XDG_CONFIG_HOME: folder
      }
    },
    objectFolder,
    openSecondIndex: async () => {
      const GIT_INDEX_FILE = join(work, 'second-index')
      // A repository to which nothing was added yet has no index.
      const hasIndex = (await readdir(place.gitFolder)).includes('index')
      if (hasIndex) await copyKeepingTime(join(place.gitFolder, 'index'), GIT_INDEX_FILE)
      return { ...context, folder: place.topLevel, env: { ...workEnv, GIT_INDEX_FILE } }
    },
    remove: () => removeFolder(folder)
  }
}

/**
 * Copies what belongs to one work tree. The patterns of a sparse checkout are left behind on purpose:
 * without them git takes every file that is there for one that may change.
 */
async function copyIndexFiles(from: string, work: string, plain: string): Promise<void> {
  const names = (await readdir(from)).filter((name) =>
    /^(index|config\.worktree|sharedindex\..*)$/.test(name)
  )
  await Promise.all(
    names.map(async (name) => {
      await copyKeepingTime(join(from, name), join(work, name))
      if (name.startsWith('sharedindex')) await copyFile(join(from, name), join(plain, name))
    })
  )
}

async function copyKeepingTime(source: string, target: string): Promise<void> {
  const { mtimeMs } = await stat(source)
  await copyFile(source, target)
  const seconds = Math.floor(mtimeMs) / 1000
  await utimes(target, seconds, seconds)
}

function plainConfig(objectFormat: 'sha1' | 'sha256'): string {
  const core = '[core]\n\tbare = true\n\trepositoryformatversion ='
  return objectFormat === 'sha1'
    ? `${core} 0\n`
    : `${core} 1\n[extensions]\n\tobjectformat = ${objectFormat}\n`
}

function withoutConfiguration(env: GitContext['env']): GitContext['env'] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^GIT_CONFIG/.test(name)))
}

async function removeFolder(folder: string): Promise<void> {
  // A killed git may still be writing; what remains is the temporary folder's to clean.
  await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined)
}
