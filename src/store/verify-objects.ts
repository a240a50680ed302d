import { equalBytes } from '../base/bytes.ts'
import type { FileSystem } from '../base/platform.ts'
import { parseCommit } from '../git/commit.ts'
import { gitErrors } from '../git/errors.ts'
import { listLoose } from '../git/loose-pack.ts'
import { ObjectFolders } from '../git/object-folder.ts'
import type { ObjectStore } from '../git/object-store.ts'
import { openObjectReader } from '../git/object-store-files.ts'
import { EMPTY_TREE, type GitObject, type Oid } from '../git/objects.ts'
import { PackIndex } from '../git/pack-index.ts'
import { markEdge } from '../git/promised-objects.ts'
import type { Repository } from '../git/repository.ts'
import { parseTagTarget } from '../git/tag.ts'
import { parseTree } from '../git/tree.ts'
import type { Finding, OnFinding } from './verify-finding.ts'

/** How checking reports and stops. */
export interface CheckOptions {
  /** Told of the objects read so far and of those known so far. Default: nobody is. */
  readonly onProgress?: (done: number, known: number) => void
  readonly signal?: AbortSignal
}

/** Opens the objects of a repository as they lie on the disk, without what this process has in memory. */
export function openUncached(repository: Repository): ObjectStore {
  const { storage, local, edge } = repository
  const folders = new ObjectFolders(storage.fs, storage.platform, storage.folders.own.path)
  const reader = openObjectReader(folders)
  return markEdge({ ...reader, write: local.write, close: async () => undefined }, edge)
}

/** Reads everything that the refs reach; returns what was come upon, found or not. */
export async function checkReached(
  { promised, refs }: Repository,
  objects: ObjectStore,
  { onProgress, signal }: CheckOptions,
  report: OnFinding
): Promise<ReadonlySet<Oid>> {
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
      const object = await objects.read(oid)
      if (object !== undefined) addLinked(object, where, add)
      // Git knows the empty tree without having it, and a remote what was left there.
      else if (oid !== EMPTY_TREE && !promised.isPartial) {
        report({ what: 'object', oid, where, error: missing(oid) })
      }
    } catch (error) {
      report({ what: 'object', oid, where, error })
    }
  }
  onProgress?.(seen.size, seen.size)
  return seen
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
    add(parseTagTarget(object).oid, where)
  }
}

function missing(oid: Oid): Error {
  return gitErrors.create('GIT_OBJECT_MISSING', { oid })
}

/** Checks that the folders are there from which the repository borrows objects. */
export async function checkAlternates(
  { storage: { fs, folders } }: Repository,
  report: OnFinding
): Promise<void> {
  await folders.scan()
  const path = `${folders.own.path}/info/alternates`
  for (const { path: folder } of folders.all) {
    if (folder === folders.own.path || (await fs.list(folder)) !== undefined) continue
    const error = gitErrors.create('GIT_ALTERNATE_GONE', { path, folder })
    report({ what: 'other', where: path, error })
  }
}

/** Checks the files of loose objects, whether something reaches them or not. */
export async function checkLoose(
  { storage }: Repository,
  { signal }: CheckOptions,
  report: OnFinding
): Promise<void> {
  for (const { oid, path } of await listLoose(storage)) {
    signal?.throwIfAborted()
    try {
      await storage.folders.own.readLoose(oid)
    } catch (error) {
      report({ what: 'loose', path, where: path, error })
    }
  }
}

/** Checks packs as files: what they begin and end with, and the index beside each. */
export async function checkPacks(
  { storage: { fs, platform, folders } }: Repository,
  { signal }: CheckOptions,
  report: OnFinding
): Promise<void> {
  const { folder } = folders.own.packs
  const names = new Set(((await fs.list(folder)) ?? []).map(({ name }) => name))
  for (const file of names) {
    const name = /^(pack-[^.]+)\.pack$/.exec(file)?.[1]
    // A pack without an index whose `.keep` is there is being put in its place.
    const isComing = !names.has(`${name}.idx`) && names.has(`${name}.keep`)
    if (name === undefined || isComing) continue
    signal?.throwIfAborted()
    const path = `${folder}/${name}`
    const fault = (isWhole: boolean, reason: string): Finding => {
      const where = `${path}${isWhole ? '.idx' : '.pack'}`
      const error = gitErrors.create('GIT_PACK_DAMAGED', { path: where, reason })
      const isUnseen = !names.has(`${name}.idx`)
      return { what: 'pack', path, isWhole, isUnseen, where, error }
    }
    const checksum = await readChecksum(fs, platform.hash.openSha1(), `${path}.pack`)
    if (checksum === 'gone') continue
    if (checksum === undefined) report(fault(false, 'its bytes have another checksum'))
    else {
      const reason = await judgeIndex(fs, path, checksum, platform.hash)
      if (reason !== undefined) report(fault(true, reason))
    }
  }
}

const READ_BYTES = 1 << 20
const CHECKSUM_BYTES = 20

/** Returns the checksum that a pack ends with; `undefined` if it is not that of its bytes. */
async function readChecksum(
  fs: FileSystem,
  digest: { update(bytes: Uint8Array): void; finish(): Uint8Array },
  path: string
): Promise<Uint8Array | 'gone' | undefined> {
  const stat = await fs.stat(path)
  if (stat === undefined) return 'gone'
  const end = stat.sizeBytes - CHECKSUM_BYTES
  for (let at = 0; at < end; at += READ_BYTES) {
    const bytes = await fs.readRange(path, at, Math.min(READ_BYTES, end - at))
    if (bytes === undefined) return 'gone'
    digest.update(bytes)
  }
  const found = end < 0 ? undefined : await fs.readRange(path, end, CHECKSUM_BYTES)
  return found !== undefined && equalBytes(found, digest.finish()) ? found : undefined
}

/** Tells what is wrong with the index of a pack that is whole; `undefined` if nothing is. */
async function judgeIndex(
  fs: FileSystem,
  path: string,
  packChecksum: Uint8Array,
  hash: { sha1(...parts: readonly Uint8Array[]): Uint8Array }
): Promise<string | undefined> {
  const bytes = await fs.read(`${path}.idx`)
  if (bytes === undefined) return 'it is not there'
  try {
    new PackIndex(bytes, `${path}.idx`)
  } catch (error) {
    return gitErrors.is(error, 'GIT_PACK_DAMAGED') ? error.data.reason : 'it cannot be read'
  }
  const end = bytes.length - CHECKSUM_BYTES
  if (!equalBytes(bytes.subarray(end - CHECKSUM_BYTES, end), packChecksum)) {
    return 'it is that of another pack'
  }
  const isSound = equalBytes(hash.sha1(bytes.subarray(0, end)), bytes.subarray(end))
  return isSound ? undefined : 'its bytes have another checksum'
}
