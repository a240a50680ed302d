import type { Journal } from '../store/journal.ts'
import { type JournalKey, journalFolder } from '../store/journal-folder.ts'
import type { ProjectStore } from '../store/project-store.ts'
import { RunCommitter } from '../store/run-commit.ts'
import type { RunPlace } from './run-recorder.ts'

/** Gives a journal its folder in a project. @throws the platform's error */
export async function openJournal(
  journal: Journal,
  store: ProjectStore,
  key: JournalKey,
  attached: boolean
): Promise<RunPlace> {
  const { clock, processes } = store.host.platform
  const folder = journalFolder(store, key)
  const owner = { process: processes.self, attached, createdMs: clock.now() }
  await journal.open(folder, owner)
  const committer = new RunCommitter(store, key, folder, { attached, progress: { offset: 0 } })
  return { store, key, committer }
}
