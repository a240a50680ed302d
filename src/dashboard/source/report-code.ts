import { encodeUtf8 } from '../../base/bytes.ts'
import { diffByPatches, type KnownCode } from '../../service/code-by-patches.ts'
import type { KeptRun } from '../../service/kept-runs.ts'
import type { CodeAnswer, Comparison } from './run-answers.ts'
import { SourceError } from './source-error.ts'

/** Tells how the code of a run in a report differs from that of another, as far as their patches say. */
export async function codeChange(
  before: KeptRun,
  after: KeptRun,
  codeOf: (run: { readonly address: string }) => Promise<CodeAnswer>
): Promise<Comparison['code'][number]> {
  const [left, right] = [before, after].map(({ run }) => run.fields.execution)
  if (left === undefined || right === undefined || left === right) return null
  const known = async ({ run, execution, environment }: KeptRun): Promise<KnownCode> => {
    const { patch, commit } = await codeOf(run)
    const base = commit === undefined ? {} : { baseCommitOid: commit }
    const patches = patch === undefined ? [] : [{ ...base, bytes: encodeUtf8(patch) }]
    return { execution, environment, patches }
  }
  try {
    return await diffByPatches(await known(before), await known(after))
  } catch (error) {
    // A report may leave the patches out.
    if (error instanceof SourceError) return { by: 'nothing', files: [], isWhole: false }
    throw error
  }
}
