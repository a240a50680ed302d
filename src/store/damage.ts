import { type CodedError, isCoded } from '../base/errors.ts'
import { EXPERIMENT_REF_PREFIX, experimentOfRef, MAIN_REF } from '../format/paths.ts'
import type { RefStore } from '../git/ref-store.ts'
import { SNAPSHOT_REF_PREFIX } from './snapshot.ts'
import type { SyncedRef } from './sync-report.ts'

/** Codes of failures that say that something here is broken or lost. */
const DAMAGES: readonly string[] = [
  'GIT_OBJECT_DAMAGED',
  'GIT_OBJECT_MISSING',
  'GIT_OBJECT_TYPE',
  'GIT_PACK_DAMAGED',
  'GIT_REF_DAMAGED'
]

/** Tells whether an error says that something that is stored here is broken or lost. */
export function isDamage(error: unknown): error is CodedError {
  return isCoded(error) && DAMAGES.includes(error.code)
}

/** What every report on a ref begins with. */
type RefReport = Pick<SyncedRef, 'ref' | 'remote' | 'experiment'>

/** Begins the report on a ref and a remote. */
export function aboutRef(remote: string, ref: string): RefReport {
  const experiment = experimentOfRef(ref)
  return { ref, remote, ...(experiment === undefined ? {} : { experiment }) }
}

/**
 * Does something with a branch or snapshot; if that is damaged here, this is what is told of it, and the others
 * go on. Nothing goes on without `main`.
 */
export async function orDamaged<T>(
  remote: string,
  ref: string,
  body: () => Promise<T>
): Promise<T | SyncedRef> {
  try {
    return await body()
  } catch (error) {
    if (!isDamage(error) || ref === MAIN_REF) throw error
    return damagedRef(remote, ref, error)
  }
}

/** Reports that a branch or snapshot is damaged here. */
export function damagedRef(remote: string, ref: string, error: CodedError): SyncedRef {
  return { ...aboutRef(remote, ref), status: 'damaged', reason: error.message }
}

/** Lists the branches of experiments and the snapshots, and those of them whose files hold no ref. */
export async function listOwnRefs(refs: Pick<RefStore, 'list'>): Promise<{
  readonly found: readonly string[]
  readonly damaged: ReadonlyMap<string, CodedError>
}> {
  const found: string[] = []
  const damaged = new Map<string, CodedError>()
  const onDamaged = (ref: string, error: unknown): void => {
    if (isCoded(error)) damaged.set(ref, error)
  }
  for (const prefix of [EXPERIMENT_REF_PREFIX, SNAPSHOT_REF_PREFIX]) {
    found.push(...(await refs.list(prefix, { onDamaged })).keys())
  }
  return { found, damaged }
}
