import { compareBytes, equalBytes } from '../base/bytes.ts'
import { isCoded } from '../base/errors.ts'
import { equalJson } from '../base/json.ts'
import { mergeRecords } from '../format/merge-record.ts'
import { parseRecord } from '../format/record.ts'
import { mergeParts } from '../format/series.ts'
import { findBadStamp } from '../format/stamp.ts'
import { isFolder, type TreeTarget } from '../git/tree.ts'
import { modelErrors } from '../model/errors.ts'
import type { Kind, RecordOfKind } from '../model/kinds.ts'
import type { EditableRecord } from '../model/records.ts'
import { storeErrors } from './errors.ts'
import { isUnchanged, type MergeContext, type Sides } from './merge-context.ts'

/** What two versions of a record come to: one of the files as it is, or a record to be written. */
export type MergedRecord<K extends Kind> =
  | { readonly target: TreeTarget }
  | { readonly record: RecordOfKind[K] }

/**
 * Merges a record that both sides have: the side that changed it, or the join of both.
 *
 * A record that cannot be read gives way to one that can.
 *
 * @throws STORE_MERGE_TOO_NEW if both sides changed it and this program does not know its schema.
 */
export async function mergeRecordFiles<K extends Kind>(
  context: MergeContext,
  kind: K,
  path: string,
  sides: Sides
): Promise<MergedRecord<K>> {
  const [ours, theirs] = [sides.ours as TreeTarget, sides.theirs as TreeTarget]
  if (isUnchanged(ours, sides)) return { target: theirs }
  if (isUnchanged(theirs, sides)) return { target: ours }
  const one = await readRecord(context, kind, path, ours)
  const other = await readRecord(context, kind, path, theirs)
  if (one === undefined || other === undefined) {
    if (one !== undefined) return { target: ours }
    if (other !== undefined) return { target: theirs }
    return { target: await greaterFile(context, ours, theirs) }
  }
  const record = mergeRecords(kind, one, other)
  reportConflicts(context, path, record, [one, other])
  return { record }
}

/** How a record is read. */
export interface ReadRecordOptions {
  /** Whether one of a newer schema counts as damaged. Default: false. */
  readonly tolerant?: boolean
}

/** Reads a record; `undefined` if it is damaged. @throws STORE_MERGE_TOO_NEW */
export async function readRecord<K extends Kind>(
  context: MergeContext,
  kind: K,
  path: string,
  target: TreeTarget | undefined,
  options: ReadRecordOptions = {}
): Promise<RecordOfKind[K] | undefined> {
  const isTolerant = context.lenient || options.tolerant === true
  if (target === undefined || isFolder(target)) return undefined
  try {
    const record = await parseRecord(kind, await context.readBlob(target.oid), path)
    return findBadStamp(record as Partial<EditableRecord>) === undefined ? record : undefined
  } catch (error) {
    if (modelErrors.is(error, 'MODEL_SCHEMA_TOO_NEW') && !isTolerant) {
      const { version, known } = error.data
      throw storeErrors.create('STORE_MERGE_TOO_NEW', { path, version, known }, error)
    }
    if (isCoded(error) && /^(MODEL|FORMAT)_/.test(error.code)) return undefined
    throw error
  }
}

/** Merges a part that both sides have: it only grows, so the longer is right. */
export async function mergePartFiles(context: MergeContext, sides: Sides): Promise<TreeTarget> {
  const [ours, theirs] = [sides.ours as TreeTarget, sides.theirs as TreeTarget]
  const one = await context.readBlob(ours.oid)
  const merged = mergeParts(one, await context.readBlob(theirs.oid))
  return equalBytes(merged, one) ? ours : theirs
}

/** Merges a file of no meaning here: the side that changed it, else the greater by length and bytes. */
export async function mergePlainFiles(context: MergeContext, sides: Sides): Promise<TreeTarget> {
  const [ours, theirs] = [sides.ours as TreeTarget, sides.theirs as TreeTarget]
  if (isUnchanged(ours, sides)) return theirs
  if (isUnchanged(theirs, sides)) return ours
  return greaterFile(context, ours, theirs)
}

async function greaterFile(
  context: MergeContext,
  a: TreeTarget,
  b: TreeTarget
): Promise<TreeTarget> {
  // A submodule's commit lies elsewhere; and of equal contents only the modes differ.
  if (a.oid === b.oid || a.mode === '160000' || b.mode === '160000') {
    return `${a.mode} ${a.oid}` > `${b.mode} ${b.oid}` ? a : b
  }
  const [one, other] = [await context.readBlob(a.oid), await context.readBlob(b.oid)]
  return (one.length - other.length || compareBytes(one, other)) > 0 ? a : b
}

/** Notes fields that are contested as they were on neither side. */
function reportConflicts(
  context: MergeContext,
  path: string,
  merged: object,
  sides: readonly object[]
): void {
  const { conflicts = {} } = merged as Partial<EditableRecord>
  for (const [fieldPath, values] of Object.entries(conflicts)) {
    const isOld = sides.some((side) =>
      equalJson((side as Partial<EditableRecord>).conflicts?.[fieldPath], values)
    )
    if (!isOld) context.conflicts.push({ path, fieldPath })
  }
}
