import { branchOf } from '../format/paths.ts'
import { readPath } from '../git/tree-walk.ts'
import type { KeyOf } from '../model/kinds.ts'
import { Draft } from './draft.ts'
import { readDraftBase } from './draft-base.ts'
import { guardFiles, storeErrors } from './errors.ts'
import {
  entriesFile,
  type JournalKey,
  journalFolder,
  listJournals,
  readOwner,
  readProgress
} from './journal-folder.ts'
import { JournalWatch, type SeenJournal } from './journal-watch.ts'
import type { ProjectStore } from './project-store.ts'
import { RunCommitter } from './run-commit.ts'
import { Transaction } from './transaction.ts'

/** A run of which there are journals. */
export interface LiveState {
  readonly key: KeyOf<'run'>
  /** Whether the process that started it is there; `undefined` if this machine can't tell. */
  readonly alive: boolean | undefined
  /** Milliseconds since the last sign of life of any of its processes, by the file system's clock. */
  readonly silentMs: number
  /** The processes that log to it. */
  readonly writers: readonly string[]
}

/** Lists the runs of a project that are in progress, or whose processes died and were not recovered. */
export async function listLiveRuns(
  store: ProjectStore,
  within: { readonly experiment?: string; readonly run?: string } = {}
): Promise<readonly LiveState[]> {
  return statesOf(await guardFiles(store.folder, () => new JournalWatch(store).look(within)))
}

/** Tells the states of the runs that journals belong to. */
export function statesOf(journals: readonly SeenJournal[]): readonly LiveState[] {
  const runs = new Map<string, LiveState>()
  for (const { experiment, run, writer, attached, alive, silentMs } of journals) {
    const known = runs.get(run)
    runs.set(run, {
      key: { kind: 'run', experiment, run },
      alive: attached && known !== undefined ? known.alive : alive,
      silentMs: Math.min(silentMs, known?.silentMs ?? silentMs),
      writers: [...(known?.writers ?? []), writer]
    })
  }
  return [...runs.values()]
}

/**
 * Returns the files of a run as they would be if its journals were committed now, by path: records,
 * parts, artifacts. Files that the journals don't change are not among them.
 *
 * To miss nothing, a reader calls this before it looks at the branch: a journal goes only after its
 * commit.
 */
export async function readLive(
  store: ProjectStore,
  key: KeyOf<'run'>
): Promise<ReadonlyMap<string, Uint8Array>> {
  const { experiment, run } = key
  const journals = await listJournals(store, { experiment, run })
  const files = new Map<string, Uint8Array>()
  if (journals.length === 0) return files
  const { repository, host } = store
  const ref = branchOf(key)
  const base = await readDraftBase(repository, host, ref)
  const draft = new Draft(repository.objects, base)
  const written = new Set<string>()
  for (const journal of journals) {
    const fork = draft.fork()
    const transaction = new Transaction(new Map([[ref, fork]]), host.platform, store.writer)
    if (await preview(store, journal, transaction, written)) draft.join(fork)
  }
  for (const [path, target] of draft.changes) {
    const stored = await readPath(draft.reader, base.treeOid, path)
    if (target === null || stored?.oid === target.oid) continue
    const bytes = await draft.file(path)
    if (bytes !== undefined) files.set(path, bytes)
  }
  return files
}

/**
 * Returns a text that is another one as soon as `readLive`, or the branch of the run, would tell something
 * else; `undefined` if there are no journals of the run.
 */
export async function stampOfLive(
  store: ProjectStore,
  key: KeyOf<'run'>
): Promise<string | undefined> {
  const { files } = store.host
  const { experiment, run } = key
  const stamps: string[] = []
  for (const journal of await listJournals(store, { experiment, run })) {
    const folder = journalFolder(store, journal)
    const { offset } = await readProgress(files, folder)
    const size = (await files.stat(entriesFile(folder)))?.sizeBytes
    stamps.push(`${journal.writer} ${offset} ${size}`)
  }
  if (stamps.length === 0) return undefined
  return [await store.repository.refs.read(branchOf(key)), ...stamps].join('\n')
}

/** Writes a journal into a transaction; `false` if it was committed meanwhile, or its run is deleted. */
async function preview(
  store: ProjectStore,
  journal: JournalKey,
  transaction: Transaction,
  written: Set<string>
): Promise<boolean> {
  const folder = journalFolder(store, journal)
  const owner = await readOwner(store.host.files, folder)
  if (owner === undefined) return false
  const progress = await readProgress(store.host.files, folder)
  const { attached } = owner
  try {
    await new RunCommitter(store, journal, folder, { attached, progress }).preview(
      transaction,
      written
    )
    return true
  } catch (error) {
    if (storeErrors.is(error, 'STORE_NOT_FOUND')) return false
    throw error
  }
}
