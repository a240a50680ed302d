import { compareCodePoints, encodeUtf8 } from '../base/bytes.ts'
import type { FileSystem, Platform } from '../base/platform.ts'
import { KeyedMutex, mapLimited } from '../base/tasks.ts'
import { gitErrors } from './errors.ts'
import { type LockFile, type LockOptions, type LockPlace, takeLock } from './lock-file.ts'
import { isOid, type Oid } from './objects.ts'
import type { OwnFile } from './own-file.ts'
import { removePackedRefs } from './packed-refs.ts'
import { type QueueOptions, runQueued } from './queue-lock.ts'
import { RefFiles } from './ref-files.ts'
import { ensureFolder, removeEmptyAbove, removeEmptyTree } from './ref-folder.ts'
import { checkRefName, isRefName } from './ref-name.ts'
import type { RefEdit, RefStore, RefUpdate, RefUpdateOptions } from './ref-store.ts'

/** What the refs need of a platform. */
export type RefStorePlatform = Pick<Platform, 'clock' | 'random' | 'timers' | 'processes'>

/** How long a ref store waits for others. */
export interface RefStoreOptions {
  /** How git's own locks are waited for. Default: 10000 ms. */
  readonly lock?: LockOptions
  /** How other processes are waited for in `queue`. Default: 60000 ms. */
  readonly queue?: QueueOptions
  /** Names this process in the locks of `queue`. Default: a file is made for each. */
  readonly own?: OwnFile
}

/** An edit under its ref's lock. */
interface LockedEdit {
  /** The ref that holds the value, where the edit's own ref is symbolic. */
  readonly ref: string
  readonly edit: RefEdit
  readonly lock: LockFile
  /** Whether the lock holds the new value already. */
  readonly isWritten: boolean
  /** Folders that were made for it, and are to be made durable with it. */
  readonly unsynced: ReadonlySet<string>
  found: Oid | undefined
}

/**
 * Opens the refs of a bare repository.
 *
 * Several refs change one after another: who reads meanwhile may see some of them changed, and a
 * power cut in between leaves it at that. Every single ref is atomic.
 */
export function openRefStoreFiles(
  fs: FileSystem,
  platform: RefStorePlatform,
  root: string,
  options: RefStoreOptions = {}
): RefStore {
  const files = new RefFiles(fs, root)
  const queues = new KeyedMutex()
  const context = { fs, platform, files, lock: options.lock ?? {} }
  const queue = { ...options.queue, ...(options.own && { own: options.own }) }
  return {
    async read(ref) {
      checkRefName(ref)
      return files.read(ref)
    },
    list: (prefix, options) => files.list(prefix, options),
    update: (edits, options) => update(context, edits, options),
    setSymbolic: (ref, target) => setSymbolic(context, ref, target),
    queue: (name, body) =>
      queues.run(name, () => runQueued(fs, platform, marksOf(files), name, body, queue))
  }
}

interface RefContext {
  readonly fs: FileSystem
  readonly platform: RefStorePlatform
  readonly files: RefFiles
  readonly lock: LockOptions
}

async function update(
  context: RefContext,
  edits: readonly RefEdit[],
  { stored }: RefUpdateOptions = {}
): Promise<RefUpdate> {
  const { fs, files } = context
  for (const edit of edits) checkEdit(edit)
  const locked: LockedEdit[] = []
  try {
    for (const { ref, edit } of await resolveEdits(context, edits)) {
      // One alone is written before its lock is taken, which spares a file and goes on beside the
      // storing of objects; many are written at once.
      const content = edits.length === 1 ? contentOf(edit) : undefined
      if (content === undefined) await stored
      locked.push(await lockEdit(context, ref, edit, { content, stored }))
    }
    const found = new Map<string, Oid | undefined>()
    for (const item of locked) {
      item.found = await files.read(item.ref)
      const { expected } = item.edit
      if (expected !== undefined && item.found !== (expected ?? undefined)) {
        found.set(item.edit.ref, item.found)
      }
    }
    if (found.size > 0) return { status: 'changed', found }
    await checkClashes(context, locked)
    await commit(context, locked)
    return { status: 'updated' }
  } finally {
    await Promise.all(locked.map((item) => item.lock.release()))
    for (const { ref, edit, unsynced } of locked) {
      // A ref that is there now keeps its folders.
      if (edit.value === null || unsynced.size > 0) await removeEmptyAbove(fs, files.root, ref)
    }
  }
}

function checkEdit({ ref, expected, value }: RefEdit): void {
  checkRefName(ref)
  for (const oid of [expected, value]) {
    if (oid && !isOid(oid)) throw new TypeError(`${oid} is no object's name`)
  }
}

/** Follows symbolic refs and puts the edits in the order in which all programs take their locks. */
async function resolveEdits(
  { files }: RefContext,
  edits: readonly RefEdit[]
): Promise<readonly { readonly ref: string; readonly edit: RefEdit }[]> {
  const resolved = new Map<string, RefEdit>()
  for (const edit of edits) {
    const { ref } = await files.resolve(edit.ref)
    if (resolved.has(ref)) throw new TypeError(`${ref} is edited twice in one update`)
    resolved.set(ref, edit)
  }
  return [...resolved]
    .sort(([a], [b]) => compareCodePoints(a, b))
    .map(([ref, edit]) => ({ ref, edit }))
}

function contentOf({ value }: RefEdit): Uint8Array | undefined {
  return value === null ? undefined : encodeUtf8(`${value}\n`)
}

async function lockEdit(
  context: RefContext,
  ref: string,
  edit: RefEdit,
  { content, stored }: Pick<LockPlace, 'content' | 'stored'> = {}
): Promise<LockedEdit> {
  const { fs, platform, files } = context
  const path = files.pathOf(ref)
  for (let attempt = 0; ; attempt++) {
    const unsynced = await ensureFolder(fs, files.root, ref)
    try {
      const place = { path, ref, marks: marksOf(files), content, stored }
      const lock = await takeLock(fs, platform, place, context.lock)
      return { ref, edit, lock, isWritten: content !== undefined, unsynced, found: undefined }
    } catch (error) {
      // Whoever deletes the last ref of a folder also removes the folder.
      const isGone = error instanceof Error && 'code' in error && error.code === 'ENOENT'
      if (!isGone || attempt === 20) throw error
    }
  }
}

/** Refuses `refs/heads/a` beside `refs/heads/a/b`: one would be a file, the other a folder. */
async function checkClashes({ files }: RefContext, locked: readonly LockedEdit[]): Promise<void> {
  const removed = new Set(locked.filter((item) => item.edit.value === null).map((item) => item.ref))
  const set = new Set(locked.filter((item) => item.edit.value !== null).map((item) => item.ref))
  for (const { ref, edit, found } of locked) {
    if (edit.value === null || found !== undefined) continue
    const clash = (other: string): Error =>
      gitErrors.create('GIT_REF_NAME', { ref, reason: `it clashes with ${other}` })
    for (let end = ref.lastIndexOf('/'); end > 0; end = ref.lastIndexOf('/', end - 1)) {
      const above = ref.slice(0, end)
      if (set.has(above)) throw clash(above)
      if (isRefName(above) && !removed.has(above) && (await files.read(above))) throw clash(above)
    }
    for (const below of [...set].filter((name) => name.startsWith(`${ref}/`))) throw clash(below)
    for (const below of (await files.list(`${ref}/`)).keys()) {
      if (!removed.has(below)) throw clash(below)
    }
  }
}

async function commit(context: RefContext, locked: readonly LockedEdit[]): Promise<void> {
  const { fs, files } = context
  const writes = locked.filter(({ edit, found }) => edit.value !== null && edit.value !== found)
  const deletes = locked.filter(({ edit, found }) => edit.value === null && found !== undefined)
  const unwritten = writes.filter(({ isWritten }) => !isWritten)
  await mapLimited(unwritten, 8, ({ lock, edit }) => lock.write(encodeUtf8(`${edit.value}\n`)))
  const unsynced = new Set<string>()
  for (const { ref, lock, unsynced: made } of writes) {
    const path = files.pathOf(ref)
    await removeEmptyTree(fs, path)
    await lock.commit()
    for (const folder of [...made, folderOf(path)]) unsynced.add(folder)
  }
  // Packed before loose: the other way round the packed value, an old one, would show again.
  if (deletes.length > 0) await unpack(context, new Set(deletes.map((item) => item.ref)))
  for (const { ref } of deletes) {
    if (await fs.remove(files.pathOf(ref))) unsynced.add(folderOf(files.pathOf(ref)))
  }
  await Promise.all([
    ...[...unsynced].map((folder) => fs.syncFolder(folder)),
    ...writes.map(({ lock }) => lock.release())
  ])
}

async function unpack(context: RefContext, refs: ReadonlySet<string>): Promise<void> {
  const { fs, platform, files } = context
  const isPacked = async (): Promise<boolean> => {
    const packed = await files.readPacked()
    return [...refs].some((ref) => packed.has(ref))
  }
  if (!(await isPacked())) return
  const path = files.pathOf('packed-refs')
  const place = { path, ref: 'packed-refs', marks: marksOf(files) }
  const lock = await takeLock(fs, platform, place, context.lock)
  try {
    const bytes = await fs.read(path)
    if (bytes === undefined) return
    await lock.write(removePackedRefs(bytes, refs))
    await lock.commit()
    await fs.syncFolder(files.root)
  } finally {
    await lock.release()
  }
}

async function setSymbolic(context: RefContext, ref: string, target: string): Promise<void> {
  checkRefName(ref)
  checkRefName(target)
  const edit: RefEdit = { ref, value: null }
  const { lock, unsynced } = await lockEdit(context, ref, edit)
  try {
    await lock.write(encodeUtf8(`ref: ${target}\n`))
    await lock.commit()
    const folders = [...unsynced, folderOf(context.files.pathOf(ref))]
    await Promise.all(folders.map((folder) => context.fs.syncFolder(folder)))
  } finally {
    await lock.release()
  }
}

/** The folder of this program's own locks, and of the marks on git's that it holds. */
function marksOf(files: RefFiles): string {
  return `${files.root}/runtree/locks`
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}
