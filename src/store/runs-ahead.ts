import { folderOf } from '../format/paths.ts'
import type { ObjectReader } from '../git/object-store.ts'
import type { GitObject, Oid } from '../git/objects.ts'
import { isFolder, parseTree, type TreeEntry } from '../git/tree.ts'
import type { KeyOf } from '../model/kinds.ts'
import { listJournals } from './journal-folder.ts'
import { viewOfRun } from './live-view.ts'
import type { ProjectStore } from './project-store.ts'
import { View } from './view.ts'

type RunKey = KeyOf<'run'>

/** Folders of a run that can be read ahead; contents of artifacts never are. */
export const READ_AHEAD_FOLDERS = [
  'series',
  'results',
  'log',
  'splits',
  'computations',
  'metrics'
] as const

/** How many runs are read together: at first, and at most. */
const FIRST_RUNS = 16
const MOST_RUNS = 512
/** As many runs are read together as have about so many bytes. */
const BATCH_BYTES = 8 << 20

/** A run with the state in which it is to be read. */
export interface ViewedRun {
  readonly key: RunKey
  /** `undefined` if it isn't there. */
  readonly view: View | undefined
  /** Whether the state has what journals add. */
  readonly isLive: boolean
}

/**
 * Gives the state in which each of many runs of one experiment is to be read, as `viewOfRun` does. What lies in
 * their folders is read many runs at a time, in the order in which it is stored; damage is left to who reads it.
 */
export async function* viewRuns(
  store: ProjectStore,
  keys: readonly RunKey[],
  { at, folders }: { readonly at: string | undefined; readonly folders: readonly string[] }
): AsyncGenerator<ViewedRun> {
  let size = FIRST_RUNS
  for (let from = 0; from < keys.length; ) {
    const some = keys.slice(from, from + size)
    from += some.length
    const [first] = some as [RunKey]
    // As in `viewOfRun`, first the journals, then the branch.
    const journals =
      at === undefined ? await listJournals(store, { experiment: first.experiment }) : []
    const live = new Set(journals.map(({ run }) => run))
    const state = await store.viewOf(first, at)
    const held = new Map<Oid, GitObject>()
    if (state !== undefined) await readAhead(state, some, folders, held).catch(() => undefined)
    const view = state && new View(withHeld(state.objects, held), state.commitOid, state.treeOid)
    for (const key of some) {
      const isLive = live.has(key.run)
      yield { key, isLive, view: isLive ? await viewOfRun(store, key) : view }
    }
    let bytes = 1
    for (const object of held.values()) bytes += object.bytes.length
    const fitting = Math.floor((some.length * BATCH_BYTES) / bytes)
    size = Math.max(1, Math.min(fitting, size * 4, MOST_RUNS))
  }
}

/** Reads all records of runs and what lies in some of their folders, level by level. */
async function readAhead(
  view: View,
  keys: readonly RunKey[],
  folders: readonly string[],
  held: Map<Oid, GitObject>
): Promise<void> {
  let level: Oid[] = []
  for (const key of keys) {
    const entry = await view.entry(folderOf(key))
    if (entry !== undefined && isFolder(entry)) level.push(entry.oid)
  }
  const blobs: Oid[] = []
  const isWanted = ({ name }: TreeEntry): boolean => folders.includes(name)
  for (let depth = 0; level.length > 0; depth++) {
    const next: Oid[] = []
    for await (const tree of view.objects.readMany(level)) {
      held.set(tree.oid, tree)
      if (tree.type !== 'tree') continue
      for (const entry of parseTree(tree)) {
        if (!isFolder(entry)) blobs.push(entry.oid)
        else if (depth > 0 || isWanted(entry)) next.push(entry.oid)
      }
    }
    level = next
  }
  for await (const blob of view.objects.readMany(blobs)) held.set(blob.oid, blob)
}

/** Returns a reader that has some objects already. */
function withHeld(objects: ObjectReader, held: ReadonlyMap<Oid, GitObject>): ObjectReader {
  return {
    ...objects,
    read: async (oid) => held.get(oid) ?? objects.read(oid),
    async *readMany(oids) {
      const others: Oid[] = []
      for (const oid of oids) {
        const object = held.get(oid)
        if (object === undefined) others.push(oid)
        else yield object
      }
      if (others.length > 0) yield* objects.readMany(others)
    }
  }
}
