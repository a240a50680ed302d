import { join, relative, sep } from 'node:path'
import type { CaptureWarning, CodeCapture, Variables } from '../../../base/capture.ts'
import { reasonOf } from '../../../base/errors.ts'
import { listChanges, listLeftOut, readPatch } from './code-patch.ts'
import { captureErrors } from './errors.ts'
import { hashObject } from './git-objects.ts'
import { type GitContext, runGit, splitNul } from './git-program.ts'
import {
  listSubmodulePaths,
  locateRepository,
  type RepositoryPlace,
  type RepositorySettings,
  readSettings,
  repositoryName
} from './locate-repository.ts'
import { openScratchRepository, type ScratchRepository } from './scratch-repository.ts'
import { describeSubmodules } from './submodules.ts'
import { writeTreeOnDisk } from './tree-on-disk.ts'
import { isCaptureTrouble, warningOf } from './warning.ts'

/** The entry file by its real folder and its name there. */
export interface EntryFile {
  readonly folder: string
  readonly name: string
}

/** What a capture works with: the options with their defaults, and the paths resolved. */
export interface CodeRequest {
  readonly folder: string
  readonly entry: EntryFile | undefined
  readonly include: readonly string[]
  readonly maxPatchBytes: number
  readonly env: Variables
  readonly signal: AbortSignal
}

/**
 * Captures the repository of the entry file, else of the folder; `undefined` if neither is in one.
 *
 * @throws CAPTURE_GIT_MISSING, CAPTURE_GIT_REFUSED, CAPTURE_GIT_FAILED; the signal's reason.
 */
export async function captureRepository(request: CodeRequest): Promise<CodeCapture | undefined> {
  const { env, signal } = request
  const folders = new Set([request.entry?.folder ?? request.folder, request.folder])
  for (const folder of folders) {
    const context = { folder, env, signal }
    const place = await locateRepository(context)
    if (!place) continue
    const scratch = await openScratchRepository(place, context)
    try {
      return await captureInto(scratch, place, request)
    } finally {
      await scratch.remove()
    }
  }
  return undefined
}

async function captureInto(
  scratch: ScratchRepository,
  place: RepositoryPlace,
  request: CodeRequest
): Promise<CodeCapture> {
  const warnings: CaptureWarning[] = []
  const entryPath =
    request.entry && pathInside(place, join(request.entry.folder, request.entry.name))
  const [treeOid, settings, submodulePaths] = await writeTree(scratch, place, {
    untracked: listUntracked(scratch.work, entryPath, request.include, warnings),
    warnings
  })
  const base = place.headTreeOid ?? hashObject('tree', new Uint8Array(), place.objectFormat)
  const commitHasTree = treeOid === place.headTreeOid
  const trees = { from: base, to: treeOid }
  const patchOptions = { maxPatchBytes: request.maxPatchBytes, warnings }
  const [changedFiles, patch, submodules] = await Promise.all([
    commitHasTree ? [] : listChanges(scratch.plain, base, treeOid),
    commitHasTree ? undefined : readPatch(scratch.plain, trees, patchOptions),
    describeSubmodules(scratch.work, treeOid, submodulePaths, warnings)
  ])
  const prefix = pathInside(place, request.folder)
  return {
    treeOid,
    repository: {
      name: repositoryName(place, settings.remotes),
      topLevel: place.topLevel,
      prefix: prefix ? `${prefix}/` : '',
      ...(place.branch === undefined ? {} : { branch: place.branch }),
      shallow: place.shallow,
      remotes: settings.remotes,
      submodules
    },
    ...(place.headCommitOid === undefined ? {} : { baseCommitOid: place.headCommitOid }),
    commitHasTree,
    ...(entryPath ? { entryPath } : {}),
    changedFiles,
    ...(patch ? { patch } : {}),
    leftOut: listLeftOut(changedFiles),
    warnings
  }
}

/** Writes the tree while the settings are read; without filters, should one of them fail. */
async function writeTree(
  scratch: ScratchRepository,
  place: RepositoryPlace,
  options: { readonly untracked: Promise<readonly string[]>; readonly warnings: CaptureWarning[] }
): Promise<[treeOid: string, settings: RepositorySettings, submodulePaths: readonly string[]]> {
  const settings = readSettings(scratch.work)
  const submodulePaths = listSubmodulePaths(scratch.work, place.topLevel)
  const treeOid = writeTreeOnDisk(scratch, place, { ...options, filters: [] }).catch(
    async (error: unknown) => {
      const { filters } = await settings
      if (filters.length === 0 || !captureErrors.is(error, 'CAPTURE_GIT_FAILED')) throw error
      const { reason } = error.data
      const tree = await writeTreeOnDisk(scratch, place, { ...options, filters })
      options.warnings.push(warningOf(captureErrors.create('CAPTURE_FILTER_FAILED', { reason })))
      return tree
    }
  )
  return Promise.all([treeOid, settings, submodulePaths])
}

/** Lists which of the entry and the included files git does not track. */
async function listUntracked(
  work: GitContext,
  entryPath: string | undefined,
  include: readonly string[],
  warnings: CaptureWarning[]
): Promise<readonly string[]> {
  const entry = entryPath ? [`:(top,literal)${entryPath}`] : []
  const others = include.map((pattern) => `:(top,glob)${pattern.replace(/^\.\//, '')}`)
  const list = async (pathspecs: readonly string[]): Promise<readonly string[]> => {
    if (pathspecs.length === 0) return []
    return splitNul(await runGit(work, ['ls-files', '--others', '-z', '--', ...pathspecs]))
  }
  const paths = await list([...entry, ...others]).catch((error: unknown) => {
    // A pattern that leads outside makes git refuse them all.
    if (others.length === 0 || !isCaptureTrouble(error)) throw error
    warnings.push({ code: 'CAPTURE_GIT_FAILED', message: reasonOf(error) })
    return list(entry)
  })
  // A name that ends in a slash is another repository.
  return paths.filter((path) => !path.endsWith('/'))
}

function pathInside(place: RepositoryPlace, path: string): string | undefined {
  const inside = relative(place.topLevel, path).split(sep).join('/')
  return /^(\.\.|\.git)(\/|$)|^([a-zA-Z]:|\/)/.test(inside) ? undefined : inside
}
