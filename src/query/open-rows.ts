import { indexCachesOf } from './index/index-cache.ts'
import { readIndexRelated } from './index/index-related.ts'
import { createIndexRows } from './index/index-rows.ts'
import { EVERYTHING, type WantedField } from './index/index-snapshot.ts'
import { isIndexed } from './index/indexed-records.ts'
import { neededFor } from './related.ts'
import type { LoadedRun, RowSet, WantedFields } from './row-set.ts'
import { createRows, liveRunsOf, type QueryScope, readLiveRun, scanRuns } from './scan.ts'

/**
 * Opens the runs of a scope for a question about some fields: by the index of the experiment, with those
 * in progress as they are now, or, where the index doesn't know enough, by reading every run.
 */
export async function openRows(
  scope: QueryScope,
  wanted: WantedFields,
  nowMs: number,
  cachesOf = indexCachesOf
): Promise<readonly RowSet[]> {
  const { below, isNow } = scope
  if (below.kind === 'experiment' && isNow && wanted.fields.every(isIndexed)) {
    const sets = await openIndexed(scope, below.experiment, wanted, nowMs, cachesOf)
    if (sets !== undefined) return sets
  }
  return [await scanRuns(scope, neededFor(wanted.fields), nowMs)]
}

/** Opens the index of an experiment; `undefined` if its folders can't all be read. */
async function openIndexed(
  scope: QueryScope,
  experiment: string,
  { fields, maps, all = false }: WantedFields,
  nowMs: number,
  cachesOf: typeof indexCachesOf
): Promise<readonly RowSet[] | undefined> {
  const { store, view } = scope
  const needs = neededFor(fields)
  const caches = cachesOf(store, experiment)
  const live = [...(await liveRunsOf(scope))]
  const wanted: readonly WantedField[] = [
    ...fields.map((field) => ({ field, raw: false })),
    ...maps.map((field) => ({ field, raw: true })),
    ...(all ? [EVERYTHING] : []),
    ...['status', 'execution'].map((name) => ({ field: [name], raw: false }))
  ]
  try {
    const { result, damaged } = await caches.run.open(view, wanted, (snapshot) => ({
      snapshot,
      rows: live.map((run) => snapshot.index.rowOf(run))
    }))
    for (const damage of damaged) scope.onDamaged(damage)
    const { snapshot, rows } = result
    const [status] = snapshot.columnsOf(['status'], false)
    const elsewhere = new Set<number>()
    const fresh: LoadedRun[] = []
    for (const [at, run] of live.entries()) {
      const row = rows[at]
      if (row === undefined || status?.get(row) !== 'running') continue
      const found = await readLiveRun(store, { kind: 'run', experiment, run })
      if (found === undefined) continue
      elsewhere.add(row)
      fresh.push(found)
    }
    const related = await readIndexRelated(
      scope,
      experiment,
      snapshot,
      needs,
      wanted,
      caches.environment
    )
    const set = createIndexRows(scope, experiment, snapshot, related, elsewhere, nowMs)
    return fresh.length === 0 ? [set] : [set, await createRows(scope, fresh, needs, nowMs)]
  } catch (error) {
    if (error instanceof TypeError) throw error
    return undefined
  }
}
