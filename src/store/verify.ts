import { reasonOf } from '../base/errors.ts'
import { keyOfPath, partOf } from '../format/paths.ts'
import { parseRecord } from '../format/record.ts'
import { parseRows } from '../format/rows.ts'
import { parseSeries } from '../format/series.ts'
import { parseCommit } from '../git/commit.ts'
import { gitErrors } from '../git/errors.ts'
import { EMPTY_TREE, type GitObject, type Oid } from '../git/objects.ts'
import { isFolder, parseTree } from '../git/tree.ts'
import { type TreeFile, walkTree } from '../git/tree-walk.ts'
import type { ObjectKey, RecordOfKind } from '../model/kinds.ts'
import { storeErrors } from './errors.ts'
import type { ProjectStore } from './project-store.ts'
import { View } from './view.ts'

/** Something that is wrong with a project. */
export interface VerifyProblem {
  readonly project: string
  /** A path, ref or object. */
  readonly where: string
  /** An error code. */
  readonly code: string
  readonly message: string
}

/** What verifying told of a project. */
export interface VerifiedProject {
  readonly objects: number
  readonly records: number
  readonly problems: readonly VerifyProblem[]
}

/** How verifying reports and stops. */
export interface VerifyOptions {
  /** Told of the objects read so far and of those known so far. Default: nobody is. */
  readonly onProgress?: (done: number, known: number) => void
  readonly signal?: AbortSignal
}

/**
 * Reads everything that the project's refs reach, and checks each object against its name, each record
 * of a branch's head against its schema, each part, and the references between objects.
 */
export async function verifyProject(
  store: ProjectStore,
  options: VerifyOptions = {}
): Promise<VerifiedProject> {
  const problems: VerifyProblem[] = []
  const report = (where: string, error: unknown): void => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN'
    problems.push({ project: store.slug, where, code, message: reasonOf(error) })
  }
  const objects = await verifyObjects(store, options, report)
  let records = 0
  for (const ref of (await store.repository.refs.list('refs/heads/')).keys()) {
    try {
      const { commitOid, treeOid } = (await store.view(ref)) ?? {}
      if (commitOid === undefined || treeOid === undefined) continue
      const view = new View(store.repository.local, commitOid, treeOid)
      records += await verifyBranch(store, view, ref, options, report)
    } catch (error) {
      report(ref, error)
    }
  }
  return { objects, records, problems }
}

type Report = (where: string, error: unknown) => void

async function verifyObjects(
  store: ProjectStore,
  { onProgress, signal }: VerifyOptions,
  report: Report
): Promise<number> {
  const { local, promised, refs } = store.repository
  const seen = new Set<Oid>()
  const waiting: { readonly oid: Oid; readonly where: string }[] = []
  const add = (oid: Oid, where: string): void => {
    if (seen.has(oid)) return
    seen.add(oid)
    waiting.push({ oid, where })
  }
  for (const [ref, oid] of await refs.list('refs/')) add(oid, ref)
  for (let done = 0; waiting.length > 0; done++) {
    signal?.throwIfAborted()
    if (done % 500 === 0) onProgress?.(done, seen.size)
    const { oid, where } = waiting.pop() as (typeof waiting)[number]
    try {
      const object = await local.read(oid)
      if (object !== undefined) addLinked(object, where, add)
      // Git knows the empty tree without having it, and a remote what was left there.
      else if (oid !== EMPTY_TREE && !promised.isPartial) report(where, missing(oid))
    } catch (error) {
      report(where, error)
    }
  }
  onProgress?.(seen.size, seen.size)
  return seen.size
}

function addLinked(object: GitObject, where: string, add: (oid: Oid, where: string) => void): void {
  if (object.type === 'commit') {
    const { tree, parents } = parseCommit(object)
    add(tree, `commit ${object.oid}`)
    for (const parent of parents) add(parent, `commit ${object.oid}`)
  } else if (object.type === 'tree') {
    for (const { mode, name, oid } of parseTree(object)) {
      if (mode !== '160000') add(oid, where.startsWith('commit ') ? name : `${where}/${name}`)
    }
  } else if (object.type === 'tag') {
    const target = /^object ([0-9a-f]{40})$/m.exec(new TextDecoder().decode(object.bytes))?.[1]
    if (target !== undefined) add(target, where)
  }
}

/** Walks the files of a state, of which some may have been left at a remote, with their folders. */
async function* filesHere(store: ProjectStore, treeOid: Oid): AsyncGenerator<TreeFile> {
  const { local, promised } = store.repository
  if (!promised.isPartial) {
    yield* walkTree(local, treeOid)
    return
  }
  const folders = [{ path: '', oid: treeOid }]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const tree = await local.read(folder.oid)
    for (const entry of tree === undefined ? [] : parseTree(tree)) {
      const path = folder.path + entry.name
      if (isFolder(entry)) folders.push({ path: `${path}/`, oid: entry.oid })
      else yield { path, mode: entry.mode, oid: entry.oid }
    }
  }
}

async function verifyBranch(
  store: ProjectStore,
  view: View,
  ref: string,
  { signal }: VerifyOptions,
  report: Report
): Promise<number> {
  let records = 0
  const { local, promised } = store.repository
  for await (const { path, oid } of filesHere(store, view.treeOid)) {
    signal?.throwIfAborted()
    try {
      const key = keyOfPath(path)
      const part = key === undefined ? partOf(path)?.part : undefined
      if (key === undefined && part !== 'series' && part !== 'rows') continue
      const bytes = (await local.read(oid))?.bytes
      if (bytes === undefined) continue
      if (key === undefined) checkPart(part as 'series' | 'rows', bytes, path)
      else await checkRecord(view, key, bytes, path, ref)
      if (key !== undefined) records++
    } catch (error) {
      const isLeft = promised.isPartial && gitErrors.is(error, 'GIT_OBJECT_MISSING')
      if (!isLeft) report(path, error)
    }
  }
  return records
}

function checkPart(part: 'series' | 'rows', bytes: Uint8Array, path: string): void {
  const { broken } = part === 'series' ? parseSeries(bytes) : parseRows(bytes)
  if (broken > 0) throw storeErrors.create('STORE_PART_BROKEN', { path, lines: broken })
}

async function checkRecord(
  view: View,
  key: ObjectKey,
  bytes: Uint8Array,
  path: string,
  ref: string
): Promise<void> {
  const record = parseRecord(key.kind, bytes, path)
  if (key.kind !== 'run') return
  const { execution, parent } = record as RecordOfKind['run']
  const { experiment } = key
  const check = async (field: string, target: ObjectKey, id: string): Promise<void> => {
    if (await view.has(target)) return
    throw storeErrors.create('STORE_REFERENCE', { address: `${ref}:${path}`, field, target: id })
  }
  if (execution !== undefined) {
    await check('execution', { kind: 'execution', experiment, execution }, execution)
  }
  if (parent !== undefined) await check('parent', { kind: 'run', experiment, run: parent }, parent)
}

function missing(oid: Oid): Error {
  return gitErrors.create('GIT_OBJECT_MISSING', { oid })
}
