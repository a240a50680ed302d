import { formatHex } from '../base/bytes.ts'
import { folderOf } from '../format/paths.ts'
import {
  type ReadSeriesOptions,
  type SeriesColumns,
  selectSeries
} from '../format/series-columns.ts'
import {
  formatSeriesFile,
  isSeriesFile,
  parseSeriesFile,
  type StoredSeries
} from '../format/series-file.ts'
import type { ObjectReader } from '../git/object-store.ts'
import type { Oid } from '../git/objects.ts'
import type { KeyOf } from '../model/kinds.ts'
import type { ProjectStore } from './project-store.ts'
import { readSeriesText } from './series-parts.ts'
import { readFiles, type View } from './view.ts'

const ENDING = '.columns'

/** How series are read. */
export interface ReadColumnsOptions extends ReadSeriesOptions {
  readonly signal?: AbortSignal
  /** Less text than this is read as fast as a file of columns is looked after. Default: 2,000,000. */
  readonly minTextBytes?: number
  /** What files of a project may have; those that were asked for longest ago go. Default: 256,000,000. */
  readonly maxBytes?: number
}

/**
 * Reads the points of a run that count as columns, one set for each metric and split. Those of a long series lie
 * in a file beside the history, from when the run ended or they were read first; what can't be read or written
 * there is as if it were not.
 */
export async function readSeriesColumns(
  store: ProjectStore,
  view: View,
  run: KeyOf<'run'>,
  options: ReadColumnsOptions = {}
): Promise<readonly SeriesColumns[]> {
  const folder = `${folderOf(run)}/series`
  const treeOid = await view.treeOf(folder)
  const kept = treeOid === undefined ? undefined : await load(store, treeOid)
  if (kept !== undefined) return selectSeries(kept, options)
  const parts = await view.filesAtOnce(folder)
  options.signal?.throwIfAborted()
  const sizeBytes = parts.reduce((sum, { bytes }) => sum + bytes.length, 0)
  const { minTextBytes = 2_000_000 } = options
  if (treeOid === undefined || sizeBytes < minTextBytes) {
    return readSeriesText(parts, options).reader.columns()
  }
  const columns = readSeriesText(parts).reader.found()
  await keepSeriesColumns(store, { treeOid, columns }, options)
  return selectSeries(columns, options)
}

/** Removes the columns of series that are not in the repository any more. */
export async function dropSeriesColumns(store: ProjectStore): Promise<void> {
  for (const { path, treeOid } of await list(store)) {
    if (!(await store.repository.local.has(treeOid))) await store.host.files.remove(path)
  }
}

/** Compares the files of columns with the text that they were read from; returns the paths of those that are damaged. */
export async function findDamagedSeries(
  store: ProjectStore,
  objects: ObjectReader
): Promise<readonly string[]> {
  const { files, platform } = store.host
  const damaged: string[] = []
  for (const { path, treeOid } of await list(store)) {
    const bytes = await files.read(path)
    if (bytes === undefined || !isSeriesFile(bytes)) continue
    const text = await readFiles(objects, treeOid, '').catch(() => undefined)
    const stored = parseSeriesFile(bytes, platform.hash)
    const isWhole = stored?.treeOid === treeOid
    if (!isWhole || (text && !areEqual(stored.columns, readSeriesText(text).reader.found())))
      damaged.push(path)
  }
  return damaged
}

async function load(
  store: ProjectStore,
  treeOid: Oid
): Promise<readonly SeriesColumns[] | undefined> {
  const { files, platform } = store.host
  const path = `${folderIn(store)}/${treeOid}${ENDING}`
  const bytes = await files.read(path).catch(() => undefined)
  const stored = bytes && parseSeriesFile(bytes, platform.hash)
  if (stored?.treeOid !== treeOid) return undefined
  await files.touch(path).catch(() => false)
  return stored.columns
}

/** Writes a file of columns beside and gives it its name; it never changes from then on. */
export async function keepSeriesColumns(
  store: ProjectStore,
  series: StoredSeries,
  { maxBytes = 256_000_000 }: Pick<ReadColumnsOptions, 'maxBytes'> = {}
): Promise<void> {
  const { files, platform } = store.host
  const folder = folderIn(store)
  // What a killed process leaves here is swept with the rest of the cache.
  const temporary = `${store.folder}/runtree/cache/${formatHex(platform.random.bytes(10))}.tmp`
  try {
    const bytes = formatSeriesFile(series, platform.hash)
    if (bytes.length > maxBytes) return
    await files.makeFolder(folder)
    await makeRoom(store, maxBytes - bytes.length)
    await files.create(temporary, bytes)
    await files.rename(temporary, `${folder}/${series.treeOid}${ENDING}`)
  } catch {
    await files.remove(temporary).catch(() => false)
  }
}

async function makeRoom(store: ProjectStore, maxBytes: number): Promise<void> {
  const { files } = store.host
  const kept: { readonly path: string; readonly sizeBytes: number; readonly atMs: number }[] = []
  for (const { path } of await list(store)) {
    const stat = await files.stat(path)
    if (stat !== undefined) kept.push({ path, sizeBytes: stat.sizeBytes, atMs: stat.modifiedMs })
  }
  let size = kept.reduce((sum, file) => sum + file.sizeBytes, 0)
  for (const file of kept.sort((a, b) => a.atMs - b.atMs)) {
    if (size <= maxBytes) break
    await files.remove(file.path)
    size -= file.sizeBytes
  }
}

async function list(
  store: ProjectStore
): Promise<readonly { readonly path: string; readonly treeOid: Oid }[]> {
  const folder = folderIn(store)
  return ((await store.host.files.list(folder)) ?? [])
    .filter(({ name }) => name.endsWith(ENDING))
    .map(({ name }) => ({ path: `${folder}/${name}`, treeOid: name.slice(0, -ENDING.length) }))
}

function folderIn({ folder }: ProjectStore): string {
  return `${folder}/runtree/cache/series`
}

function areEqual(one: readonly SeriesColumns[], other: readonly SeriesColumns[]): boolean {
  const isSame = (a: Float64Array, b: Float64Array | undefined): boolean =>
    a.length === b?.length && a.every((number, at) => Object.is(number, b[at]))
  return (
    one.length === other.length &&
    one.every((column, at) => {
      const match = other[at]
      return (
        column.metric === match?.metric &&
        column.split === match.split &&
        isSame(column.steps, match.steps) &&
        isSame(column.times, match.times) &&
        isSame(column.values, match.values)
      )
    })
  )
}
