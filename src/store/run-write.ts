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
import type { StoredSeries } from '../format/series-file.ts'
import { executionIdOf } from '../model/identifier.ts'
import type { KeyOf } from '../model/kinds.ts'
import type {
  EditableRecord,
  EnvironmentRecord,
  ExecutionRecord,
  RunRecord,
  Stamp
} from '../model/records.ts'
import { storeErrors } from './errors.ts'
import type { RunStart } from './journal-entry.ts'
import type { ReadyArtifact } from './run-artifacts.ts'
import { writeArtifacts } from './run-artifacts.ts'
import { type GivenFields, type RunChanges, valueName } from './run-changes.ts'
import type { RunParts } from './run-parts.ts'
import { summarizeMetrics, summarizeResult } from './run-summaries.ts'
import type { Transaction } from './transaction.ts'
import type { View } from './view.ts'

/** Series of so many parts are long; a part has a million bytes at most. */
const LONG_PARTS = 3

/** The patch that leads from a commit, or from nothing, to the code of a run. */
export interface CodePatch {
  readonly baseCommitOid?: string
  readonly bytes: Uint8Array
}

/** What is written of a run in one commit. */
export interface RunWrite {
  readonly transaction: Transaction
  readonly key: KeyOf<'run'>
  readonly changes: RunChanges
  readonly parts: RunParts
  readonly artifacts: readonly ReadyArtifact[]
  readonly patch?: CodePatch | undefined
  /** Whether metrics and results are summed up; a commit that more follow at once needs not. */
  readonly summarize: boolean
  /** The attempt that `changes.end` ends; absent if the start is in `changes`. */
  readonly attempt?: Stamp | undefined
  /** Whether the run's outcome is somebody else's to tell. */
  readonly attached: boolean
  /** The run as it is committed. */
  readonly view: View | undefined
  /** Paths of parts that the transaction holds, these ones included. */
  readonly written: Iterable<string>
  /**
   * Returns a stamp for an edit, greater than all of the record's. It follows from when the changes
   * were made, not from when they are committed, so that every commit of a journal says the same.
   */
  readonly stamp: (record: EditableRecord) => Stamp
}

/** What was written. */
export interface WrittenRun {
  readonly record: RunRecord
  readonly attempt: Stamp | undefined
  readonly resumed: boolean
  /** The series of a run that ended, if they are long. */
  readonly series?: StoredSeries | undefined
}

/**
 * Writes what a journal says into a transaction. Written twice, it says the same.
 *
 * @throws STORE_NOT_FOUND if the run is not there and this is not its start.
 */
export async function writeRun(write: RunWrite): Promise<WrittenRun> {
  const { transaction, key, changes, parts } = write
  const known = await transaction.read<'run'>(key)
  const start = changes.start
  if (known === undefined && start === undefined) {
    const address = `${key.experiment}/${key.run}`
    throw storeErrors.create('STORE_NOT_FOUND', { kind: 'run', address })
  }
  const old = start === undefined ? known : await writeStart(write, start, known)
  let record = old as RunRecord
  const attempt = start === undefined ? write.attempt : record.attempt
  for (const [path, bytes] of parts.grown()) transaction.writeFile(key, path, bytes)
  const artifacts = await writeArtifacts(write, record, write.artifacts)
  record = editRun(write, record, {
    ...(changes.settings as RecordChanges),
    ...(changes.tags.size > 0 && { tags: [...new Set([...(record.tags ?? []), ...changes.tags])] }),
    ...(write.artifacts.length > 0 && { artifacts: artifacts as unknown as Json })
  })
  await writeInner(write)
  if (write.summarize) record = await writeSummaries(write, record)
  if (changes.end !== undefined && !write.attached && record.attempt === attempt) {
    record = endAttempt(record, changes.end, write.stamp(record))
  }
  transaction.write<'run'>(key, record)
  const series = changes.end !== undefined && write.summarize ? await writeLong(write) : undefined
  return { record, attempt, resumed: known !== undefined, series }
}

/** Writes the overview of long series, and returns them; it is derived, and the end of the run is told without it. */
async function writeLong(write: RunWrite): Promise<StoredSeries | undefined> {
  const { transaction, key, parts, view } = write
  const isLong = async (): Promise<boolean> =>
    ((await view?.folder(`${folderOf(key)}/series`)) ?? []).length >= LONG_PARTS
  if (parts.seriesCount < LONG_PARTS && !(await isLong())) return undefined
  try {
    const { writeOverview } = await import('./series-overview.ts')
    return await writeOverview(transaction, key)
  } catch {
    return undefined
  }
}

/** Sums up the parts of all writers; returns the run's record with its metrics. */
async function writeSummaries(write: RunWrite, record: RunRecord): Promise<RunRecord> {
  const { transaction, key, parts } = write
  for (const [name, description] of parts.newResults()) {
    const result: KeyOf<'result'> = { ...key, kind: 'result', name }
    const header = await summarizeResult(write, result, description, record.created)
    transaction.writeFile(key, pathOf(result), formatRecord('result', header))
  }
  if (!parts.hasNewPoints) return record
  return { ...record, metrics: await summarizeMetrics(write, record) }
}

/** Writes what goes with a run's start; returns the run's record at that time. */
async function writeStart(
  write: RunWrite,
  start: RunStart,
  known: RunRecord | undefined
): Promise<RunRecord> {
  const { transaction, key } = write
  const { experiment } = key
  const experimentKey: KeyOf<'experiment'> = { kind: 'experiment', experiment }
  if (!(await transaction.has(experimentKey))) {
    const { created } = start.run
    const record = { schema: 'experiment/1', created, name: start.experiment } as const
    // It goes with its first run: the journal of the laboratory tells of the run.
    transaction.writeFile(key, pathOf(experimentKey), formatRecord('experiment', record))
  }
  if (start.execution !== undefined) await writeExecution(write, start.execution)
  if (start.environment !== undefined) await writeEnvironment(write, start.environment)
  return known === undefined ? start.run : resume(write, known, start.run)
}

/** Begins a further attempt of a run. */
function resume(write: RunWrite, known: RunRecord, start: RunRecord): RunRecord {
  const record = startAttempt(known, write.stamp(known))
  const { execution, entry, name, params, tags, notes, seed, datasets } = start
  const given = Object.entries({ execution, entry, name, params, notes, seed, datasets })
  const changes = Object.fromEntries(given.filter(([, value]) => value !== undefined))
  return editRun(write, record, {
    ...(changes as RecordChanges),
    ...(tags && { tags: [...new Set([...(record.tags ?? []), ...tags])] })
  })
}

function editRun({ stamp }: RunWrite, record: RunRecord, changes: RecordChanges): RunRecord {
  if (Object.keys(changes).length === 0) return record
  return editRecord('run', record, changes, stamp(record))
}

async function writeExecution(
  { transaction, key: run, patch }: RunWrite,
  execution: ExecutionRecord
): Promise<void> {
  const { experiment } = run
  const id = executionIdOf(execution.tree)
  const key: KeyOf<'execution'> = { kind: 'execution', experiment, execution: id }
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
  { transaction, key: run, stamp }: RunWrite,
  environment: EnvironmentRecord
): Promise<void> {
  const key: KeyOf<'environment'> = { ...run, kind: 'environment' }
  const known = await transaction.read<'environment'>(key)
  const record =
    known === undefined
      ? environment
      : replaceRecord('environment', known, environment, stamp(known))
  transaction.writeFile(run, folderOf(key), formatRecord('environment', record))
}

async function writeInner(write: RunWrite): Promise<void> {
  const { key: run, changes } = write
  for (const [name, given] of changes.splits) {
    await writeNamed(write, { ...run, kind: 'split', name }, name, given)
  }
  for (const [name, given] of changes.computations) {
    await writeNamed(write, { ...run, kind: 'computation', name }, name, given)
  }
  for (const entry of changes.values.values()) {
    const { value, type, split, metric, time } = entry
    const key: KeyOf<'metric'> = { ...run, kind: 'metric', name: valueName(entry) }
    await writeNamed(write, key, metric, { fields: { value, type, split }, time })
  }
}

async function writeNamed(
  { transaction, key: run, stamp }: RunWrite,
  key: KeyOf<'split' | 'computation' | 'metric'>,
  name: string,
  { fields, time }: GivenFields
): Promise<void> {
  const known = await transaction.read(key)
  const created = { schema: `${key.kind}/1`, created: formatTime(time), name, ...fields }
  const record =
    known === undefined
      ? (created as unknown as typeof known & object)
      : editRecord(key.kind, known, fields, stamp(known))
  transaction.writeFile(run, pathOf(key), formatRecord(key.kind, record))
}
