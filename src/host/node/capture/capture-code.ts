import { lstat, realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { CaptureCodeOptions, CaptureWarning, CodeCapture } from '../../../base/capture.ts'
import { type CodeRequest, captureRepository, type EntryFile } from './capture-repository.ts'
import { captureErrors } from './errors.ts'
import { gitEnvironment } from './git-program.ts'
import { listMatching } from './glob.ts'
import { readLooseFiles } from './loose-files.ts'
import { isSecretFile } from './secret-file.ts'
import { isCaptureTrouble, warningOf } from './warning.ts'

/** Captures code with the git program, or without it; see `Capture.captureCode`. */
export async function captureCode(options: CaptureCodeOptions): Promise<CodeCapture | undefined> {
  options.signal?.throwIfAborted()
  const folder = await realpath(options.folder).catch(() => resolve(options.folder))
  const timeoutMs = options.timeoutMs ?? 10_000
  const timeout = AbortSignal.timeout(timeoutMs)
  const request: CodeRequest = {
    folder,
    entry: options.entry === undefined ? undefined : await findEntry(folder, options.entry),
    include: options.include ?? [],
    maxPatchBytes: options.maxPatchBytes ?? 10_000_000,
    env: gitEnvironment(options.env ?? process.env),
    signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout
  }
  try {
    return await captureWhole(request)
  } catch (error) {
    options.signal?.throwIfAborted()
    if (timeout.aborted) {
      const timedOut = captureErrors.create('CAPTURE_TIMED_OUT', { timeoutMs })
      return await captureFiles({ ...request, include: [] }, [warningOf(timedOut)])
    }
    if (!isCaptureTrouble(error)) throw error
    return await captureFiles({ ...request, include: [] }, [warningOf(error)])
  }
}

async function captureWhole(request: CodeRequest): Promise<CodeCapture | undefined> {
  try {
    const capture = await captureRepository(request)
    if (capture) return capture
  } catch (error) {
    const folders = [request.entry?.folder, request.folder].filter((folder) => folder !== undefined)
    const isMissing = captureErrors.is(error, 'CAPTURE_GIT_MISSING')
    if (!isMissing || (await Promise.all(folders.map(isInRepository))).includes(true)) throw error
  }
  return captureFiles(request, [])
}

async function findEntry(folder: string, entry: string): Promise<EntryFile | undefined> {
  const path = resolve(folder, entry)
  const stat = await lstat(path).catch(() => undefined)
  if (!stat || !(stat.isFile() || stat.isSymbolicLink())) return undefined
  return { folder: await realpath(dirname(path)), name: basename(path) }
}

/** Tells whether a folder looks as if it were in a repository, for want of a program that knows. */
async function isInRepository(folder: string): Promise<boolean> {
  for (let path = folder; ; path = dirname(path)) {
    if (await lstat(join(path, '.git')).catch(() => undefined)) return true
    if (dirname(path) === path) return false
  }
}

/** Captures the entry and the included files alone. */
async function captureFiles(
  request: CodeRequest,
  warnings: CaptureWarning[]
): Promise<CodeCapture | undefined> {
  const { entry, folder, maxPatchBytes } = request
  const entryPath = entry && join(entry.folder, entry.name)
  const places = new Map<string, string>()
  for (const path of await listMatching(folder, request.include, request.signal)) {
    const clashes = entry && (path === entry.name || path.startsWith(`${entry.name}/`))
    if (join(folder, path) !== entryPath && !clashes) places.set(path, join(folder, path))
  }
  if (entry && entryPath) places.set(entry.name, entryPath)
  const files = await readLooseFiles(places)
  if (!files) return undefined
  for (const path of files.binaries) {
    const reason = `${path} is no text.`
    warnings.push(warningOf(captureErrors.create('CAPTURE_PATCH_FAILED', { reason })))
  }
  const tooLarge = files.patch.length > maxPatchBytes
  if (tooLarge) {
    warnings.push(warningOf(captureErrors.create('CAPTURE_PATCH_TOO_LARGE', { maxPatchBytes })))
  }
  return {
    treeOid: files.treeOid,
    commitHasTree: false,
    ...(entry ? { entryPath: entry.name } : {}),
    changedFiles: files.paths.map((path) => ({ path, status: 'added' })),
    ...(tooLarge || files.patch.length === 0 ? {} : { patch: files.patch }),
    leftOut: files.paths.filter(isSecretFile),
    warnings
  }
}
