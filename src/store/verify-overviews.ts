import { isCoded } from '../base/errors.ts'
import { removedMetricsOf } from '../format/merge-summaries.ts'
import { isOverviewOf } from '../format/overview-check.ts'
import { folderOf, keyOfPath, overviewPath, seriesPartOf } from '../format/paths.ts'
import { SeriesReader, sortParts } from '../format/series-columns.ts'
import { parseOverview, treeOfOverview } from '../format/series-overview.ts'
import { readTyped } from '../git/object-read.ts'
import { walkTree } from '../git/tree-walk.ts'
import type { KeyOf } from '../model/kinds.ts'
import type { ProjectStore } from './project-store.ts'
import type { View } from './view.ts'

type RunKey = KeyOf<'run'>

const OVERVIEW = 'overview.tsv'

/** Returns the run of whose series a path is the overview; `undefined` for other paths. */
export function runOfOverview(path: string): RunKey | undefined {
  const key = path.endsWith(`/${OVERVIEW}`)
    ? keyOfPath(`${path.slice(0, -OVERVIEW.length)}run.yaml`)
    : undefined
  return key?.kind === 'run' && overviewPath(key) === path ? key : undefined
}

/**
 * Tells whether an overview says what the series say, as far as it says anything of them, and they can be read: what
 * is missing or damaged is told of as such.
 */
export async function isOverviewRight(
  view: View,
  key: RunKey,
  bytes: Uint8Array
): Promise<boolean> {
  try {
    return await compare(view, key, bytes)
  } catch (error) {
    if (isCoded(error)) return true
    throw error
  }
}

async function compare(view: View, key: RunKey, bytes: Uint8Array): Promise<boolean> {
  const folder = `${folderOf(key)}/series`
  if (treeOfOverview(bytes) !== (await view.treeOf(folder))) return true
  const overview = parseOverview(bytes)
  if (overview === undefined) return false
  const record = await view.record<'run'>(key)
  const removed = record === undefined ? {} : removedMetricsOf(record)
  if (overview.columns.some(({ metric }) => Object.hasOwn(removed, metric))) return true
  const parts: { readonly writer: string; readonly number: number; readonly oid: string }[] = []
  for await (const { path, oid } of walkTree(view.objects, view.treeOid, { prefix: folder })) {
    const part = seriesPartOf(path.slice(path.lastIndexOf('/') + 1))
    if (part !== undefined) parts.push({ ...part, oid })
  }
  // One after the other: only the columns are held as a whole.
  const reader = new SeriesReader()
  for (const { oid } of sortParts(parts)) {
    reader.add((await readTyped(view.objects, oid, 'blob')).bytes)
  }
  return isOverviewOf(overview.columns, reader.found())
}

/** Makes those of the overviews of a branch anew that say what the series don't. */
export async function mendOverviews(
  store: ProjectStore,
  ref: string,
  paths: readonly string[]
): Promise<void> {
  const { writeOverview } = await import('./series-overview.ts')
  await store.transact([ref], 'repair', async (transaction) => {
    for (const path of paths) {
      const key = runOfOverview(path)
      if (key === undefined) continue
      transaction.removeFile(key, path)
      await writeOverview(transaction, key)
    }
  })
}
