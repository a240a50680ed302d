import { decodeUtf8 } from '../../../base/bytes.ts'
import type { CodeDiff, CodeVersion, DiffCodeOptions } from '../../../base/capture.ts'
import { askGit, type GitContext, gitEnvironment, runGit } from './git-program.ts'
import { locateRepository } from './locate-repository.ts'
import { openScratchRepository } from './scratch-repository.ts'
import { isCaptureTrouble } from './warning.ts'

/** What is printed must not depend on anybody's settings, and nothing of theirs may run. */
const DIFF_ARGS = [
  'diff-tree',
  '-r',
  '-p',
  '-M',
  '--full-index',
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '--unified=3',
  '--submodule=short'
]

/** Compares two versions of the code; see `Capture.diffCode`. */
export async function diffCode(options: DiffCodeOptions): Promise<CodeDiff | undefined> {
  const { folder, before, after, maxBytes = 10_000_000, timeoutMs = 10_000 } = options
  options.signal?.throwIfAborted()
  const timeout = AbortSignal.timeout(timeoutMs)
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout
  const context = { folder, env: gitEnvironment(options.env ?? process.env), signal }
  try {
    const place = await locateRepository(context)
    if (place === undefined) return undefined
    const scratch = await openScratchRepository(place, context)
    try {
      const left = await treeOf(scratch.plain, before)
      const right = left && (await treeOf(scratch.plain, after))
      if (left === undefined || right === undefined) return undefined
      const { exitCode, output, cut } = await askGit(scratch.plain, [...DIFF_ARGS, left, right], {
        maxBytes
      })
      if (exitCode !== 0 || cut) return undefined
      return { patch: output, isWhole: left === before.treeOid && right === after.treeOid }
    } finally {
      await scratch.remove()
    }
  } catch (error) {
    options.signal?.throwIfAborted()
    if (timeout.aborted || isCaptureTrouble(error)) return undefined
    throw error
  }
}

/** Finds the tree of a version, or makes it from a commit and a patch; `undefined` if it can't be had. */
async function treeOf(plain: GitContext, version: CodeVersion): Promise<string | undefined> {
  if (await hasObject(plain, version.treeOid, 'tree')) return version.treeOid
  let nearly: string | undefined
  for (const { baseCommitOid, bytes } of version.patches) {
    if (baseCommitOid !== undefined && !(await hasObject(plain, baseCommitOid, 'commit'))) continue
    await runGit(plain, ['read-tree', baseCommitOid ?? '--empty'])
    const applied = await askGit(plain, ['apply', '--cached', '--whitespace=nowarn', '-'], {
      input: bytes
    })
    const written = applied.exitCode === 0 ? await askGit(plain, ['write-tree']) : undefined
    if (written?.exitCode !== 0) continue
    const treeOid = decodeUtf8(written.output).trim()
    if (treeOid === version.treeOid) return treeOid
    nearly ??= treeOid
  }
  return nearly
}

async function hasObject(plain: GitContext, oid: string, type: string): Promise<boolean> {
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(oid)) return false
  const { exitCode, output } = await askGit(plain, ['cat-file', '-t', oid])
  return exitCode === 0 && decodeUtf8(output).trim() === type
}
