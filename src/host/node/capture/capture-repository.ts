import { join, relative, sep } from 'node:path'
import type { CaptureWarning, CodeCapture, Variables } from '../../../base/capture.ts'
import { reasonOf } from '../../../base/errors.ts'
import { type IndexUpdate, updateScratchIndex } from './code-index.ts'
import {
  type IndexChange,
  listChanges,
  listLeftOut,
  readPatch,
  writeNewBlobs
} from './code-patch.ts'
import { captureErrors } from './errors.ts'
import { hashObject, hashTree, type ObjectFormat } from './git-objects.ts'
import { type GitContext, type RawText, readable, runGit, splitNul } from './git-program.ts'
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
  const untracked = listUntracked(scratch.work, entryPath, request.include, warnings)
  const [update, settings, submodulePaths] = await updateIndex(scratch, place, untracked, warnings)
  const code = await describeCode(scratch, place, { ...request, update, warnings })
  const changedFiles = code.changes.map(({ path, status }) => ({ path: readable(path), status }))
  const prefix = pathInside(place, request.folder)
  return {
    treeOid: code.treeOid,
    repository: {
      name: repositoryName(place, settings.remotes),
      topLevel: place.topLevel,
      prefix: prefix ? `${prefix}/` : '',
      ...(place.branch === undefined ? {} : { branch: place.branch }),
      shallow: place.shallow,
      remotes: settings.remotes,
      submodules: await describeSubmodules(scratch.work, submodulePaths, warnings)
    },
    ...(place.headCommitOid === undefined ? {} : { baseCommitOid: place.headCommitOid }),
    commitHasTree: code.treeOid === place.headTreeOid,
    ...(entryPath ? { entryPath } : {}),
    changedFiles,
    ...(code.patch ? { patch: code.patch } : {}),
    leftOut: listLeftOut(changedFiles),
    warnings
  }
}

/** Updates the index while the settings are read; without filters, should one of them fail. */
async function updateIndex(
  scratch: ScratchRepository,
  place: RepositoryPlace,
  untracked: Promise<readonly RawText[]>,
  warnings: CaptureWarning[]
): Promise<[IndexUpdate, RepositorySettings, submodulePaths: readonly string[]]> {
  const settings = readSettings(scratch.work)
  const submodulePaths = listSubmodulePaths(scratch.work, place.topLevel)
  const options = { untracked, warnings }
  const update = updateScratchIndex(scratch, place, { ...options, filters: [] }).catch(
    async (error: unknown) => {
      const { filters } = await settings
      if (filters.length === 0 || !captureErrors.is(error, 'CAPTURE_GIT_FAILED')) throw error
      const { reason } = error.data
      const without = await updateScratchIndex(scratch, place, { ...options, filters })
      warnings.push(warningOf(captureErrors.create('CAPTURE_FILTER_FAILED', { reason })))
      return without
    }
  )
  return Promise.all([update, settings, submodulePaths])
}

/** Names the tree of the scratch index and tells how it differs from the base commit. */
async function describeCode(
  scratch: ScratchRepository,
  place: RepositoryPlace,
  options: {
    readonly update: IndexUpdate
    readonly maxPatchBytes: number
    readonly warnings: CaptureWarning[]
  }
): Promise<{ treeOid: string; changes: readonly IndexChange[]; patch?: Uint8Array | undefined }> {
  const { work, plain } = scratch
  const base = place.headTreeOid ?? hashObject('tree', new Uint8Array(), place.objectFormat)
  const changes = await listChanges(plain, base)
  if (changes.length === 0) return { treeOid: base, changes }
  const [treeOid, patch] = await Promise.all([
    hashIndex(work, place.objectFormat),
    writeNewBlobs(scratch, changes, options.update).then(() => readPatch(plain, base, options))
  ])
  return { treeOid, changes, patch }
}

/** Computes the tree of the scratch index. Git's `write-tree` would mark the user's trees as used. */
async function hashIndex(work: GitContext, format: ObjectFormat): Promise<string> {
  const entries = splitNul(await runGit(work, ['ls-files', '--stage', '-z']))
  const files = entries.map((entry) => {
    const [mode = '', oid = ''] = entry.slice(0, entry.indexOf('\t')).split(' ')
    return { mode, oid, path: entry.slice(entry.indexOf('\t') + 1) }
  })
  return hashTree(files, format)
}

/** Lists which of the entry and the included files git does not track. */
async function listUntracked(
  work: GitContext,
  entryPath: string | undefined,
  include: readonly string[],
  warnings: CaptureWarning[]
): Promise<readonly RawText[]> {
  const entry = entryPath ? [`:(top,literal)${entryPath}`] : []
  const others = include.map((pattern) => `:(top,glob)${pattern.replace(/^\.\//, '')}`)
  const list = async (pathspecs: readonly string[]): Promise<readonly RawText[]> => {
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
