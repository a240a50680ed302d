import type { JsonObject } from '../../base/json.ts'
import { keyOfPath } from '../../format/paths.ts'
import { parseRecord } from '../../format/record.ts'
import { readTyped } from '../../git/object-read.ts'
import type { Oid } from '../../git/objects.ts'
import { isFolder } from '../../git/tree.ts'
import { readFolders } from '../../git/tree-walk.ts'
import type { Damage } from '../../store/list.ts'
import type { View } from '../../store/view.ts'
import type { RunIndex } from './run-index.ts'

/** What of a state is told to whoever searches. */
export interface Refreshed {
  /** Runs that were read anew or are gone. */
  readonly changed: number
  readonly damaged: readonly Damage[]
}

/** How many runs are read at a time. */
const BATCH = 1024

/** A folder below `runs`, at one level or another. */
interface Place {
  readonly path: string
  readonly oid: Oid
}

/**
 * Brings an index into the state of a branch; only folders whose trees have changed are read. Runs that
 * can't be read are told of, left out, and looked at again the next time.
 *
 * @throws what reading the folders throws.
 */
export async function refreshIndex(
  index: RunIndex,
  view: View,
  experiment: string
): Promise<Refreshed> {
  const top = `experiments/${experiment}/runs`
  const root = await view.entry(top)
  const rootOid = root !== undefined && isFolder(root) ? root.oid : undefined
  if (rootOid !== undefined && rootOid === index.treeOid) return { changed: 0, damaged: [] }
  index.treeOid = undefined
  const known = index.folders
  const folders = new Map<string, Oid>()
  const upper = rootOid === undefined ? [] : await listInside(view, [{ path: '', oid: rootOid }])
  const lower = await openChanged(view, upper, known, folders)
  for (const { path, oid } of lower) folders.set(path, oid)
  const shards = lower.filter(({ path, oid }) => known.get(path) !== oid)
  const found = await listInside(view, shards)
  const changed = removeGone(index, known, folders, shards, found)
  const wanted = found.filter(({ path, oid }) => !index.has(lastName(path), oid))
  const damaged: Damage[] = []
  for (let at = 0; at < wanted.length; at += BATCH) {
    damaged.push(...(await readRuns(index, view, top, wanted.slice(at, at + BATCH))))
  }
  const broken = new Set(damaged.map(({ path }) => path.slice(top.length + 1).split('/', 2)))
  for (const [one = '', two = ''] of broken) {
    folders.delete(one)
    folders.delete(`${one}/${two}`)
  }
  index.folders = folders
  index.treeOid = broken.size === 0 ? rootOid : undefined
  return { changed: changed + wanted.length, damaged }
}

/** Opens the folders of the first level that changed; what is below the others stays as it is. */
async function openChanged(
  view: View,
  upper: readonly Place[],
  known: ReadonlyMap<string, Oid>,
  folders: Map<string, Oid>
): Promise<readonly Place[]> {
  const same = new Set<string>()
  for (const { path, oid } of upper) {
    folders.set(path, oid)
    if (known.get(path) === oid) same.add(path)
  }
  for (const [path, oid] of known) {
    if (same.has(path.slice(0, path.indexOf('/')))) folders.set(path, oid)
  }
  return listInside(
    view,
    upper.filter(({ path }) => !same.has(path))
  )
}

/** Takes runs out of an index whose folders are gone; returns how many. */
function removeGone(
  index: RunIndex,
  known: ReadonlyMap<string, Oid>,
  folders: ReadonlyMap<string, Oid>,
  shards: readonly Place[],
  found: readonly Place[]
): number {
  const opened = new Set(shards.map(({ path }) => path))
  const gone = [...known.keys()].some((path) => !folders.has(path))
  if (opened.size === 0 && !gone) return 0
  const present = new Set(found.map(({ path }) => lastName(path)))
  const isGone = (run: string): boolean => {
    const shard = `${run[0]}/${run[1]}`
    return opened.has(shard) ? !present.has(run) : !folders.has(shard)
  }
  const removed: string[] = []
  for (const run of index.runs()) if (isGone(run)) removed.push(run)
  for (const run of removed) index.remove(run)
  return removed.length
}

/** Lists the folders inside of folders. */
async function listInside(view: View, places: readonly Place[]): Promise<readonly Place[]> {
  const contents = await readFolders(
    view.objects,
    places.map(({ oid }) => oid)
  )
  return places.flatMap(({ path, oid }) =>
    (contents(oid) ?? []).filter(isFolder).map((entry) => ({
      path: path === '' ? entry.name : `${path}/${entry.name}`,
      oid: entry.oid
    }))
  )
}

async function readRuns(
  index: RunIndex,
  view: View,
  top: string,
  places: readonly Place[]
): Promise<readonly Damage[]> {
  const damaged: Damage[] = []
  const contents = await readFolders(
    view.objects,
    places.map(({ oid }) => oid)
  )
  const files = places.flatMap(({ path, oid }) => {
    const file = (contents(oid) ?? []).find(({ name }) => name === 'run.yaml')
    index.remove(lastName(path))
    return file === undefined ? [] : [{ path: `${top}/${path}/run.yaml`, oid, fileOid: file.oid }]
  })
  const blobs = new Map<Oid, Uint8Array>()
  try {
    for await (const { oid, bytes } of view.objects.readMany(files.map(({ fileOid }) => fileOid))) {
      blobs.set(oid, bytes)
    }
  } catch {
    // A damaged object ends the reading of all; each is read alone below.
  }
  for (const { path, oid, fileOid } of files) {
    const key = keyOfPath(path)
    if (key?.kind !== 'run') continue
    try {
      const bytes = blobs.get(fileOid) ?? (await readTyped(view.objects, fileOid, 'blob')).bytes
      const record = parseRecord('run', bytes, path) as unknown as JsonObject
      index.put(key.run, oid, record)
    } catch (error) {
      damaged.push({ path, error })
    }
  }
  return damaged
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
