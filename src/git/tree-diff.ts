import type { ObjectReader } from './object-store.ts'
import type { Oid } from './objects.ts'
import { isFolder, type TreeEntry } from './tree.ts'
import { readFolder, readFolders } from './tree-walk.ts'

/** A path at which two trees differ; the side without a file there is left out. */
export interface TreeDifference {
  readonly path: string
  readonly before?: TreeEntry
  readonly after?: TreeEntry
}

interface Pair {
  readonly name: string
  readonly before: TreeEntry | undefined
  readonly after: TreeEntry | undefined
}

/**
 * Compares two trees file by file; reads only the folders that differ.
 *
 * A file that became a folder is the file's removal and the addition of each file in the folder.
 *
 * @throws GIT_OBJECT_MISSING
 */
export async function* diffTrees(
  objects: ObjectReader,
  beforeOid: Oid | undefined,
  afterOid: Oid | undefined
): AsyncGenerator<TreeDifference> {
  if (beforeOid === afterOid) return
  const before = beforeOid === undefined ? [] : await readFolder(objects, beforeOid)
  const after = afterOid === undefined ? [] : await readFolder(objects, afterOid)
  const stack: Level[] = [await openLevel(objects, before, after, '')]
  for (let level = stack.at(-1); level !== undefined; level = stack.at(-1)) {
    const pair = level.pairs[level.at++]
    if (pair === undefined) {
      stack.pop()
      continue
    }
    const path = level.above + pair.name
    const fileBefore = isFolderEntry(pair.before) ? undefined : pair.before
    const fileAfter = isFolderEntry(pair.after) ? undefined : pair.after
    if (fileBefore !== undefined || fileAfter !== undefined) {
      yield {
        path,
        ...(fileBefore === undefined ? {} : { before: fileBefore }),
        ...(fileAfter === undefined ? {} : { after: fileAfter })
      }
    }
    if (isFolderEntry(pair.before) || isFolderEntry(pair.after)) {
      const { entriesOf } = level
      stack.push(
        await openLevel(objects, entriesOf(pair.before), entriesOf(pair.after), `${path}/`)
      )
    }
  }
}

/** A folder that is being compared, and how far that has come. */
interface Level {
  readonly pairs: readonly Pair[]
  readonly above: string
  readonly entriesOf: (entry: TreeEntry | undefined) => readonly TreeEntry[]
  at: number
}

async function openLevel(
  objects: ObjectReader,
  before: readonly TreeEntry[],
  after: readonly TreeEntry[],
  above: string
): Promise<Level> {
  const pairs = pairEntries(before, after)
  const folders = await readFolders(
    objects,
    pairs.flatMap((pair) => [pair.before, pair.after].filter(isFolderEntry).map((e) => e.oid))
  )
  const entriesOf = (entry: TreeEntry | undefined): readonly TreeEntry[] =>
    isFolderEntry(entry) ? folders(entry.oid) : []
  return { pairs, above, entriesOf, at: 0 }
}

/** Pairs the entries of two folders by name and leaves out equal ones. */
function pairEntries(before: readonly TreeEntry[], after: readonly TreeEntry[]): readonly Pair[] {
  const olds = new Map(before.map((entry) => [entry.name, entry]))
  const pairs: Pair[] = []
  for (const entry of after) {
    const old = olds.get(entry.name)
    olds.delete(entry.name)
    if (old?.oid === entry.oid && old.mode === entry.mode) continue
    pairs.push({ name: entry.name, before: old, after: entry })
  }
  for (const entry of olds.values()) {
    pairs.push({ name: entry.name, before: entry, after: undefined })
  }
  return pairs
}

function isFolderEntry(entry: TreeEntry | undefined): entry is TreeEntry {
  return entry !== undefined && isFolder(entry)
}
