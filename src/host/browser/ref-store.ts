import { compareCodePoints, decodeUtf8, encodeUtf8 } from '../../base/bytes.ts'
import { gitErrors } from '../../git/errors.ts'
import { isOid, type Oid } from '../../git/objects.ts'
import { checkRefName, isRefName } from '../../git/ref-name.ts'
import type { RefEdit, RefListOptions, RefStore, RefUpdate } from '../../git/ref-store.ts'
import { answerOf, type Database, type FileRecord, type Stores } from './database.ts'
import { putFile } from './file-content.ts'
import { childrenOf, descendantsOf, isEmpty, keyOf, makeFolders, readName } from './file-names.ts'
import { runLocked } from './web-locks.ts'

/** Git follows symbolic refs this deep. */
const MAX_DEPTH = 5

/**
 * Opens the refs of a repository in a database. They lie there as the files that git would have, but
 * all edits of an update are one transaction: nobody ever sees some of them.
 */
export function openDatabaseRefs(database: Database, root: string): RefStore {
  return {
    async read(ref) {
      checkRefName(ref)
      const found = await database.transact('readonly', (stores) => resolve(stores, root, ref))
      return found.oid
    },
    list: (prefix, options) =>
      database.transact('readonly', (stores) => list(stores, root, prefix, options)),
    async update(edits) {
      checkEdits(edits)
      return database.transact('readwrite', (stores) => editRefs(stores, root, edits), {
        isDurable: true
      })
    },
    async setSymbolic(ref, target) {
      checkRefName(ref)
      checkRefName(target)
      const write = async (stores: Stores): Promise<void> => {
        await checkClashes(stores, root, [{ ref, value: '' }], new Set())
        await makeFolders(stores, keyOf(`${root}/${ref}`)[0])
        putFile(stores, `${root}/${ref}`, encodeUtf8(`ref: ${target}\n`))
      }
      await database.transact('readwrite', write, { isDurable: true })
    },
    queue: (name, body) => runLocked(`${database.name} ${root} ${name}`, name, body)
  }
}

/** Refuses edits that can't be made. @throws GIT_REF_NAME, TypeError */
export function checkEdits(edits: readonly RefEdit[]): void {
  for (const { ref, expected, value } of edits) {
    checkRefName(ref)
    for (const oid of [expected, value]) {
      if (oid && !isOid(oid)) throw new TypeError(`${oid} is no object's name`)
    }
  }
}

/** Makes all edits within a transaction, or none. @throws GIT_REF_NAME, GIT_REF_DAMAGED, TypeError */
export async function editRefs(
  stores: Stores,
  root: string,
  edits: readonly RefEdit[]
): Promise<RefUpdate> {
  const resolved: {
    readonly ref: string
    readonly edit: RefEdit
    readonly found: Oid | undefined
  }[] = []
  const changed = new Map<string, Oid | undefined>()
  for (const edit of edits) {
    const { ref, oid } = await resolve(stores, root, edit.ref)
    if (resolved.some((other) => other.ref === ref)) {
      throw new TypeError(`${ref} is edited twice in one update`)
    }
    resolved.push({ ref, edit, found: oid })
    const { expected } = edit
    if (expected !== undefined && oid !== (expected ?? undefined)) changed.set(edit.ref, oid)
  }
  if (changed.size > 0) return { status: 'changed', found: changed }
  const removed = new Set(resolved.filter(({ edit }) => edit.value === null).map(({ ref }) => ref))
  const added = resolved.filter(({ edit, found }) => edit.value !== null && found === undefined)
  const set = resolved.filter(({ edit }) => edit.value !== null).map(({ ref }) => ref)
  await checkClashes(
    stores,
    root,
    added.map(({ ref }) => ({ ref, value: '' })),
    removed,
    new Set(set)
  )
  for (const ref of removed) {
    stores.names.delete(keyOf(`${root}/${ref}`))
    await removeEmptyAbove(stores, root, ref)
  }
  for (const { ref, edit } of resolved) {
    if (edit.value === null) continue
    const path = `${root}/${ref}`
    await makeFolders(stores, keyOf(path)[0])
    putFile(stores, path, encodeUtf8(`${edit.value}\n`))
  }
  return { status: 'updated' }
}

/** Follows symbolic refs to the ref that holds, or would hold, an object's name. */
async function resolve(
  stores: Stores,
  root: string,
  ref: string
): Promise<{ readonly ref: string; readonly oid: Oid | undefined }> {
  let name = ref
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
    const record = await readName(stores, `${root}/${name}`)
    if (record?.kind !== 'file') return { ref: name, oid: undefined }
    const held = parse(name, record)
    if ('oid' in held) return { ref: name, oid: held.oid }
    name = held.target
  }
  throw gitErrors.create('GIT_REF_DAMAGED', {
    ref,
    reason: 'it points at other refs in a circle'
  })
}

function parse(
  ref: string,
  record: FileRecord
): { readonly oid: Oid } | { readonly target: string } {
  const bytes = record.kind === 'file' ? record.bytes : undefined
  const text = decodeUtf8(bytes ?? new Uint8Array()).trimEnd()
  const target = text.startsWith('ref:') ? text.slice(4).trim() : undefined
  if (target !== undefined && isRefName(target)) return { target }
  if (isOid(text)) return { oid: text }
  throw gitErrors.create('GIT_REF_DAMAGED', { ref, reason: 'it names no object' })
}

/** Lists refs by prefix, in order; leaves out, as git does, what cannot be read. */
async function list(
  stores: Stores,
  root: string,
  prefix: string,
  { onDamaged }: RefListOptions = {}
): Promise<ReadonlyMap<string, Oid>> {
  const folder = `${root}/${prefix.slice(0, Math.max(0, prefix.lastIndexOf('/'))) || 'refs'}`
  const found: [string, Oid][] = []
  for (const range of [childrenOf(folder), descendantsOf(folder)]) {
    const [keys, records] = await Promise.all([
      answerOf(stores.names.getAllKeys(range)),
      answerOf(stores.names.getAll(range))
    ])
    for (const [index, record] of (records as FileRecord[]).entries()) {
      const ref = (keys[index] as [string, string]).join('/').slice(root.length + 1)
      if (record.kind !== 'file' || !ref.startsWith(prefix) || !isRefName(ref)) continue
      const oid = await resolve(stores, root, ref).then(
        (held) => held.oid,
        (error: unknown) => {
          onDamaged?.(ref, error)
          return undefined
        }
      )
      if (oid !== undefined) found.push([ref, oid])
    }
  }
  return new Map(found.sort(([a], [b]) => compareCodePoints(a, b)))
}

/** Refuses `refs/heads/a` beside `refs/heads/a/b`: one would be a file, the other a folder. */
async function checkClashes(
  stores: Stores,
  root: string,
  added: readonly { readonly ref: string; readonly value: string }[],
  removed: ReadonlySet<string>,
  set: ReadonlySet<string> = new Set()
): Promise<void> {
  for (const { ref } of added) {
    const clash = (other: string): Error =>
      gitErrors.create('GIT_REF_NAME', { ref, reason: `it clashes with ${other}` })
    for (let end = ref.lastIndexOf('/'); end > 0; end = ref.lastIndexOf('/', end - 1)) {
      const above = ref.slice(0, end)
      if (set.has(above)) throw clash(above)
      const record = await readName(stores, `${root}/${above}`)
      if (record?.kind === 'file' && !removed.has(above)) throw clash(above)
    }
    for (const below of (await list(stores, root, `${ref}/`)).keys()) {
      if (!removed.has(below)) throw clash(below)
    }
    const folder = await readName(stores, `${root}/${ref}`)
    if (folder?.kind === 'folder') await removeEmptyTree(stores, `${root}/${ref}`)
  }
}

/** Removes a folder that holds nothing but empty folders, and what is below it. */
async function removeEmptyTree(stores: Stores, folder: string): Promise<void> {
  for (const range of [childrenOf(folder), descendantsOf(folder)]) {
    const keys = (await answerOf(stores.names.getAllKeys(range))) as unknown as [string, string][]
    const records = (await answerOf(stores.names.getAll(range))) as FileRecord[]
    for (const [index, key] of keys.entries()) {
      if (records[index]?.kind === 'folder') stores.names.delete(key)
    }
  }
  stores.names.delete(keyOf(folder))
}

/** Removes the empty folders above a ref, as git does; `refs/heads` and its like stay. */
async function removeEmptyAbove(stores: Stores, root: string, ref: string): Promise<void> {
  const parts = ref.split('/').slice(0, -1)
  for (; parts.length > 2; parts.pop()) {
    const folder = `${root}/${parts.join('/')}`
    if (!(await isEmpty(stores, folder))) return
    stores.names.delete(keyOf(folder))
  }
}
