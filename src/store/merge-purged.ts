import { parseRecord } from '../format/record.ts'
import { readTyped } from '../git/object-read.ts'
import type { ObjectReader } from '../git/object-store.ts'
import { isOid, type Oid } from '../git/objects.ts'
import type { TreeTarget } from '../git/tree.ts'
import { listFolder, readPath } from '../git/tree-walk.ts'
import { isSame, type MergeContext, type Sides } from './merge-context.ts'
import { readRecord } from './merge-files.ts'
import { isAtOrBelow } from './merge-place.ts'

/**
 * Paths that one side's `purged.yaml` lists and the other's does not: the other has not heard of the
 * purge, so what it has there goes. What the side that knows of it has there was made afterwards.
 */
export interface PurgedPaths {
  readonly fromOurs: readonly string[]
  readonly fromTheirs: readonly string[]
  readonly all: readonly string[]
}

export const NOTHING_PURGED: PurgedPaths = { fromOurs: [], fromTheirs: [], all: [] }

/** Reads which paths of an experiment are to go from which side. */
export async function readPurged(
  context: MergeContext,
  experimentFolder: string,
  sides: Sides
): Promise<PurgedPaths> {
  const [ours, theirs] = [
    await context.find(sides.ours, 'purged.yaml'),
    await context.find(sides.theirs, 'purged.yaml')
  ]
  if (isSame(ours, theirs)) return NOTHING_PURGED
  const [one, other] = [
    await readPaths(context, experimentFolder, ours),
    await readPaths(context, experimentFolder, theirs)
  ]
  const fromOurs = other.filter((path) => !one.includes(path))
  const fromTheirs = one.filter((path) => !other.includes(path))
  return { fromOurs, fromTheirs, all: [...fromOurs, ...fromTheirs] }
}

/** Leaves out what a side has at a path that was purged without its knowledge. */
export function dropPurged(path: string, sides: Sides, purged: PurgedPaths): Sides {
  const isIn = (paths: readonly string[]): boolean =>
    paths.some((folder) => isAtOrBelow(path, folder))
  return {
    ours: isIn(purged.fromOurs) ? undefined : sides.ours,
    theirs: isIn(purged.fromTheirs) ? undefined : sides.theirs,
    bases: sides.bases
  }
}

async function readPaths(
  context: MergeContext,
  experimentFolder: string,
  target: TreeTarget | undefined
): Promise<readonly string[]> {
  const record = await readRecord(context, 'purged', `${experimentFolder}/purged.yaml`, target)
  return record?.paths ?? []
}

/** Lists the heads that a tree says were replaced by a purge. @throws GIT_OBJECT_MISSING */
export async function readPurgedHeads(
  objects: Pick<ObjectReader, 'read'>,
  treeOid: Oid
): Promise<readonly Oid[]> {
  const heads: Oid[] = []
  for (const { name } of (await listFolder(objects, treeOid, 'experiments')) ?? []) {
    const path = `experiments/${name}/purged.yaml`
    const target = await readPath(objects, treeOid, path)
    if (target === undefined) continue
    const { bytes } = await readTyped(objects, target.oid, 'blob')
    const purged = await parseRecord('purged', bytes, path)
    heads.push(...purged.heads.filter(isOid))
  }
  return heads
}
