import { compareCodePoints } from '../base/bytes.ts'
import { equalJson } from '../base/json.ts'
import { summarizeResult, summarizeRun } from '../format/merge-summaries.ts'
import { partOf } from '../format/paths.ts'
import { parseSeries, type WriterPoints } from '../format/series.ts'
import type { TreeTarget } from '../git/tree.ts'
import { isSame, type MergeContext, type Sides } from './merge-context.ts'
import { readRecord } from './merge-files.ts'

type Entries = Map<string, TreeTarget>

/** Brings the metrics in a merged run's record up to its merged series. */
export async function finishRun(
  context: MergeContext,
  path: string,
  sides: Sides,
  entries: Entries
): Promise<void> {
  const [ours, theirs] = [
    await context.readEntries(sides.ours),
    await context.readEntries(sides.theirs)
  ]
  const names = ['run.yaml', 'series']
  if (hasSame(ours, theirs, ['series'])) return
  if (hasSame(entries, ours, names) || hasSame(entries, theirs, names)) return
  const target = entries.get('run.yaml')
  const run = await readRecord(context, 'run', `${path}/run.yaml`, target, { tolerant: true })
  if (run === undefined) return
  const parts: WriterPoints[] = []
  for (const [name, { oid }] of await context.readEntries(entries.get('series'))) {
    const part = partOf(`${path}/series/${name}`)
    if (part?.part !== 'series') continue
    const { writer, number } = part
    parts.push({ writer, number, points: parseSeries(await context.readBlob(oid)).points })
  }
  const summarized = summarizeRun(run, parts)
  if (equalJson(run.metrics, summarized.metrics)) return
  entries.set('run.yaml', context.writeRecord('run', summarized))
}

/** Brings the header of a merged result up to its merged rows. */
export async function finishResult(
  context: MergeContext,
  path: string,
  sides: Sides,
  entries: Entries
): Promise<void> {
  const [ours, theirs] = [
    await context.readEntries(sides.ours),
    await context.readEntries(sides.theirs)
  ]
  const isRows = (name: string): boolean => partOf(`${path}/${name}`)?.part === 'rows'
  const parts = [...new Set([...ours.keys(), ...theirs.keys()])].filter(isRows)
  const names = ['result.yaml', ...parts]
  if (hasSame(ours, theirs, parts)) return
  if (hasSame(entries, ours, names) || hasSame(entries, theirs, names)) return
  const target = entries.get('result.yaml')
  const options = { tolerant: true }
  const result = await readRecord(context, 'result', `${path}/result.yaml`, target, options)
  if (result === undefined) return
  const rows: Uint8Array[] = []
  for (const name of parts.sort(compareCodePoints)) {
    const part = entries.get(name)
    if (part !== undefined) rows.push(await context.readBlob(part.oid))
  }
  const summarized = summarizeResult(result, rows)
  if (equalJson(result, summarized)) return
  entries.set('result.yaml', context.writeRecord('result', summarized))
}

function hasSame(
  a: ReadonlyMap<string, TreeTarget>,
  b: ReadonlyMap<string, TreeTarget>,
  names: readonly string[]
): boolean {
  return names.every((name) => isSame(a.get(name), b.get(name)))
}
