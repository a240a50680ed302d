import { folderOf, overviewPath } from '../format/paths.ts'
import type { RemovedMetrics } from '../format/series.ts'
import type { StoredSeries } from '../format/series-file.ts'
import { formatOverview, type OverviewColumns, parseOverview } from '../format/series-overview.ts'
import type { KeyOf } from '../model/kinds.ts'
import { readSeriesText } from './series-parts.ts'
import type { Transaction } from './transaction.ts'
import type { View } from './view.ts'

type RunKey = KeyOf<'run'>

/** Writes the overview of a run's series, if it is worth one; returns the series. */
export async function writeOverview(
  transaction: Transaction,
  key: RunKey
): Promise<StoredSeries | undefined> {
  const view = await transaction.view(key)
  const folder = `${folderOf(key)}/series`
  const treeOid = await view.treeOf(folder)
  if (treeOid === undefined) return undefined
  const { reader, sizeBytes } = readSeriesText(await view.filesAtOnce(folder))
  const columns = reader.found()
  const overview = formatOverview(treeOid, columns, sizeBytes)
  if (overview !== undefined) transaction.writeFile(key, overviewPath(key), overview)
  return { treeOid, columns }
}

/**
 * Reads the overview of a run's series; `undefined` if there is none of the series as they are, with what else was
 * logged and removed.
 */
export async function readOverview(
  view: View,
  key: RunKey,
  removed: RemovedMetrics
): Promise<readonly OverviewColumns[] | undefined> {
  const treeOid = await view.treeOf(`${folderOf(key)}/series`)
  const bytes = treeOid === undefined ? undefined : await view.file(overviewPath(key))
  const overview = bytes && parseOverview(bytes)
  if (overview?.treeOid !== treeOid) return undefined
  const isRemoved = overview?.columns.some(({ metric }) => Object.hasOwn(removed, metric))
  return isRemoved ? undefined : overview?.columns
}
