import type { CaptureWarning, ChangedFile } from '../../../base/capture.ts'
import { captureErrors } from './errors.ts'
import { askGit, firstLine, type GitContext, runGit, splitNul } from './git-program.ts'
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
  'diff-tree',
  '-r',
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

/** Lists the files in which two trees differ. `plain` sees no settings of the user. */
export async function listChanges(
  plain: GitContext,
  from: string,
  to: string
): Promise<readonly ChangedFile[]> {
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-renames', from, to]
  const parts = splitNul(await runGit(plain, args))
  const changes: ChangedFile[] = []
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const letter = (parts[i] as string).at(-1) as string
    changes.push({ path: parts[i + 1] as string, status: STATUSES[letter] ?? 'modified' })
  }
  return changes
}

/**
 * Returns the patch between two trees without the files that look like secrets; `undefined` with a
 * warning if it is too large or a blob is missing, as in a partial clone.
 */
export async function readPatch(
  plain: GitContext,
  trees: { readonly from: string; readonly to: string },
  options: { readonly maxPatchBytes: number; readonly warnings: CaptureWarning[] }
): Promise<Uint8Array | undefined> {
  const without = SECRET_FILE_PATTERNS.map((pattern) => `:(top,exclude,icase,glob)**/${pattern}`)
  const { maxPatchBytes, warnings } = options
  const args = [...PATCH_ARGS, trees.from, trees.to, '--', ':(top)', ...without]
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
