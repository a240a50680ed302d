import { decodeUtf8, encodeUtf8 } from '../base/bytes.ts'
import { randomId } from '../base/ids.ts'
import { isJsonObject } from '../base/json.ts'
import type { ProjectStore } from './project-store.ts'

/** A file that stands for an experiment; one that a process is pushing has `~<token>` behind its name. */
export interface Marker {
  readonly experiment: string
  readonly path: string
}

/** Lists what waits to be pushed to a remote. */
export async function listMarkers(store: ProjectStore, remote: string): Promise<readonly Marker[]> {
  const folder = folderOf(store, remote)
  const entries = (await store.host.files.list(folder)) ?? []
  return entries
    .filter(({ kind }) => kind === 'file')
    .map(({ name }) => ({ experiment: name.split('~')[0] as string, path: `${folder}/${name}` }))
}

/** Takes markers: renames them, so that one that is added meanwhile is another. */
export async function claimMarkers(
  store: ProjectStore,
  remote: string,
  markers: readonly Marker[]
): Promise<readonly Marker[]> {
  const token = randomId(store.host.platform.random, 6)
  const claimed: Marker[] = []
  for (const { experiment, path } of markers) {
    const own = `${folderOf(store, remote)}/${experiment}~${token}${claimed.length}`
    if (await store.host.files.rename(path, own)) claimed.push({ experiment, path: own })
  }
  return claimed
}

/** Removes markers. */
export async function releaseMarkers(
  store: ProjectStore,
  markers: readonly Marker[]
): Promise<void> {
  for (const { path } of markers) await store.host.files.remove(path)
}

/** What is known of the pushes to a remote. */
export interface QueueState {
  /** When the remote was pushed to in the last minute, in milliseconds since 1970. */
  readonly pushedMs: readonly number[]
  /** Why the last one failed; absent after a success. */
  readonly failure?: string
}

/** Reads what is known of the pushes to a remote; nothing if it can't be read. */
export async function readQueueState(store: ProjectStore, remote: string): Promise<QueueState> {
  try {
    const bytes = await store.host.files.read(`${folderOf(store, remote)}.json`)
    const value: unknown = bytes === undefined ? {} : JSON.parse(decodeUtf8(bytes))
    if (!isJsonObject(value)) return { pushedMs: [] }
    const pushedMs = Array.isArray(value.pushedMs) ? value.pushedMs : []
    return {
      pushedMs: pushedMs.filter((time) => typeof time === 'number'),
      ...(typeof value.failure === 'string' ? { failure: value.failure } : {})
    }
  } catch {
    return { pushedMs: [] }
  }
}

export async function writeQueueState(
  store: ProjectStore,
  remote: string,
  state: QueueState
): Promise<void> {
  const path = `${folderOf(store, remote)}.json`
  await store.host.files.write(path, encodeUtf8(JSON.stringify(state)))
}

/** Notes that an experiment is to be pushed. */
export async function addMarker(
  store: ProjectStore,
  remote: string,
  experiment: string
): Promise<void> {
  const folder = folderOf(store, remote)
  await store.host.files.makeFolder(folder)
  await store.host.files.write(`${folder}/${experiment}`, new Uint8Array())
}

/** Moves what waits to another name of the remote, or forgets it. */
export async function moveMarkers(
  store: ProjectStore,
  from: string,
  to: string | undefined
): Promise<void> {
  const { files } = store.host
  for (const { experiment } of await listMarkers(store, from)) {
    if (to !== undefined) await addMarker(store, to, experiment)
  }
  await files.removeFolder(folderOf(store, from), { recursive: true })
  await files.remove(`${folderOf(store, from)}.json`)
}

function folderOf({ folder }: ProjectStore, remote: string): string {
  return `${folder}/runtree/queue/${encodeURIComponent(remote)}`
}
