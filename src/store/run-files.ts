import type { JsonObject } from '../base/json.ts'
import { folderOf, partOf, pathOf } from '../format/paths.ts'
import { parseRecord } from '../format/record.ts'
import { parseRows } from '../format/rows.ts'
import { parseSeries } from '../format/series.ts'
import type { WriterPoints } from '../format/summary.ts'
import type { KeyOf } from '../model/kinds.ts'
import type { ResultRecord } from '../model/records.ts'
import type { View } from './view.ts'

type RunKey = KeyOf<'run'>

/** Rows of a result that one writer wrote into one part. */
export interface WriterRows {
  readonly writer: string
  readonly number: number
  readonly rows: readonly JsonObject[]
}

/** Text that one writer wrote into one part of the log. */
export interface WriterText {
  readonly writer: string
  readonly number: number
  readonly bytes: Uint8Array
}

/** Reads the points of a run. */
export async function readSeriesParts(view: View, run: RunKey): Promise<readonly WriterPoints[]> {
  const parts: WriterPoints[] = []
  for await (const { writer, number, bytes } of readParts(view, `${folderOf(run)}/series`)) {
    parts.push({ writer, number, points: parseSeries(bytes).points })
  }
  return parts
}

/** Reads the rows of a result; `undefined` if the run has no result of that name. */
export async function readRowParts(
  view: View,
  run: RunKey,
  name: string
): Promise<readonly WriterRows[] | undefined> {
  const key: KeyOf<'result'> = { ...run, kind: 'result', name }
  const header = await view.file(pathOf(key))
  if (header === undefined) return undefined
  const { columns } = await parseRecord('result', header, pathOf(key))
  const parts: WriterRows[] = []
  for await (const { writer, number, bytes } of readParts(view, folderOf(key))) {
    parts.push({ writer, number, rows: parseRows(bytes, columns).rows })
  }
  return parts
}

/** A result, with its rows part by part. */
export interface OpenedResult {
  readonly record: ResultRecord
  parts(): AsyncIterable<Uint8Array>
}

/** Opens a result to read it in pieces; `undefined` if the run has no result of that name. */
export async function openResult(
  view: View,
  run: RunKey,
  name: string
): Promise<OpenedResult | undefined> {
  const key: KeyOf<'result'> = { kind: 'result', experiment: run.experiment, run: run.run, name }
  const header = await view.file(pathOf(key))
  if (header === undefined) return undefined
  return {
    record: await parseRecord('result', header, pathOf(key)),
    async *parts() {
      for await (const { bytes } of readParts(view, folderOf(key))) yield bytes
    }
  }
}

/** Reads the text of a run, writer by writer. */
export async function readLogParts(view: View, run: RunKey): Promise<readonly WriterText[]> {
  const parts: WriterText[] = []
  for await (const part of readParts(view, `${folderOf(run)}/log`)) parts.push(part)
  return parts
}

async function* readParts(view: View, folder: string): AsyncGenerator<WriterText> {
  for await (const { path, bytes } of view.files(folder)) {
    const part = partOf(path)
    if (part === undefined || !('writer' in part)) continue
    yield { writer: part.writer, number: part.number, bytes }
  }
}
