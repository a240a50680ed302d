import type { SyncAnswer } from '../source/run-answers.ts'

/** How an exchange ended for a branch, in words. */
export interface StatusWords {
  readonly text: string
  readonly tone: 'good' | 'busy' | 'bad' | 'warn' | 'plain'
}

const WORDS: { readonly [status: string]: StatusWords } = {
  new: { text: 'new there', tone: 'good' },
  updated: { text: 'brought up to date', tone: 'good' },
  unchanged: { text: 'already in sync', tone: 'plain' },
  merged: { text: 'merged', tone: 'good' },
  ahead: { text: 'has something that the remote lacks', tone: 'busy' },
  behind: { text: 'lacks something that the remote has', tone: 'busy' },
  diverged: { text: 'went apart', tone: 'warn' },
  'deleted-there': { text: 'was deleted at the remote', tone: 'warn' },
  rewound: { text: 'the remote’s history was rewritten', tone: 'bad' },
  hidden: { text: 'was deleted here', tone: 'plain' },
  rejected: { text: 'the remote refused', tone: 'bad' },
  damaged: { text: 'is damaged here', tone: 'bad' },
  offline: { text: 'the remote could not be reached', tone: 'bad' }
}

/** Says how an exchange ended for a branch. */
export function wordsOfStatus(status: string): StatusWords {
  return Object.hasOwn(WORDS, status)
    ? (WORDS[status] as StatusWords)
    : { text: status, tone: 'plain' }
}

/** Says in a sentence what an exchange came to. */
export function sumUp({ refs }: SyncAnswer): string {
  const counts = new Map<string, number>()
  for (const { status } of refs) counts.set(status, (counts.get(status) ?? 0) + 1)
  counts.delete('unchanged')
  if (counts.size === 0) return 'Nothing was to be exchanged.'
  const parts = [...counts].map(([status, count]) => `${count} ${wordsOfStatus(status).text}`)
  return `${parts.join(', ')}.`
}
