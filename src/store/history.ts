import { formatTime } from '../base/time.ts'
import { parseMessage } from '../format/commit-message.ts'
import { readCommit } from '../git/commit.ts'
import type { ObjectKey } from '../model/kinds.ts'
import type { ProjectStore } from './project-store.ts'
import type { View } from './view.ts'

/** A commit that touched an object. */
export interface HistoryEntry {
  readonly commitOid: string
  /** RFC 3339 in UTC. */
  readonly time: string
  readonly author: { readonly name: string; readonly email: string }
  /** What was done: `create`, `put`, `update`, `delete`, `merge`, …; `commit` if git made it. */
  readonly operation: string
  readonly subject: string
}

/** Lists the commits that changed an object or anything below it, newest first. */
export async function* listHistory(
  store: ProjectStore,
  key: ObjectKey
): AsyncGenerator<HistoryEntry> {
  for await (const commitOid of store.history(key)) {
    const { author, message } = await readCommit(store.repository.objects, commitOid)
    yield {
      commitOid,
      time: formatTime(author.epochSeconds * 1000),
      author: { name: author.name, email: author.email },
      operation: parseMessage(message)?.operation ?? 'commit',
      subject: message.split('\n', 1)[0] ?? ''
    }
  }
}

/** Returns the newest state in which an object was there, its deletion aside; `undefined` if never. */
export async function lastViewOf(store: ProjectStore, key: ObjectKey): Promise<View | undefined> {
  for await (const commitOid of store.history(key)) {
    const { parents } = await readCommit(store.repository.objects, commitOid)
    for (const candidate of [commitOid, ...parents]) {
      const view = await store.viewAt(candidate)
      if (await view.has(key)) return view
    }
  }
  return undefined
}
