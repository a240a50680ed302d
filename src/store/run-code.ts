import { EMPTY_TREE_OID } from '../format/constants.ts'
import { folderOf, partOf } from '../format/paths.ts'
import type { KeyOf } from '../model/kinds.ts'
import type { ExecutionRecord, RunRecord } from '../model/records.ts'
import type { View } from './view.ts'

/** The code of a run as it is stored. */
export interface StoredCode {
  /** The execution's id. */
  readonly execution: string
  readonly record: ExecutionRecord
  /** The commit from which the patch leads to the code; absent if there was none. */
  readonly baseCommitOid?: string
  /** A diff as git makes it; absent if the code was as committed, or the patch was too large. */
  readonly patch?: Uint8Array
}

/**
 * Reads the code of a run; `undefined` if none was recorded. Of several patches that lead to it, the
 * one from the commit on which the run was started counts.
 */
export async function readRunCode(view: View, run: KeyOf<'run'>): Promise<StoredCode | undefined> {
  const { execution } = ((await view.record<'run'>(run)) as RunRecord | undefined) ?? {}
  if (execution === undefined) return undefined
  const key: KeyOf<'execution'> = { kind: 'execution', experiment: run.experiment, execution }
  const record = await view.record<'execution'>(key)
  if (record === undefined) return undefined
  const environment = await view
    .record<'environment'>({ ...run, kind: 'environment' })
    .catch(() => undefined)
  const commit = environment?.code?.commit
  const patches: { readonly base: string; readonly bytes: Uint8Array }[] = []
  for await (const { path, bytes } of view.files(folderOf(key))) {
    const part = partOf(path)
    if (part?.part === 'patch') patches.push({ base: part.baseCommitOid, bytes })
  }
  const found = patches.find(({ base }) => base === (commit ?? EMPTY_TREE_OID)) ?? patches[0]
  const base = found?.base ?? commit
  return {
    execution,
    record,
    ...(base === undefined || base === EMPTY_TREE_OID ? {} : { baseCommitOid: base }),
    ...(found === undefined ? {} : { patch: found.bytes })
  }
}
