import type { CaptureWarning, SubmoduleState } from '../../../base/capture.ts'
import { captureErrors } from './errors.ts'
import { type GitContext, readable, runGit, splitNul } from './git-program.ts'
import { warningOf } from './warning.ts'

/** Tells which commit each submodule has in the scratch index, and whether it has changes of its own. */
export async function describeSubmodules(
  work: GitContext,
  paths: readonly string[],
  warnings: CaptureWarning[]
): Promise<readonly SubmoduleState[]> {
  if (paths.length === 0) return []
  const literal = { ...work, env: { ...work.env, GIT_LITERAL_PATHSPECS: '1' } }
  const [index, status] = await Promise.all([
    runGit(literal, ['ls-files', '--stage', '-z', '--', ...paths]),
    runGit(literal, [
      'status',
      '--porcelain=v2',
      '-z',
      '-uno',
      '--no-renames',
      '--ignore-submodules=untracked',
      '--',
      ...paths
    ])
  ])
  const commits = new Map(splitNul(index).map(parseIndexLine))
  // `1 <XY> S<c><m><u> <mH> <mI> <mW> <hH> <hI> <path>` (git-status, “Changed Tracked Entries”).
  const changed = new Set(
    splitNul(status)
      .map((line) => line.split(' '))
      .filter(([kind, , state]) => kind === '1' && /^S.M/.test(state ?? ''))
      .map((fields) => readable(fields.slice(8).join(' ')))
  )
  for (const path of changed) {
    warnings.push(warningOf(captureErrors.create('CAPTURE_SUBMODULE_CHANGED', { path })))
  }
  return paths.map((path) => {
    const commitOid = commits.get(path)
    return { path, ...(commitOid ? { commitOid } : {}), changed: changed.has(path) }
  })
}

function parseIndexLine(line: string): [path: string, oid: string | undefined] {
  const [info = '', path = ''] = line.split('\t')
  const [mode, oid] = info.split(' ')
  return [readable(path), mode === '160000' ? oid : undefined]
}
