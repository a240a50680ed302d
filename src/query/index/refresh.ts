import type { JsonObject } from '../../base/json.ts'
import { isMissingPart } from '../../base/missing-part.ts'
import { keyOfPath } from '../../format/paths.ts'
import { parseCanonicalRecord, parseRecord } from '../../format/record.ts'
import { readTyped } from '../../git/object-read.ts'
import type { Oid } from '../../git/objects.ts'
import { isFolder } from '../../git/tree.ts'
import { readFolders } from '../../git/tree-walk.ts'
import { isRunId } from '../../model/identifier.ts'
import type { KeyOf } from '../../model/kinds.ts'
import type { Damage } from '../../store/list.ts'
import type { View } from '../../store/view.ts'
import type { IndexedRecords } from './indexed-records.ts'
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
export interface Place {
  readonly path: string
  readonly oid: Oid
}

/**
 * Brings an index into the state of a branch; only folders whose trees have changed are read. Runs that
 * can't be read are told of, left out, and looked at again the next time. It is `undefined` if the file
 * of the index can't be read any more.
 *
 * @throws what reading the folders throws.
 */
export async function refreshIndex(
  index: RunIndex,
  view: View,
  experiment: string,
  records: IndexedRecords
): Promise<Refreshed | undefined> {
  const top = `experiments/${experiment}/runs`
  const root = await view.entry(top)
  const rootOid = root !== undefined && isFolder(root) ? root.oid : undefined
  if (rootOid !== undefined && rootOid === index.treeOid) return { changed: 0, damaged: [] }
  if (!(await index.loadTrees())) return undefined
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
    damaged.push(...(await readRuns(index, view, top, wanted.slice(at, at + BATCH), records)))
  }
  const broken = new Set(damaged.map(({ path }) => path.slice(top.length + 1).split('/', 2)))
  for (const [one = '', two = ''] of broken) {
    // No tree has this name, so they are opened again.
    folders.set(one, '')
    folders.set(`${one}/${two}`, '')
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
  const present = new Set(found.map(({ path }) => lastName(path)))
  const opened = shards.map(({ path }) => path)
  const gone = [...known.keys()].filter((path) => path.includes('/') && !folders.has(path))
  let removed = 0
  for (const path of new Set([...opened, ...gone])) {
    for (const run of index.runsOf(path.replace('/', ''))) {
      if (present.has(run)) continue
      index.remove(run)
      removed++
    }
  }
  return removed
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
  places: readonly Place[],
  records: IndexedRecords
): Promise<readonly Damage[]> {
  const damaged: Damage[] = []
  const contents = await readFolders(
    view.objects,
    places.map(({ oid }) => oid)
  )
  const files = places.flatMap(({ path, oid }) => {
    const entries = contents(oid) ?? []
    const file = entries.find(({ name }) => name === records.file)
    const run = lastName(path)
    index.remove(run)
    if (file !== undefined) return [{ path: `${top}/${path}/${file.name}`, oid, fileOid: file.oid }]
    const isRun = isRunId(run) && entries.some(({ name }) => name === 'run.yaml')
    if (records.isOptional && isRun) index.put(run, oid, {})
    return []
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
    if (key?.kind !== records.kind) continue
    try {
      const bytes = blobs.get(fileOid) ?? (await readTyped(view.objects, fileOid, 'blob')).bytes
      const record =
        parseCanonicalRecord(records.kind, bytes, path) ??
        (await parseRecord(records.kind, bytes, path))
      const { run } = key as KeyOf<'run' | 'environment'>
      records.put(index, run, oid, record as unknown as JsonObject)
    } catch (error) {
      if (isMissingPart(error)) throw error
      damaged.push({ path, error })
    }
  }
  return damaged
}

/** Returns the last name of a path. */
export function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
