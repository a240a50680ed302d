import { constants } from 'node:fs'
import { access, lstat } from 'node:fs/promises'
import { join } from 'node:path'
import type { CaptureWarning } from '../../../base/capture.ts'
import { mapLimited } from '../../../base/tasks.ts'
import { captureErrors } from './errors.ts'
import { writeBlob } from './git-objects.ts'
import {
  type GitContext,
  type GitOptions,
  type RawText,
  rawBytes,
  readable,
  runGit,
  splitNul
} from './git-program.ts'
import { pointerOf } from './lfs-pointer.ts'
import type { RepositoryPlace } from './locate-repository.ts'
import type { ScratchRepository } from './scratch-repository.ts'
import { warningOf } from './warning.ts'

/**
 * Filters that write into the repository or use the network when a file is added. For Git LFS the
 * pointer is computed here instead; git-annex has no such form, its changed files count as they are.
 */
const NEVER_RUN = ['lfs', 'annex']

interface DirtyFile {
  readonly path: RawText
  /** As a tree has it; 000000 if the file is gone. */
  readonly mode: string
}

/** What the scratch index was updated with. */
export interface IndexUpdate {
  /** Files that git itself read, so that it may be asked again for what they became. */
  readonly byGit: ReadonlySet<RawText>
  /** Settings under which it read them. */
  readonly git: GitOptions
}

/**
 * Updates the scratch index to the code as it lies on disk. No blobs are written but LFS pointers.
 *
 * @param options.filters names of the user's filter drivers that are not to run.
 */
export async function updateScratchIndex(
  scratch: ScratchRepository,
  place: RepositoryPlace,
  options: {
    readonly untracked: Promise<readonly RawText[]>
    readonly filters: readonly string[]
    readonly warnings: CaptureWarning[]
  }
): Promise<IndexUpdate> {
  const git: GitOptions = { settings: withoutFilters([...NEVER_RUN, ...options.filters]) }
  const [dirty, untracked] = await Promise.all([listDirty(scratch.work, git), options.untracked])
  const removed = dirty.filter((file) => file.mode === '000000')
  const present = await readableFiles(place.topLevel, options.warnings, [
    ...dirty.filter((file) => file.mode !== '000000'),
    ...(await describeUntracked(place.topLevel, untracked))
  ])
  const paths = present.map((file) => file.path)
  // Files under Git LFS are found while git reads them all; what they count as is put right after.
  const [pointers] = await Promise.all([
    writePointers(scratch, place, present, git),
    addToIndex(scratch.work, paths, ['--info-only'], git)
  ])
  const info = [
    ...removed.map(({ path }) => `0 ${'0'.repeat(40)}\t${path}\0`),
    ...present.flatMap(({ path, mode }) => {
      const oid = pointers.get(path)
      return oid === undefined ? [] : [`${mode} ${oid} 0\t${path}\0`]
    })
  ]
  if (info.length > 0) {
    const input = rawBytes(info.join(''))
    await runGit(scratch.work, ['update-index', '-z', '--index-info'], { ...git, input })
  }
  return { byGit: new Set(paths.filter((path) => !pointers.has(path))), git }
}

/** Adds files as they lie on disk to an index, through the user's filters and line endings. */
export async function addToIndex(
  work: GitContext,
  paths: readonly RawText[],
  flags: readonly string[],
  git: GitOptions
): Promise<void> {
  const input = rawBytes(paths.map((path) => `${path}\0`).join(''))
  if (input.length === 0) return
  const args = ['update-index', '--add', '--remove', '--replace', ...flags, '-z', '--stdin']
  await runGit(work, args, { ...git, input })
}

/** Lists what differs from the index. */
async function listDirty(context: GitContext, git: GitOptions): Promise<readonly DirtyFile[]> {
  const args = ['diff-files', '--raw', '-z', '--no-renames', '--ignore-submodules=dirty']
  const parts = splitNul(await runGit(context, args, git))
  const modes = new Map<RawText, string>()
  const unmerged = new Set<RawText>()
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const [, mode = '', , , status = ''] = (parts[i] as string).split(' ')
    const path = parts[i + 1] as RawText
    if (status === 'U') unmerged.add(path)
    else modes.set(path, mode)
  }
  for (const path of unmerged) modes.set(path, await modeOnDisk(context.folder, path))
  return [...modes].map(([path, mode]) => ({ path, mode }))
}

async function modeOnDisk(topLevel: string, path: RawText): Promise<string> {
  const stat = await lstat(join(topLevel, readable(path))).catch(() => undefined)
  if (stat?.isSymbolicLink()) return '120000'
  if (!stat?.isFile()) return '000000'
  return (stat.mode & 0o100) !== 0 ? '100755' : '100644'
}

async function describeUntracked(
  topLevel: string,
  paths: readonly RawText[]
): Promise<readonly DirtyFile[]> {
  const files = await mapLimited(paths, 32, async (path) => ({
    path,
    mode: await modeOnDisk(topLevel, path)
  }))
  return files.filter((file) => file.mode !== '000000')
}

/** Leaves out what git would fail at as a whole: files that this user may not read. */
async function readableFiles(
  topLevel: string,
  warnings: CaptureWarning[],
  files: readonly DirtyFile[]
): Promise<readonly DirtyFile[]> {
  const isReadable = await mapLimited(files, 32, async ({ path: raw, mode }) => {
    if (!mode.startsWith('100')) return true
    const path = readable(raw)
    try {
      await access(join(topLevel, path), constants.R_OK)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true
      warnings.push(warningOf(captureErrors.create('CAPTURE_FILE_UNREADABLE', { path }, error)))
      return false
    }
  })
  return files.filter((_, index) => isReadable[index])
}

/** Writes the pointers of those files that lie under Git LFS; returns their names by path. */
async function writePointers(
  scratch: ScratchRepository,
  place: RepositoryPlace,
  files: readonly DirtyFile[],
  git: GitOptions
): Promise<ReadonlyMap<RawText, string>> {
  const oids = new Map<RawText, string>()
  const regular = files.filter((file) => file.mode.startsWith('100'))
  if (regular.length === 0) return oids
  const input = rawBytes(regular.map((file) => `${file.path}\0`).join(''))
  const args = ['check-attr', '-z', '--stdin', 'filter']
  const parts = splitNul(await runGit(scratch.work, args, { ...git, input }))
  const paths = parts.filter((_, index) => index % 3 === 0 && parts[index + 2] === 'lfs')
  await mapLimited(paths, 4, async (path) => {
    const pointer = await pointerOf(join(place.topLevel, readable(path)), scratch.work.signal)
    if (!pointer) return
    oids.set(path, await writeBlob(scratch.objectFolder, pointer, place.objectFormat))
  })
  return oids
}

function withoutFilters(names: readonly string[]): string[] {
  return names.flatMap((name) => [
    `filter.${name}.clean=`,
    `filter.${name}.smudge=`,
    `filter.${name}.process=`,
    `filter.${name}.required=false`
  ])
}
