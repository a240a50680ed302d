import { decodeUtf8 } from '../../../base/bytes.ts'
import type { CaptureWarning, ChangedFile } from '../../../base/capture.ts'
import { addToIndex, type IndexUpdate } from './code-index.ts'
import { captureErrors } from './errors.ts'
import {
  askGit,
  firstLine,
  type GitContext,
  type RawText,
  rawBytes,
  runGit,
  splitNul
} from './git-program.ts'
import type { ScratchRepository } from './scratch-repository.ts'
import { isSecretFile, SECRET_FILE_PATTERNS } from './secret-file.ts'
import { warningOf } from './warning.ts'

const STATUSES: { readonly [letter: string]: ChangedFile['status'] } = {
  A: 'added',
  D: 'deleted',
  M: 'modified',
  T: 'type-changed'
}

/** The bytes of a patch must not depend on anybody's settings, so each that could is named here. */
const PATCH_ARGS = [
  'diff-index',
  '--cached',
  '-p',
  '--binary',
  '--full-index',
  '--no-renames',
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--no-relative',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '--unified=3',
  '--inter-hunk-context=0',
  '--diff-algorithm=myers',
  '--indent-heuristic',
  '--submodule=short',
  '--ignore-submodules=none'
]

/** A changed file with what it has become. */
export interface IndexChange {
  readonly path: RawText
  readonly status: ChangedFile['status']
  readonly mode: string
  readonly oid: string
}

/** Lists the files in which the scratch index differs from a tree. */
export async function listChanges(
  plain: GitContext,
  baseTree: string
): Promise<readonly IndexChange[]> {
  const args = ['diff-index', '--cached', '--raw', '-z', '--no-renames', '--full-index']
  const flags = ['--ignore-submodules=none', baseTree]
  const parts = splitNul(await runGit(plain, [...args, ...flags]))
  const changes: IndexChange[] = []
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const [, mode = '', , oid = '', letter = ''] = (parts[i] as string).split(' ')
    const status = STATUSES[letter] ?? 'modified'
    changes.push({ path: parts[i + 1] as RawText, status, mode, oid })
  }
  return changes
}

/**
 * Writes the blobs of changed files that the user's repository does not have.
 *
 * Git marks an object that it is asked to write and that exists as just used, by the time of its file,
 * in the user's repository too. So it is asked for those alone that exist nowhere.
 */
export async function writeNewBlobs(
  scratch: ScratchRepository,
  changes: readonly IndexChange[],
  update: IndexUpdate
): Promise<void> {
  const candidates = changes.filter(({ path, mode }) => update.byGit.has(path) && mode !== '160000')
  if (candidates.length === 0) return
  const input = rawBytes(candidates.map((change) => `${change.oid}\n`).join(''))
  const answer = await runGit(scratch.plain, ['cat-file', '--batch-check'], { input })
  const missing = new Set(decodeUtf8(answer).match(/^\S+(?= missing$)/gm))
  const paths = candidates.filter(({ oid }) => missing.has(oid)).map(({ path }) => path)
  if (paths.length > 0) await addToIndex(await scratch.openSecondIndex(), paths, [], update.git)
}

/**
 * Returns the patch from a tree to the scratch index without the files that look like secrets;
 * `undefined` with a warning if it is too large or a blob is missing, as in a partial clone.
 */
export async function readPatch(
  plain: GitContext,
  baseTree: string,
  options: { readonly maxPatchBytes: number; readonly warnings: CaptureWarning[] }
): Promise<Uint8Array | undefined> {
  const without = SECRET_FILE_PATTERNS.map((pattern) => `:(top,exclude,icase,glob)**/${pattern}`)
  const { maxPatchBytes, warnings } = options
  const args = [...PATCH_ARGS, baseTree, '--', ':(top)', ...without]
  const answer = await askGit(plain, args, { maxBytes: maxPatchBytes })
  if (answer.cut) {
    warnings.push(warningOf(captureErrors.create('CAPTURE_PATCH_TOO_LARGE', { maxPatchBytes })))
    return undefined
  }
  if (answer.exitCode !== 0) {
    const reason = firstLine(answer.complaint) || `exit code ${answer.exitCode}`
    warnings.push(warningOf(captureErrors.create('CAPTURE_PATCH_FAILED', { reason })))
    return undefined
  }
  return answer.output.length > 0 ? answer.output : undefined
}

/** Lists the changed files that a patch leaves out. */
export function listLeftOut(changes: readonly ChangedFile[]): readonly string[] {
  return changes.map((change) => change.path).filter(isSecretFile)
}
