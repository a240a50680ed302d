import { summarizeResult as summarizeRows, summarizeRun } from '../format/merge-summaries.ts'
import { folderOf, type PartOf, partOf } from '../format/paths.ts'
import { joinColumns } from '../format/rows.ts'
import { parseSeries, type WriterPoints } from '../format/series.ts'
import type { KeyOf } from '../model/kinds.ts'
import type { MetricSummary, ResultRecord, RunRecord } from '../model/records.ts'
import type { Transaction } from './transaction.ts'
import type { View } from './view.ts'

/** Where the parts of a run are looked for. */
export interface PartsSource {
  readonly key: KeyOf<'run'>
  readonly transaction: Transaction
  /** The run as it is committed; the transaction adds what it wrote. */
  readonly view: View | undefined
  /** Paths that the transaction wrote. */
  readonly written: Iterable<string>
}

/** Sums up the series of all writers of a run; metrics without any point stay as they are. */
export async function summarizeMetrics(
  source: PartsSource,
  record: RunRecord
): Promise<{ readonly [metric: string]: MetricSummary }> {
  const parts: WriterPoints[] = []
  for (const { part, bytes } of await readParts(source, `${folderOf(source.key)}/series`)) {
    if (part.part !== 'series') continue
    parts.push({ writer: part.writer, number: part.number, points: parseSeries(bytes).points })
  }
  return summarizeRun(record, parts).metrics ?? {}
}

/** Returns a result's header for the rows of all writers. */
export async function summarizeResult(
  source: PartsSource,
  result: KeyOf<'result'>,
  { columns = [], key }: Pick<ResultRecord, 'columns' | 'key'>,
  created: string
): Promise<ResultRecord> {
  const known = await source.transaction.read<'result'>(result)
  const joined = joinColumns(known?.columns ?? [], columns)
  const rows: Uint8Array[] = []
  for (const { part, bytes } of await readParts(source, folderOf(result))) {
    if (part.part === 'rows') rows.push(bytes)
  }
  const header = known ?? {
    schema: 'result/1',
    created,
    name: result.name,
    rows: 0,
    ...(key === undefined ? {} : { key })
  }
  return summarizeRows({ ...header, columns: joined }, rows)
}

async function readParts(
  { key, transaction, view, written }: PartsSource,
  folder: string
): Promise<readonly { readonly part: PartOf; readonly bytes: Uint8Array }[]> {
  const paths = new Set<string>()
  for (const path of written) if (path.startsWith(`${folder}/`)) paths.add(path)
  for (const { name } of (await view?.folder(folder)) ?? []) paths.add(`${folder}/${name}`)
  const parts: { part: PartOf; bytes: Uint8Array }[] = []
  for (const path of [...paths].sort()) {
    const part = partOf(path)
    const bytes = part && (await transaction.readFile(key, path))
    if (part && bytes) parts.push({ part, bytes })
  }
  return parts
}
