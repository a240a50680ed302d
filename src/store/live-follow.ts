import type { FileSystem } from '../base/platform.ts'
import type { SeriesPoint } from '../format/series-lines.ts'
import type { KeyOf } from '../model/kinds.ts'
import type { JournalEntry } from './journal-entry.ts'
import type { JournalKey } from './journal-folder.ts'
import { readEntries } from './journal-read.ts'
import type { SeenJournal } from './journal-watch.ts'

/** What was added to the journals of a run. */
export interface JournalChanges {
  readonly key: KeyOf<'run'>
  readonly points: readonly SeriesPoint[]
  readonly text: string
  /** Whether something besides points, text and rows was logged, such as a parameter. */
  readonly hasMore: boolean
}

/** How far each journal was read: bytes by `<experiment>/<run>/<writer>`. */
export type JournalOffsets = ReadonlyMap<string, number>

/**
 * Reads what was added to journals since an earlier read. A journal that was not known then is read from
 * its beginning; without an earlier read, nothing is read and only the places are returned.
 */
export async function readJournalChanges(
  files: FileSystem,
  journals: readonly SeenJournal[],
  since: JournalOffsets | undefined
): Promise<{
  readonly changes: readonly JournalChanges[]
  readonly offsets: ReadonlyMap<string, number>
}> {
  const offsets = new Map<string, number>()
  const runs = new Map<string, { -readonly [F in keyof JournalChanges]: JournalChanges[F] }>()
  for (const journal of journals) {
    const { run, name, path, sizeBytes } = journal
    if (sizeBytes === undefined) continue
    const changes = runs.get(run) ?? newChanges(journal)
    runs.set(run, changes)
    const start = since === undefined ? sizeBytes : (since.get(name) ?? 0)
    offsets.set(name, start)
    if (start >= sizeBytes) continue
    for await (const { entries, nextOffset } of readEntries(files, path, start)) {
      for (const { entry } of entries) addEntry(changes, entry)
      offsets.set(name, nextOffset)
    }
  }
  return { changes: [...runs.values()], offsets }
}

function newChanges({ experiment, run }: JournalKey): JournalChanges & { text: string } {
  return { key: { kind: 'run', experiment, run }, points: [], text: '', hasMore: false }
}

function addEntry(
  changes: { -readonly [F in keyof JournalChanges]: JournalChanges[F] },
  entry: JournalEntry
): void {
  if ('log' in entry) {
    const { log, step, time, split } = entry
    const place = split === undefined ? { step, time } : { step, time, split }
    const points = changes.points as SeriesPoint[]
    for (const metric in log) points.push({ metric, value: log[metric] as number, ...place })
  } else if ('text' in entry) changes.text += `${entry.text}\n`
  else if (!('row' in entry)) changes.hasMore = true
}
