import { decodeUtf8, encodeUtf8 } from '../base/bytes.ts'
import { isJsonObject } from '../base/json.ts'
import type { ProjectStore } from './project-store.ts'
import type { SyncedRef, SyncStatus } from './sync-report.ts'

/** When a remote was last asked for a branch, or could last not be reached, and what it lacked then. */
export interface RemoteMemory {
  /** Milliseconds since 1970, by ref; of all refs under `''`. */
  readonly asked: { readonly [ref: string]: number }
  /** Milliseconds since 1970; absent after a success. */
  readonly failed?: number
  /** Refs that it once had and had no more when it was last asked. */
  readonly gone: readonly string[]
  /** Refs whose history it had replaced when it was last asked. */
  readonly rewound: readonly string[]
}

/** For how long a remote that could not be reached counts as offline. */
export const OFFLINE_MS = 60_000

const NOTHING: RemoteMemory = { asked: {}, gone: [], rewound: [] }

/** What a remote answered: for which refs it was asked, and what was wrong with some of them. */
export interface RemoteAnswer {
  readonly asked: readonly string[]
  /** Those that it has no more. Default: none. */
  readonly gone?: readonly string[]
  /** Those whose history it has replaced. Default: none. */
  readonly rewound?: readonly string[]
}

/** Returns what is known of a remote; nothing if it can't be read, for it can be found out again. */
export async function readRemoteMemory(store: ProjectStore, remote: string): Promise<RemoteMemory> {
  try {
    const bytes = await store.host.files.read(pathOf(store, remote))
    const value: unknown = bytes === undefined ? {} : JSON.parse(decodeUtf8(bytes))
    if (!isJsonObject(value)) return NOTHING
    const asked = isJsonObject(value.asked) ? Object.entries(value.asked) : []
    return {
      gone: textsIn(value.gone),
      rewound: textsIn(value.rewound),
      asked: Object.fromEntries(asked.filter((pair): pair is [string, number] => isTime(pair[1]))),
      ...(isTime(value.failed) ? { failed: value.failed } : {})
    }
  } catch {
    return NOTHING
  }
}

/** Notes that a remote answered for refs, or that it could not be reached. */
export async function writeRemoteMemory(
  store: ProjectStore,
  remote: string,
  outcome: RemoteAnswer | { readonly failed: true }
): Promise<void> {
  const { files, platform } = store.host
  const now = platform.clock.now()
  const before = await readRemoteMemory(store, remote)
  const memory: RemoteMemory =
    'failed' in outcome ? { ...before, failed: now } : updated(before, outcome, now)
  const path = pathOf(store, remote)
  try {
    await files.makeFolder(path.slice(0, path.lastIndexOf('/')))
    await files.write(path, encodeUtf8(JSON.stringify(memory)))
  } catch {
    // A store that may only be read remembers nothing; the remote is asked again.
  }
}

function updated(
  before: RemoteMemory,
  { asked, gone = [], rewound = [] }: RemoteAnswer,
  now: number
): RemoteMemory {
  const isOther = (ref: string): boolean => !asked.includes(ref)
  return {
    asked: { ...before.asked, ...Object.fromEntries(asked.map((ref) => [ref, now])) },
    gone: [...before.gone.filter(isOther), ...gone],
    rewound: [...before.rewound.filter(isOther), ...rewound]
  }
}

/** Forgets what is known of a remote. */
export async function clearRemoteMemory(store: ProjectStore, remote: string): Promise<void> {
  await store.host.files.remove(pathOf(store, remote))
}

/** Returns what a report says of a remote, as it is to be remembered. */
export function answerOf(synced: readonly SyncedRef[]): RemoteAnswer {
  const refsThat = (wanted: SyncStatus): readonly string[] =>
    synced.filter(({ status }) => status === wanted).map(({ ref }) => ref)
  return {
    asked: synced.map(({ ref }) => ref),
    gone: refsThat('deleted-there'),
    rewound: refsThat('rewound')
  }
}

function pathOf(store: ProjectStore, remote: string): string {
  return `${store.folder}/runtree/cache/remotes/${encodeURIComponent(remote)}.json`
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
