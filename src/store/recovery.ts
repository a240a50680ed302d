import { mapLimited } from '../base/tasks.ts'
import { formatTime } from '../base/time.ts'
import type { RunOutcome } from '../format/edit.ts'
import { isOwnerDead } from '../git/liveness.ts'
import type { KeyOf } from '../model/kinds.ts'
import type { RunStatus } from '../model/records.ts'
import { storeErrors } from './errors.ts'
import {
  entriesFile,
  type JournalKey,
  type JournalOwner,
  journalFolder,
  listJournals,
  ownerFile,
  readOwner,
  readProgress,
  removeJournal
} from './journal-folder.ts'
import type { ProjectStore } from './project-store.ts'
import { RunCommitter } from './run-commit.ts'

/** A run whose process is gone and whose rows are in the history now. */
export interface RecoveredRun {
  readonly key: KeyOf<'run'>
  readonly status: RunStatus
  readonly commitOid: string
}

/** What became of the journals of dead processes. */
export interface RecoveryReport {
  readonly recovered: readonly RecoveredRun[]
  /** Journals of runs that were deleted meanwhile; they stay, and are committed if the run is restored. */
  readonly orphans: readonly { readonly key: KeyOf<'run'>; readonly folder: string }[]
  /** Journals that could not be committed; they stay. */
  readonly failed: readonly {
    readonly key: KeyOf<'run'>
    readonly folder: string
    readonly error: unknown
  }[]
  /** Sentences about what had to be left out. */
  readonly problems: readonly string[]
}

/** Journals that are recovered at a time. */
const LIMIT = 8

/**
 * Commits the journals of processes that are gone, with all rows, and ends their runs as
 * `interrupted`, unless the journal tells how they ended.
 *
 * A process of this machine is gone when it doesn't live; one of another machine when it was silent
 * for 15 minutes. A living process's journal is never touched, and several may recover at once.
 */
export async function recoverRuns(
  store: ProjectStore,
  within: { readonly experiment?: string; readonly run?: string } = {}
): Promise<RecoveryReport> {
  const recovered: RecoveredRun[] = []
  const orphans: RecoveryReport['orphans'][number][] = []
  const failed: RecoveryReport['failed'][number][] = []
  const problems: string[] = []
  await mapLimited(await listJournals(store, within), LIMIT, async (journal) => {
    const folder = journalFolder(store, journal)
    const key: KeyOf<'run'> = { kind: 'run', experiment: journal.experiment, run: journal.run }
    try {
      if (!(await isJournalDead(store, folder))) return
      const run = await store.repository.refs.queue(
        `journal/${journal.experiment}/${journal.run}`,
        () => recoverJournal(store, journal, (problem) => problems.push(problem))
      )
      if (run !== undefined) recovered.push(run)
    } catch (error) {
      if (storeErrors.is(error, 'STORE_NOT_FOUND')) orphans.push({ key, folder })
      else failed.push({ key, folder, error })
    }
  })
  return { recovered, orphans, failed, problems }
}

/** Tells whether the process that keeps a journal is gone; `false` if it is not known who that is. */
export async function isJournalDead(store: ProjectStore, folder: string): Promise<boolean> {
  const { files, platform } = store.host
  const owner = await readOwner(files, folder)
  if (owner === undefined) return false
  const isDeadBy = (path: string): Promise<boolean> =>
    isOwnerDead(files, platform, path, owner.process)
  if (!(await isDeadBy(ownerFile(folder)))) return false
  // A process that computes without a pause touches nothing, but it may still log.
  const entries = entriesFile(folder)
  return (await files.stat(entries)) === undefined || isDeadBy(entries)
}

/** Commits a journal; `undefined` if another process has done so meanwhile, or it holds nothing. */
async function recoverJournal(
  store: ProjectStore,
  journal: JournalKey,
  onProblem: (problem: string) => void
): Promise<RecoveredRun | undefined> {
  const { files } = store.host
  const folder = journalFolder(store, journal)
  const owner = await readOwner(files, folder)
  if (owner === undefined) return undefined
  const progress = await readProgress(files, folder)
  const stat = await files.stat(entriesFile(folder))
  if (stat === undefined || stat.sizeBytes === 0) {
    await removeJournal(store, journal)
    return undefined
  }
  const { attached } = owner
  const committer = new RunCommitter(store, journal, folder, { attached, progress })
  const end = outcomeOf(owner, stat.modifiedMs)
  const committed = await committer.commit({ operation: 'recover', end, onProblem })
  await removeJournal(store, journal)
  if (committed === undefined) return undefined
  const { record, commitOid } = committed
  return { key: committer.runKey, status: record.status, commitOid }
}

/** The last write was the last sign of life. */
function outcomeOf({ createdMs }: JournalOwner, modifiedMs: number): RunOutcome {
  const endedMs = Math.max(createdMs, Math.round(modifiedMs))
  return { status: 'interrupted', finished: formatTime(endedMs) }
}
