import { replaceRecord } from '../format/edit.ts'
import { keyOfPath, removedPathsOf } from '../format/paths.ts'
import { walkTree } from '../git/tree-walk.ts'
import type { KeyOf, Kind, ObjectKey, RecordOfKind } from '../model/kinds.ts'
import type { EditableRecord } from '../model/records.ts'
import { type Damage, listRecords } from './list.ts'
import type { Transaction } from './transaction.ts'
import type { View } from './view.ts'

/** Kinds whose records bear no stamps. */
const UNSTAMPED: readonly Kind[] = ['execution', 'purged']

/**
 * Puts back what lay at an object's place in another state of its branch, a run's children included.
 *
 * Records that are there take the old values as edits of now, so that no merge undoes it.
 */
export async function putBack(view: View, key: ObjectKey, transaction: Transaction): Promise<void> {
  const keys: ObjectKey[] = [key]
  if (key.kind === 'run') {
    keys.push(...descendantsOf(await readChildren(view, key.experiment), key))
    const { execution } = (await view.record<'run'>(key)) as RecordOfKind['run']
    if (execution !== undefined) {
      keys.push({ kind: 'execution', experiment: key.experiment, execution })
    }
  }
  const before = await transaction.view(key)
  for (const each of keys) {
    if (each !== key && (await transaction.has(each))) continue
    for (const path of each.kind === 'project' ? ['project.yaml'] : removedPathsOf(each)) {
      const target = await view.entry(path)
      if (target === undefined) continue
      transaction.place(each, path, target)
      await editRecords(before, view, path, transaction)
    }
  }
}

/** The ids of the runs that are part of each run. */
export type ChildRuns = ReadonlyMap<string, readonly string[]>

/** Reads which runs of an experiment are part of which. */
export async function readChildren(view: View, experiment: string): Promise<ChildRuns> {
  const children = new Map<string, string[]>()
  const within: ObjectKey = { kind: 'experiment', experiment }
  for await (const { key: run, record } of listRecords(view, 'run', within, ignore)) {
    if (record.parent === undefined) continue
    const known = children.get(record.parent)
    if (known === undefined) children.set(record.parent, [run.run])
    else known.push(run.run)
  }
  return children
}

/** Lists the runs below a run, at any depth. */
export function descendantsOf(children: ChildRuns, key: KeyOf<'run'>): readonly KeyOf<'run'>[] {
  const found = new Set<string>()
  const visit = (run: string): void => {
    for (const child of children.get(run) ?? []) {
      if (found.has(child) || child === key.run) continue
      found.add(child)
      visit(child)
    }
  }
  visit(key.run)
  return [...found].map((run) => ({ ...key, run }))
}

/** Writes the records that differ between two states as edits of the first. */
async function editRecords(
  before: View,
  wanted: View,
  folder: string,
  transaction: Transaction
): Promise<void> {
  for await (const { path, oid } of walkTree(wanted.objects, wanted.treeOid, { prefix: folder })) {
    const key = keyOfPath(path)
    const found = await before.entry(path)
    if (key === undefined || UNSTAMPED.includes(key.kind)) continue
    if (found === undefined || found.oid === oid) continue
    // What can't be read now is repaired by what it was.
    const own = await readRecord(before, key).catch(() => undefined)
    const old = await readRecord(wanted, key)
    if (own === undefined || old === undefined) continue
    const stamp = transaction.stamp(own as EditableRecord)
    transaction.write(key as never, replaceRecord<Kind>(key.kind, own, old, stamp))
  }
}

function readRecord(view: View, key: ObjectKey): Promise<RecordOfKind[Kind] | undefined> {
  return view.record(key as never)
}

/** What can't be read names no parent that one could know of. */
function ignore(_damage: Damage): void {}
