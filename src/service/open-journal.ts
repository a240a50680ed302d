import { randomId, WRITER_LENGTH } from '../base/ids.ts'
import { storeErrors } from '../store/errors.ts'
import type { Journal } from '../store/journal.ts'
import { type JournalKey, journalFolder } from '../store/journal-folder.ts'
import type { ProjectStore } from '../store/project-store.ts'
import { RunCommitter } from '../store/run-commit.ts'
import type { RunPlace } from './run-recorder.ts'

/**
 * Gives a journal its folder in a project, and a writer of its own.
 *
 * @throws STORE_NOT_A_PROJECT if the repository is gone; the platform's error
 */
export async function openJournal(
  journal: Journal,
  store: ProjectStore,
  run: Omit<JournalKey, 'writer'>,
  { attached, first }: { readonly attached: boolean; readonly first: Uint8Array | undefined }
): Promise<RunPlace> {
  const { clock, processes, random } = store.host.platform
  const { files } = store.host
  if ((await files.stat(`${store.folder}/HEAD`)) === undefined) {
    throw storeErrors.create('STORE_NOT_A_PROJECT', { folder: store.folder })
  }
  const key = { ...run, writer: randomId(random, WRITER_LENGTH) }
  const folder = journalFolder(store, key)
  const owner = { process: processes.self, attached, createdMs: clock.now() }
  await journal.open(folder, owner, first)
  const committer = new RunCommitter(store, key, folder, { attached, progress: { offset: 0 } })
  return { store, key, committer }
}
