import type { CsvTable } from '../parts/csv.ts'
import type { ActivityEntry } from '../source/answers.ts'

/** Returns who did what when as a table. */
export function commitTable(entries: readonly ActivityEntry[]): CsvTable {
  return {
    head: ['time', 'author', 'email', 'experiment', 'subject', 'commit'],
    rows: entries.map(({ time, author, experiment, subject, commitOid }) => [
      time,
      author.name,
      author.email,
      experiment,
      subject,
      commitOid
    ])
  }
}
