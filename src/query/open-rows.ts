import { isRunId } from '../model/identifier.ts'
import { indexCacheOf } from './index/index-cache.ts'
import { createIndexRows } from './index/index-rows.ts'
import { isIndexed } from './index/run-index.ts'
import type { FieldPath } from './language/filter.ts'
import { neededFor } from './related.ts'
import type { LoadedRun, RowSet } from './row-set.ts'
import { createRows, liveRunsOf, type QueryScope, readLiveRun, scanRuns } from './scan.ts'

/**
 * Opens the runs of a scope for a question about some fields: by the index of the experiment, with those
 * in progress as they are now, or, where the index doesn't know enough, by reading every run.
 */
export async function openRows(
  scope: QueryScope,
  fields: readonly FieldPath[],
  nowMs: number
): Promise<readonly RowSet[]> {
  const needs = neededFor(fields)
  const { below, isNow } = scope
  const isWhole = below.kind === 'experiment'
  if (isWhole && isNow && needs.size === 0 && fields.every(isIndexed)) {
    const sets = await openIndexed(scope, below.experiment, nowMs)
    if (sets !== undefined) return sets
  }
  return [await scanRuns(scope, needs, nowMs)]
}

/** Opens the index of an experiment; `undefined` if its folders can't all be read. */
async function openIndexed(
  scope: QueryScope,
  experiment: string,
  nowMs: number
): Promise<readonly RowSet[] | undefined> {
  const { store, view } = scope
  const live = await liveRunsOf(scope)
  const opened = await indexCacheOf(store, experiment)
    .open(view)
    .catch(() => undefined)
  if (opened === undefined) return undefined
  const { index, damaged } = opened
  for (const damage of damaged) scope.onDamaged(damage)
  const elsewhere = new Set<number>()
  const fresh: LoadedRun[] = []
  const status = [...index.columns].find(({ name }) => name === 'status')
  for (const run of live) {
    const row = isRunId(run) ? index.rowOf(run) : undefined
    if (row === undefined || status?.get(row) !== 'running') continue
    const found = await readLiveRun(store, { kind: 'run', experiment, run })
    if (found === undefined) continue
    elsewhere.add(row)
    fresh.push(found)
  }
  const rows = createIndexRows(store, view, experiment, index, elsewhere, nowMs)
  return fresh.length === 0 ? [rows] : [rows, await createRows(scope, fresh, new Set(), nowMs)]
}
