import { decodeUtf8, encodeUtf8 } from '../base/bytes.ts'
import { isJsonObject } from '../base/json.ts'
import type { ProjectStore } from './project-store.ts'

/** When a remote was last asked for a branch, or could last not be reached. */
export interface RemoteMemory {
  /** Milliseconds since 1970, by ref; of all refs under `''`. */
  readonly asked: { readonly [ref: string]: number }
  /** Milliseconds since 1970; absent after a success. */
  readonly failed?: number
}

/** For how long a remote that could not be reached counts as offline. */
export const OFFLINE_MS = 60_000

/** Returns what is known of a remote; nothing if it can't be read, for it can be found out again. */
export async function readRemoteMemory(store: ProjectStore, remote: string): Promise<RemoteMemory> {
  try {
    const bytes = await store.host.files.read(pathOf(store, remote))
    const value: unknown = bytes === undefined ? {} : JSON.parse(decodeUtf8(bytes))
    if (!isJsonObject(value)) return { asked: {} }
    const asked = isJsonObject(value.asked) ? Object.entries(value.asked) : []
    return {
      asked: Object.fromEntries(asked.filter((pair): pair is [string, number] => isTime(pair[1]))),
      ...(isTime(value.failed) ? { failed: value.failed } : {})
    }
  } catch {
    return { asked: {} }
  }
}

/** Notes that a remote answered for refs, or that it could not be reached. */
export async function writeRemoteMemory(
  store: ProjectStore,
  remote: string,
  outcome: { readonly asked: readonly string[] } | { readonly failed: true }
): Promise<void> {
  const { files, platform } = store.host
  const now = platform.clock.now()
  const before = await readRemoteMemory(store, remote)
  const memory: RemoteMemory =
    'failed' in outcome
      ? { asked: before.asked, failed: now }
      : {
          asked: { ...before.asked, ...Object.fromEntries(outcome.asked.map((ref) => [ref, now])) }
        }
  const path = pathOf(store, remote)
  try {
    await files.makeFolder(path.slice(0, path.lastIndexOf('/')))
    await files.write(path, encodeUtf8(JSON.stringify(memory)))
  } catch {
    // A store that may only be read remembers nothing; the remote is asked again.
  }
}

function pathOf(store: ProjectStore, remote: string): string {
  return `${store.folder}/runtree/cache/remotes/${encodeURIComponent(remote)}.json`
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
