import { formatCount } from '../parts/text.ts'
import type { ActivityEntry } from '../source/answers.ts'

/** What one person did in one experiment without a long break, in a sentence. */
export interface ActivityGroup {
  readonly text: string
  /** Newest first. */
  readonly entries: readonly [ActivityEntry, ...ActivityEntry[]]
}

/** A break of so long begins another group. */
const BREAK_MS = 12 * 3_600_000

/** What was done, by the word with which a commit begins. */
const DEEDS: { readonly [operation: string]: string } = {
  start: 'started',
  finish: 'finished',
  fail: 'failed',
  interrupt: 'interrupted',
  recover: 'recovered',
  create: 'created',
  update: 'changed',
  delete: 'deleted',
  restore: 'restored'
}

/** Joins what somebody did to runs in a row; `entries` are newest first. */
export function groupActivity(entries: readonly ActivityEntry[]): readonly ActivityGroup[] {
  const groups: [ActivityEntry, ...ActivityEntry[]][] = []
  for (const entry of entries) {
    const group = groups.at(-1)
    const last = group?.at(-1)
    if (last !== undefined && goesOn(last, entry)) group?.push(entry)
    else groups.push([entry])
  }
  return groups.map((group) => ({ entries: group, text: textOf(group) }))
}

function goesOn(newer: ActivityEntry, older: ActivityEntry): boolean {
  return (
    newer.author.email === older.author.email &&
    newer.author.name === older.author.name &&
    newer.experiment === older.experiment &&
    deedOf(newer) !== undefined &&
    deedOf(older) !== undefined &&
    Date.parse(newer.time) - Date.parse(older.time) < BREAK_MS
  )
}

/** What was done to a run; `undefined` for all else. */
function deedOf({ subject }: ActivityEntry): string | undefined {
  const operation = /^(\S+) run \S+$/.exec(subject)?.[1] ?? ''
  return Object.hasOwn(DEEDS, operation) ? DEEDS[operation] : undefined
}

/** Says how many runs were started, finished and so on. */
function textOf(entries: readonly ActivityEntry[]): string {
  const counts = new Map<string, number>()
  for (const entry of entries) {
    const deed = deedOf(entry) ?? entry.subject
    counts.set(deed, (counts.get(deed) ?? 0) + 1)
  }
  return [...counts]
    .map(([deed, count], index) => `${index === 0 ? formatCount(count, 'run') : count} ${deed}`)
    .join(', ')
}
