import { keyOfPath, partOf } from '../format/paths.ts'
import { parseRecord } from '../format/record.ts'
import { parseRows } from '../format/rows.ts'
import { parseSeries } from '../format/series.ts'
import { gitErrors } from '../git/errors.ts'
import type { ObjectStore } from '../git/object-store.ts'
import type { Oid } from '../git/objects.ts'
import { isFolder, parseTree } from '../git/tree.ts'
import { type TreeFile, walkTree } from '../git/tree-walk.ts'
import { modelErrors } from '../model/errors.ts'
import type { ObjectKey, RecordOfKind } from '../model/kinds.ts'
import { slugOf } from '../model/slug.ts'
import { storeErrors } from './errors.ts'
import type { ProjectStore } from './project-store.ts'
import type { OnFinding, VerifyNote } from './verify-finding.ts'
import type { CheckOptions } from './verify-objects.ts'
import { isOverviewRight, runOfOverview } from './verify-overviews.ts'
import { View } from './view.ts'

/** What checking the records of a branch needs. */
export interface BranchCheck extends CheckOptions {
  readonly ref: string
  readonly report: OnFinding
  /** Hears of references to what has no record, which is allowed. */
  readonly note: (note: Omit<VerifyNote, 'project'>) => void
}

/** Checks the records and parts at the head of a branch; returns how many records there are. */
export async function checkBranch(
  store: ProjectStore,
  objects: ObjectStore,
  { commitOid, treeOid }: { readonly commitOid: Oid; readonly treeOid: Oid },
  check: BranchCheck
): Promise<number> {
  const { ref, signal, report } = check
  const { promised } = store.repository
  const view = new View(objects, commitOid, treeOid)
  let records = 0
  for await (const { path, oid } of filesHere(store, objects, treeOid)) {
    signal?.throwIfAborted()
    const key = keyOfPath(path)
    const overviewOf = runOfOverview(path)
    try {
      const part = key === undefined ? partOf(path)?.part : undefined
      const isRead = key !== undefined || overviewOf !== undefined
      if (!isRead && part !== 'series' && part !== 'rows') continue
      // What is missing or damaged as an object was told of as such.
      const bytes = (await objects.read(oid).catch(() => undefined))?.bytes
      if (bytes === undefined) continue
      if (overviewOf !== undefined) {
        if (await isOverviewRight(view, overviewOf, bytes)) continue
        const error = storeErrors.create('STORE_OVERVIEW_WRONG', { path })
        report({ what: 'overview', ref, path, where: path, error })
        continue
      }
      if (key !== undefined) records++
      if (key === undefined) checkPart(part as 'series' | 'rows', bytes, path)
      else await checkRecord(store, view, key, bytes, path, check)
    } catch (error) {
      if (promised.isPartial && gitErrors.is(error, 'GIT_OBJECT_MISSING')) continue
      if (isDamage(error)) report({ what: 'record', ref, path, where: path, error })
      else report({ what: 'other', where: path, error })
    }
  }
  return records
}

/** Tells whether a record can't be read by anyone, not only by this version. */
function isDamage(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^FORMAT_/.test(code) || modelErrors.is(error, 'MODEL_INVALID')
}

/** Walks the files of a state, of which some may have been left at a remote, with their folders. */
async function* filesHere(
  { repository: { promised } }: ProjectStore,
  objects: ObjectStore,
  treeOid: Oid
): AsyncGenerator<TreeFile> {
  if (!promised.isPartial) {
    try {
      yield* walkTree(objects, treeOid)
      return
    } catch {
      // A folder that is missing or damaged ends the walk; below each is read for itself.
    }
  }
  const folders = [{ path: '', oid: treeOid }]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const tree = await objects.read(folder.oid).catch(() => undefined)
    for (const entry of tree === undefined ? [] : parseTree(tree)) {
      const path = folder.path + entry.name
      if (isFolder(entry)) folders.push({ path: `${path}/`, oid: entry.oid })
      else yield { path, mode: entry.mode, oid: entry.oid }
    }
  }
}

function checkPart(part: 'series' | 'rows', bytes: Uint8Array, path: string): void {
  const { broken } = part === 'series' ? parseSeries(bytes) : parseRows(bytes)
  if (broken > 0) throw storeErrors.create('STORE_PART_BROKEN', { path, lines: broken })
}

async function checkRecord(
  store: ProjectStore,
  view: View,
  key: ObjectKey,
  bytes: Uint8Array,
  path: string,
  { ref, report, note }: BranchCheck
): Promise<void> {
  const record = await parseRecord(key.kind, bytes, path)
  const tell = (field: string, target: string): void => {
    const data = { address: `${ref}:${path}`, field, target }
    const { message } = storeErrors.create('STORE_REFERENCE', data)
    note({ where: path, kind: 'reference', message })
  }
  const require = async (field: string, target: ObjectKey, id: string): Promise<void> => {
    if (await view.has(target)) return
    const data = { address: `${ref}:${path}`, field, target: id }
    const error = storeErrors.create('STORE_REFERENCE', data)
    report({ what: 'reference', ref, key: target, where: path, error })
  }
  for (const { field, target, id } of requiredBy(key, record)) await require(field, target, id)
  const main = await store.view('refs/heads/main').catch(() => undefined)
  for (const { field, name } of datasetsOf(key, record)) {
    const dataset = slugOf(name, store.host.platform.hash)
    if (main && !(await main.has({ kind: 'dataset', dataset }))) tell(field, name)
  }
  for (const { field, target, id } of namedBy(key, record)) {
    if (!(await view.has(target))) tell(field, id)
  }
  if ('run' in key && key.kind !== 'run') {
    const run = { kind: 'run', experiment: key.experiment, run: key.run } as const
    if (!(await view.has(run))) tell('run', key.run)
  }
}

interface Reference {
  readonly field: string
  readonly target: ObjectKey
  readonly id: string
}

/** Lists what a record cannot do without. */
function requiredBy(key: ObjectKey, record: RecordOfKind[ObjectKey['kind']]): Reference[] {
  if (key.kind !== 'run') return []
  const { execution, parent } = record as RecordOfKind['run']
  const { experiment } = key
  const found: Reference[] = []
  if (execution !== undefined) {
    const target = { kind: 'execution', experiment, execution } as const
    found.push({ field: 'execution', target, id: execution })
  }
  if (parent !== undefined) {
    found.push({ field: 'parent', target: { kind: 'run', experiment, run: parent }, id: parent })
  }
  return found
}

/** Lists what a record names that may never have been recorded. */
function namedBy(key: ObjectKey, record: RecordOfKind[ObjectKey['kind']]): Reference[] {
  if (key.kind === 'run') {
    const { artifacts = {} } = record as RecordOfKind['run']
    const { experiment, run } = key
    return Object.keys(artifacts).map((name) => ({
      field: 'artifacts',
      target: { kind: 'artifact', experiment, run, name },
      id: name
    }))
  }
  if (key.kind !== 'computation') return []
  const { split, predecessor } = record as RecordOfKind['computation']
  const { experiment, run } = key
  const found: Reference[] = []
  if (split !== undefined) {
    found.push({
      field: 'split',
      target: { kind: 'split', experiment, run, name: split },
      id: split
    })
  }
  if (predecessor !== undefined) {
    const target = { kind: 'computation', experiment, run, name: predecessor } as const
    found.push({ field: 'predecessor', target, id: predecessor })
  }
  return found
}

function datasetsOf(
  key: ObjectKey,
  record: RecordOfKind[ObjectKey['kind']]
): readonly { readonly field: string; readonly name: string }[] {
  if (key.kind === 'run') {
    const { datasets = {} } = record as RecordOfKind['run']
    return Object.keys(datasets).map((name) => ({ field: 'datasets', name }))
  }
  const { dataset } = key.kind === 'split' ? (record as RecordOfKind['split']) : {}
  return dataset === undefined ? [] : [{ field: 'dataset', name: dataset }]
}
