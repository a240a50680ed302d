import type { Json } from '../base/json.ts'
import { formatTime } from '../base/time.ts'
import { EMPTY_TREE_OID } from '../format/constants.ts'
import {
  editRecord,
  endAttempt,
  type RecordChanges,
  replaceRecord,
  startAttempt
} from '../format/edit.ts'
import { folderOf, patchPath, pathOf } from '../format/paths.ts'
import { formatRecord } from '../format/record.ts'
import { executionIdOf } from '../model/identifier.ts'
import type { KeyOf } from '../model/kinds.ts'
import type { EnvironmentRecord, ExecutionRecord, RunRecord, Stamp } from '../model/records.ts'
import { storeErrors } from './errors.ts'
import type { RunStart } from './journal-entry.ts'
import type { ReadyArtifact } from './run-artifacts.ts'
import { writeArtifacts } from './run-artifacts.ts'
import { type GivenFields, type RunChanges, valueName } from './run-changes.ts'
import type { RunParts } from './run-parts.ts'
import { summarizeMetrics, summarizeResult } from './run-summaries.ts'
import type { Transaction } from './transaction.ts'
import type { View } from './view.ts'

/** The patch that leads from a commit, or from nothing, to the code of a run. */
export interface CodePatch {
  readonly baseCommitOid?: string
  readonly bytes: Uint8Array
}

/** What is written of a run in one commit. */
export interface RunWrite {
  readonly key: KeyOf<'run'>
  readonly changes: RunChanges
  readonly parts: RunParts
  readonly artifacts: readonly ReadyArtifact[]
  readonly patch?: CodePatch | undefined
  /** The attempt that `changes.end` ends; absent if the start is in `changes`. */
  readonly attempt?: Stamp | undefined
  /** Whether the run's outcome is somebody else's to tell. */
  readonly attached: boolean
  /** The run as it is committed. */
  readonly view: View | undefined
  /** Paths of parts that the transaction holds, these ones included. */
  readonly written: Iterable<string>
}

/** What was written. */
export interface WrittenRun {
  readonly record: RunRecord
  readonly attempt: Stamp | undefined
  readonly resumed: boolean
}

/**
 * Writes what a journal says into a transaction. Written twice, it says the same.
 *
 * @throws STORE_NOT_FOUND if the run is not there and this is not its start.
 */
export async function writeRun(transaction: Transaction, write: RunWrite): Promise<WrittenRun> {
  const { key, changes, parts } = write
  const known = await transaction.read<'run'>(key)
  const start = changes.start
  if (known === undefined && start === undefined) {
    const address = `${key.experiment}/${key.run}`
    throw storeErrors.create('STORE_NOT_FOUND', { kind: 'run', address })
  }
  const old = start === undefined ? known : await writeStart(transaction, write, start, known)
  let record = old as RunRecord
  const attempt = start === undefined ? write.attempt : record.attempt
  const grown = parts.grown()
  for (const [path, bytes] of grown) transaction.writeFile(key, path, bytes)
  const artifacts = await writeArtifacts(transaction, key, record, write.artifacts)
  record = editRun(transaction, record, {
    ...(changes.settings as RecordChanges),
    ...(changes.tags.size > 0 && { tags: [...new Set([...(record.tags ?? []), ...changes.tags])] }),
    ...(write.artifacts.length > 0 && { artifacts: artifacts as unknown as Json })
  })
  await writeInner(transaction, key, changes)
  const source = { key, transaction, view: write.view, written: write.written }
  if (parts.hasPoints) record = { ...record, metrics: await summarizeMetrics(source, record) }
  for (const [name, columns] of parts.grownResults()) {
    const result: KeyOf<'result'> = { ...key, kind: 'result', name }
    const header = await summarizeResult(source, result, columns, record.created)
    transaction.writeFile(key, pathOf(result), formatRecord('result', header))
  }
  if (changes.end !== undefined && !write.attached && record.attempt === attempt) {
    record = endAttempt(record, changes.end, transaction.stamp(record))
  }
  transaction.write<'run'>(key, record)
  return { record, attempt, resumed: known !== undefined }
}

/** Writes what goes with a run's start; returns the run's record at that time. */
async function writeStart(
  transaction: Transaction,
  { key, patch }: RunWrite,
  start: RunStart,
  known: RunRecord | undefined
): Promise<RunRecord> {
  const { experiment } = key
  const experimentKey: KeyOf<'experiment'> = { kind: 'experiment', experiment }
  if (!(await transaction.has(experimentKey))) {
    const { created } = start.run
    const record = { schema: 'experiment/1', created, name: start.experiment } as const
    transaction.write<'experiment'>(experimentKey, record)
  }
  if (start.execution !== undefined) await writeExecution(transaction, key, start.execution, patch)
  if (start.environment !== undefined) await writeEnvironment(transaction, key, start.environment)
  return known === undefined ? start.run : resume(transaction, known, start.run)
}

/** Begins a further attempt of a run. */
function resume(transaction: Transaction, known: RunRecord, start: RunRecord): RunRecord {
  const record = startAttempt(known, transaction.stamp(known))
  const { execution, entry, name, params, tags, notes, seed, datasets } = start
  const given = Object.entries({ execution, entry, name, params, notes, seed, datasets })
  const changes = Object.fromEntries(given.filter(([, value]) => value !== undefined))
  return editRun(transaction, record, {
    ...(changes as RecordChanges),
    ...(tags && { tags: [...new Set([...(record.tags ?? []), ...tags])] })
  })
}

function editRun(transaction: Transaction, record: RunRecord, changes: RecordChanges): RunRecord {
  if (Object.keys(changes).length === 0) return record
  return editRecord('run', record, changes, transaction.stamp(record))
}

async function writeExecution(
  transaction: Transaction,
  run: KeyOf<'run'>,
  execution: ExecutionRecord,
  patch: CodePatch | undefined
): Promise<void> {
  const { experiment } = run
  const key: KeyOf<'execution'> = {
    kind: 'execution',
    experiment,
    execution: executionIdOf(execution.tree)
  }
  const known = await transaction.read<'execution'>(key)
  const commits = [...new Set([...(known?.commits ?? []), ...(execution.commits ?? [])])].sort()
  const record = { ...(known ?? execution), ...(commits.length > 0 && { commits }) }
  // Files are the run's, so that the commit's subject names the run alone.
  transaction.writeFile(run, pathOf(key), formatRecord('execution', record))
  if (patch === undefined) return
  const path = patchPath(key, patch.baseCommitOid ?? EMPTY_TREE_OID)
  transaction.writeFile(run, path, patch.bytes)
}

async function writeEnvironment(
  transaction: Transaction,
  run: KeyOf<'run'>,
  environment: EnvironmentRecord
): Promise<void> {
  const key: KeyOf<'environment'> = { ...run, kind: 'environment' }
  const known = await transaction.read<'environment'>(key)
  const record =
    known === undefined
      ? environment
      : replaceRecord('environment', known, environment, transaction.stamp(known))
  transaction.writeFile(run, folderOf(key), formatRecord('environment', record))
}

async function writeInner(
  transaction: Transaction,
  run: KeyOf<'run'>,
  changes: RunChanges
): Promise<void> {
  for (const kind of ['split', 'computation'] as const) {
    for (const [name, given] of kind === 'split' ? changes.splits : changes.computations) {
      await writeNamed(transaction, { ...run, kind, name }, name, given)
    }
  }
  for (const entry of changes.values.values()) {
    const { value, type, split, metric, time } = entry
    const key: KeyOf<'metric'> = { ...run, kind: 'metric', name: valueName(entry) }
    await writeNamed(transaction, key, metric, { fields: { value, type, split }, time })
  }
}

async function writeNamed(
  transaction: Transaction,
  key: KeyOf<'split' | 'computation' | 'metric'>,
  name: string,
  { fields, time }: GivenFields
): Promise<void> {
  const known = await transaction.read(key)
  const created = { schema: `${key.kind}/1`, created: formatTime(time), name, ...fields }
  const record =
    known === undefined
      ? (created as unknown as typeof known & object)
      : editRecord(key.kind, known, fields, transaction.stamp(known))
  const run: KeyOf<'run'> = { kind: 'run', experiment: key.experiment, run: key.run }
  transaction.writeFile(run, pathOf(key), formatRecord(key.kind, record))
}
