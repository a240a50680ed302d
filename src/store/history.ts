import { formatTime } from '../base/time.ts'
import { parseMessage } from '../format/commit-message.ts'
import { readCommit } from '../git/commit.ts'
import type { ToldEntry } from '../git/promised-objects.ts'
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

/** Which part of a history is wanted. */
export interface HistoryOptions {
  /** How many of the newest entries are left out. Default: 0. */
  readonly skip?: number
  /** Default: none. */
  readonly signal?: AbortSignal
}

/** Lists the commits that changed an object or anything below it, newest first. */
export async function* listHistory(
  store: ProjectStore,
  key: ObjectKey,
  options: HistoryOptions = {}
): AsyncGenerator<HistoryEntry> {
  const { skip = 0, signal } = options
  const told = await store.toldHistory(key, options)
  if (told !== undefined) {
    for await (const entry of told) yield entryOf(entry)
    return
  }
  let passed = 0
  for await (const oid of store.history(key, signal === undefined ? {} : { signal })) {
    signal?.throwIfAborted()
    if (passed++ < skip) continue
    const { author, message } = await readCommit(store.repository.objects, oid)
    yield entryOf({ oid, author, message })
  }
}

function entryOf({ oid, author, message }: ToldEntry): HistoryEntry {
  return {
    commitOid: oid,
    time: formatTime(author.epochSeconds * 1000),
    author: { name: author.name, email: author.email },
    operation: parseMessage(message)?.operation ?? 'commit',
    subject: message.split('\n', 1)[0] ?? ''
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
