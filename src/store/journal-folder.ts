import { decodeUtf8, encodeUtf8 } from '../base/bytes.ts'
import { isJsonObject } from '../base/json.ts'
import type { FileSystem, ProcessIdentity } from '../base/platform.ts'
import { parseOwner } from '../git/liveness.ts'
import type { Stamp } from '../model/records.ts'
import type { ProjectStore } from './project-store.ts'

/** Names a journal: one process that logs to one run. */
export interface JournalKey {
  readonly experiment: string
  readonly run: string
  readonly writer: string
}

/** Who keeps a journal. */
export interface JournalOwner {
  readonly process: ProcessIdentity
  /** Whether the process joined a run that another one started, and so doesn't end it. */
  readonly attached: boolean
  /** When the journal was begun, in milliseconds since 1970. */
  readonly createdMs: number
}

/** What of a journal is in the history already. */
export interface JournalProgress {
  /** Entries that begin before this byte are committed. */
  readonly offset: number
  /** The attempt that the start of the run was committed as. */
  readonly attempt?: Stamp
}

/** Returns the folder of a project's journals: `<experiment>/<run>/<writer>/` below it. */
export function journalsFolder(store: Pick<ProjectStore, 'folder'>): string {
  return `${store.folder}/runtree/journal`
}

export function journalFolder(store: Pick<ProjectStore, 'folder'>, key: JournalKey): string {
  return `${journalsFolder(store)}/${key.experiment}/${key.run}/${key.writer}`
}

export const entriesFile = (folder: string): string => `${folder}/entries`

/** The file by whose age others see that the process lives. */
export const ownerFile = (folder: string): string => `${folder}/owner`

/** Returns where the content of an artifact waits for its commit. */
export const contentFile = (folder: string, name: string): string => `${folder}/content/${name}`

/** Makes the journal's folder. */
export async function writeOwner(
  files: FileSystem,
  folder: string,
  owner: JournalOwner
): Promise<void> {
  const { process, ...others } = owner
  await files.makeFolder(folder)
  const line = `${JSON.stringify({ ...process, ...others })}\n`
  await files.write(ownerFile(folder), encodeUtf8(line), { sync: true })
}

/** Reads who keeps a journal; `undefined` if nobody says. */
export async function readOwner(
  files: FileSystem,
  folder: string
): Promise<JournalOwner | undefined> {
  const text = await readText(files, ownerFile(folder))
  const found = text === undefined ? undefined : parseOwner(text)
  if (found === undefined) return undefined
  const { attached, createdMs, ...process } = found as ProcessIdentity & JournalOwner
  return { process, attached: attached === true, createdMs: Number(createdMs) || 0 }
}

export async function writeProgress(
  files: FileSystem,
  folder: string,
  progress: JournalProgress
): Promise<void> {
  // A new file in its place: one that is half written would hide what was committed.
  await files.write(`${folder}/committed.new`, encodeUtf8(`${JSON.stringify(progress)}\n`))
  await files.rename(`${folder}/committed.new`, `${folder}/committed`)
}

export async function readProgress(files: FileSystem, folder: string): Promise<JournalProgress> {
  try {
    const progress: unknown = JSON.parse((await readText(files, `${folder}/committed`)) ?? '')
    if (isJsonObject(progress) && typeof progress.offset === 'number') {
      return progress as unknown as JournalProgress
    }
  } catch {
    // Nothing was committed, or what says so is damaged: committing it again changes nothing.
  }
  return { offset: 0 }
}

/** Lists the journals of a project, or of one experiment or run of it. */
export async function listJournals(
  store: ProjectStore,
  within: { readonly experiment?: string; readonly run?: string } = {}
): Promise<readonly JournalKey[]> {
  const { files } = store.host
  const names = async (folder: string): Promise<readonly string[]> =>
    ((await files.list(folder)) ?? [])
      .filter(({ kind }) => kind === 'folder')
      .map(({ name }) => name)
      .sort()
  const top = journalsFolder(store)
  const keys: JournalKey[] = []
  for (const experiment of within.experiment ? [within.experiment] : await names(top)) {
    const folder = `${top}/${experiment}`
    for (const run of within.run ? [within.run] : await names(folder)) {
      for (const writer of await names(`${folder}/${run}`)) keys.push({ experiment, run, writer })
    }
  }
  return keys
}

/** Removes a journal whose entries are committed, and the folders above it if they are empty. */
export async function removeJournal(store: ProjectStore, key: JournalKey): Promise<void> {
  const { files } = store.host
  const folder = journalFolder(store, key)
  // The owner goes first: a journal without one is nobody's and has nothing to commit.
  await files.remove(ownerFile(folder))
  await files.removeFolder(folder, { recursive: true })
  if (await files.removeFolder(`${journalsFolder(store)}/${key.experiment}/${key.run}`)) {
    await files.removeFolder(`${journalsFolder(store)}/${key.experiment}`)
  }
}

async function readText(files: FileSystem, path: string): Promise<string | undefined> {
  const bytes = await files.read(path)
  return bytes === undefined ? undefined : decodeUtf8(bytes)
}
