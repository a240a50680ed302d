import type { CodeVersion } from '../base/capture.ts'
import { reasonOf } from '../base/errors.ts'
import { EMPTY_TREE_OID } from '../format/constants.ts'
import { folderOf, pathOf } from '../format/paths.ts'
import type { KeyOf, ObjectKey, RecordOfKind } from '../model/kinds.ts'
import type { ExecutionRecord } from '../model/records.ts'
import type { ComparedSource } from '../query/compared-fields.ts'
import type { UnreadableRecord } from '../query/comparison.ts'
import { storeErrors } from '../store/errors.ts'
import { viewOfRun } from '../store/live-view.ts'
import type { View } from '../store/view.ts'
import type { Place } from './address-book.ts'
import { damageListener, type ServiceContext } from './context.ts'

/** Patches of more bytes are not compared. */
const PATCH_MAX_BYTES = 10_000_000

/** A run with what belongs to it. */
export interface RunSource extends ComparedSource {
  readonly commitOid: string
  readonly execution: ExecutionRecord | undefined
  /** What leads to its code; that from the commit of its environment is the first. */
  readonly patches: CodeVersion['patches']
}

type Missing = Pick<UnreadableRecord, 'what' | 'reason'>

/**
 * Reads a run and what belongs to it; of the latter, what can't be read is missing and told of.
 *
 * @throws STORE_NOT_FOUND, and what is wrong with the run's own record.
 */
export async function openSource(
  context: ServiceContext,
  address: string,
  { store, key, at }: Place<'run'>,
  onMissing: (missing: Missing) => void
): Promise<RunSource> {
  const view = await viewOfRun(store, key, at)
  const fields = await view?.record<'run'>(key)
  if (view === undefined || fields === undefined) {
    throw storeErrors.create('STORE_NOT_FOUND', { address, kind: 'run' })
  }
  const reader = new PartReader(view, onMissing, damageListener(context, store.slug, undefined))
  const { experiment, run } = key
  const environment = await reader.record('environment', { kind: 'environment', experiment, run })
  const declared = await reader.record('experiment', { kind: 'experiment', experiment })
  const code = fields.execution
  const place = { kind: 'execution', experiment, execution: code ?? '' } as const
  const execution = code === undefined ? undefined : await reader.record('execution', place)
  const patches = code === undefined ? [] : await reader.patches(place)
  const baseCommitOid = environment?.code?.commit ?? execution?.commits?.[0]
  return {
    project: store.slug,
    experiment,
    fields,
    environment,
    execution,
    baseCommitOid,
    metrics: declared?.metrics ?? {},
    commitOid: view.commitOid,
    patches: [...patches].sort((a, b) => rank(a, baseCommitOid) - rank(b, baseCommitOid))
  }
}

function rank(patch: RunSource['patches'][number], wanted: string | undefined): number {
  return patch.baseCommitOid === wanted ? 0 : 1
}

/** Reads what belongs to a run, piece by piece. */
class PartReader {
  readonly #view: View
  readonly #onMissing: (missing: Missing) => void
  readonly #onDamaged: (damage: { readonly path: string; readonly error: unknown }) => void

  constructor(
    view: View,
    onMissing: (missing: Missing) => void,
    onDamaged: (damage: { readonly path: string; readonly error: unknown }) => void
  ) {
    this.#view = view
    this.#onMissing = onMissing
    this.#onDamaged = onDamaged
  }

  record<K extends 'environment' | 'experiment' | 'execution'>(
    what: K,
    key: KeyOf<K>
  ): Promise<RecordOfKind[K] | undefined> {
    return this.#try(what, pathOf(key as ObjectKey), () => this.#view.record<K>(key))
  }

  async patches(execution: KeyOf<'execution'>): Promise<CodeVersion['patches']> {
    const folder = `${folderOf(execution)}/patches`
    const found = await this.#try('patch', folder, () => this.#readPatches(folder))
    return found ?? []
  }

  async #readPatches(folder: string): Promise<CodeVersion['patches']> {
    const patches: { baseCommitOid?: string; bytes: Uint8Array }[] = []
    for (const { name } of await this.#view.folder(folder)) {
      const commitOid = /^([0-9a-f]{40}|[0-9a-f]{64})\.diff$/.exec(name)?.[1]
      const bytes = commitOid && (await this.#view.file(`${folder}/${name}`))
      if (!bytes) continue
      if (bytes.length > PATCH_MAX_BYTES) {
        this.#onMissing({ what: 'patch', reason: `it has ${bytes.length} bytes` })
      } else
        patches.push({
          bytes,
          ...(commitOid === EMPTY_TREE_OID ? {} : { baseCommitOid: commitOid })
        })
    }
    return patches
  }

  async #try<T>(
    what: UnreadableRecord['what'],
    path: string,
    read: () => Promise<T>
  ): Promise<T | undefined> {
    try {
      return await read()
    } catch (error) {
      this.#onDamaged({ path, error })
      this.#onMissing({ what, reason: reasonOf(error) })
      return undefined
    }
  }
}
