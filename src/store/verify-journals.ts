import { storeErrors } from './errors.ts'
import {
  entriesFile,
  journalFolder,
  listJournals,
  ownerFile,
  readOwner,
  writeOwner
} from './journal-folder.ts'
import { readEntries } from './journal-read.ts'
import type { ProjectStore } from './project-store.ts'
import { isJournalDead } from './recovery.ts'
import { damagedFolder, type OnFinding } from './verify-finding.ts'
import type { OnNote } from './verify-rest.ts'

/** A process that begins a journal has written its name by then. */
const NAMELESS_MS = 60_000
const CHUNK_BYTES = 1 << 20

/** Checks the journals of runs, and tells of rows that are not in the history yet. */
export async function checkJournals(
  store: ProjectStore,
  report: OnFinding,
  note: OnNote
): Promise<void> {
  const { files } = store.host
  for (const key of await listJournals(store)) {
    const folder = journalFolder(store, key)
    const isNameless = await hasNoName(store, folder)
    const lines = await countBroken(store, entriesFile(folder))
    if (isNameless || lines > 0) {
      const error = storeErrors.create('STORE_JOURNAL_DAMAGED', { folder, lines, isNameless })
      report({ what: 'journal', folder, where: folder, error })
    }
    if (isNameless || (await files.stat(entriesFile(folder))) === undefined) continue
    const run = `${key.experiment}/${key.run}`
    const isDead = await isJournalDead(store, folder)
    const message = isDead
      ? `The process of the run ${run} is gone; what it logged is committed by whoever opens the project next.`
      : `The run ${run} is in progress; what it logged since its last commit is in its journal.`
    note({ where: folder, kind: 'journal', message, ...(isDead ? { repair: 'recover' } : {}) })
  }
}

async function hasNoName(store: ProjectStore, folder: string): Promise<boolean> {
  const { files, platform } = store.host
  const stat = await files.stat(ownerFile(folder))
  if (stat === undefined || platform.clock.now() - stat.modifiedMs < NAMELESS_MS) return false
  return (await readOwner(files, folder)) === undefined
}

/** Counts the lines of a journal that can't be read; one that is still being written is none. */
async function countBroken({ host: { files } }: ProjectStore, path: string): Promise<number> {
  let lines = 0
  for (let at = 0; ; at += CHUNK_BYTES) {
    const bytes = await files.readRange(path, at, CHUNK_BYTES)
    if (bytes === undefined || bytes.length === 0) break
    for (const byte of bytes) if (byte === 10) lines++
  }
  // Whoever logs meanwhile makes it seem that fewer are broken, never more.
  for await (const { entries } of readEntries(files, path)) lines -= entries.length
  return Math.max(0, lines)
}

/**
 * Keeps a copy of a damaged journal, since what can't be read of it is not committed, and gives one
 * that is nobody's to a process that is gone, so that it is recovered.
 */
export async function mendJournal(store: ProjectStore, folder: string): Promise<void> {
  const { files, platform } = store.host
  const [run = '', writer = ''] = folder.split('/').slice(-2)
  const kept = `${damagedFolder(store)}/journal-${run}-${writer}-${platform.clock.now()}`
  await files.makeFolder(kept)
  for (const path of [ownerFile(folder), entriesFile(folder)]) {
    const bytes = await files.read(path)
    if (bytes !== undefined)
      await files.write(kept + path.slice(folder.length), bytes, { sync: true })
  }
  if (!(await hasNoName(store, folder))) return
  const createdMs = (await files.stat(ownerFile(folder)))?.modifiedMs ?? platform.clock.now()
  const process = { ...platform.processes.self, started: 'unknown' }
  await writeOwner(files, folder, { process, attached: false, createdMs: Math.round(createdMs) })
}
