import { decodeUtf8 } from '../base/bytes.ts'
import type { CodeVersion } from '../base/capture.ts'
import type { EnvironmentRecord, ExecutionRecord } from '../model/records.ts'
import { diffPatches } from '../query/code-diff.ts'
import type { CodeDifference } from '../query/comparison.ts'

/** What is stored with a run of its code. */
export interface KnownCode {
  readonly execution: ExecutionRecord | undefined
  readonly environment: EnvironmentRecord | undefined
  /** What leads to it. */
  readonly patches: CodeVersion['patches']
}

/** Compares the code of two runs where its repository is not at hand. */
export async function diffByPatches(first: KnownCode, other: KnownCode): Promise<CodeDifference> {
  const [left, right] = [startsOf(first), startsOf(other)]
  const shared = [...left.keys()].find((base) => right.has(base))
  const before = shared === undefined ? [...left.values()][0] : left.get(shared)
  const after = shared === undefined ? [...right.values()][0] : right.get(shared)
  if (!before && !after) return { by: 'nothing', files: [], isWhole: false }
  const files = await diffPatches(text(before), text(after), shared !== undefined)
  const leftOut = [first, other].some(({ environment }) => environment?.code?.leftOut?.length)
  const isWhole = shared !== undefined && !leftOut && files.every((file) => !file.isOfPatches)
  return { by: 'patches', files, isWhole }
}

/** Returns from where a run's code is known, with the patch that leads to it; `''` is from nothing. */
function startsOf({ patches, execution }: KnownCode): Map<string, Uint8Array | undefined> {
  const starts = new Map<string, Uint8Array | undefined>()
  for (const { baseCommitOid = '', bytes } of patches) starts.set(baseCommitOid, bytes)
  for (const commitOid of execution?.commits ?? []) starts.set(commitOid, undefined)
  return starts
}

function text(patch: Uint8Array | undefined): string {
  return patch === undefined ? '' : decodeUtf8(patch)
}
