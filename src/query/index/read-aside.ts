import type { RunReader } from '../../base/run-reader.ts'
import { pathOf } from '../../format/paths.ts'
import type { Oid } from '../../git/objects.ts'
import { isFolder } from '../../git/tree.ts'
import { readFolders } from '../../git/tree-walk.ts'
import { isRunId } from '../../model/identifier.ts'
import type { View } from '../../store/view.ts'
import { RUN_RECORDS } from './indexed-records.ts'
import { lastName, listInside, type Place } from './refresh.ts'
import { packOids, packRuns } from './run-names.ts'

/** Fewer runs are read at once before somebody else is asked. */
const MIN_RUNS = 500
/** How many folders of runs are read at a time. */
const BATCH = 1024

/**
 * Has the index of an experiment made by who read its runs while they came; returns the file, which may lack
 * some of them. It is `undefined` if nothing was read.
 *
 * @throws what reading the folders throws.
 */
export async function readAside(
  reader: RunReader,
  view: View,
  experiment: string
): Promise<Uint8Array | undefined> {
  if (!reader.hasRuns) return undefined
  const root = await view.entry(`experiments/${experiment}/runs`)
  if (root === undefined || !isFolder(root)) return undefined
  const upper = await listInside(view, [{ path: '', oid: root.oid }])
  const lower = await listInside(view, upper)
  const places = await listInside(view, lower)
  if (places.length < MIN_RUNS) return undefined
  const runs: string[] = []
  const treeOids: Oid[] = []
  const recordOids: Oid[] = []
  for (let at = 0; at < places.length; at += BATCH) {
    const some = places.slice(at, at + BATCH)
    const contents = await readFolders(
      view.objects,
      some.map(({ oid }) => oid)
    )
    for (const { path, oid } of some) {
      const run = lastName(path)
      const record = contents(oid).find(({ name }) => name === RUN_RECORDS.file)
      // What is out of place or order is looked at by who reads every run.
      if (record === undefined || !isPlaceOf(run, path)) return undefined
      if (run <= (runs.at(-1) ?? '')) return undefined
      runs.push(run)
      treeOids.push(oid)
      recordOids.push(record.oid)
    }
  }
  return reader.index({
    experiment,
    treeOid: root.oid,
    folders: Object.fromEntries([...upper, ...lower].map(({ path, oid }: Place) => [path, oid])),
    runs: packRuns(runs),
    treeOids: packOids(treeOids),
    recordOids: packOids(recordOids)
  })
}

function isPlaceOf(run: string, path: string): boolean {
  return isRunId(run) && pathOf({ kind: 'run', experiment: '', run }).endsWith(`/${path}/run.yaml`)
}
