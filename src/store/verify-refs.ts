import { decodeUtf8, encodeUtf8 } from '../base/bytes.ts'
import { experimentOfRef, experimentRef, MAIN_REF } from '../format/paths.ts'
import { isAncestor } from '../git/ancestry.ts'
import { parseCommit, readCommit } from '../git/commit.ts'
import { areConnected } from '../git/connectivity.ts'
import { gitErrors } from '../git/errors.ts'
import { takeLock } from '../git/lock-file.ts'
import { listLoose } from '../git/loose-pack.ts'
import type { ObjectStore } from '../git/object-store.ts'
import type { Oid } from '../git/objects.ts'
import { brokenLine, listBrokenRefs, PACKED_REFS, removeBrokenLines } from '../git/packed-refs.ts'
import type { Repository } from '../git/repository.ts'
import { listFolder, readPath } from '../git/tree-walk.ts'
import { isSlug } from '../model/slug.ts'
import { listDeleted } from './deleted.ts'
import { storeErrors } from './errors.ts'
import type { ProjectStore } from './project-store.ts'
import { trackingRef } from './ref-map.ts'
import { listRemotes } from './remote-config.ts'
import { damagedFolder, type OnFinding } from './verify-finding.ts'

/** Git takes no folder for a repository whose `HEAD` says anything else. */
const HEAD_FORM = /^(?:ref: refs\/\S+|[0-9a-f]{40})\s*$/
const HEAD = 'HEAD'

/** Finds refs whose files can't be read; whoever lists refs leaves them out. A project has a `main`. */
export async function checkRefs({ repository }: ProjectStore, report: OnFinding): Promise<void> {
  const { path, refs, storage } = repository
  const told = new Set<string>()
  const head = await storage.fs.read(`${path}/${HEAD}`)
  if (head !== undefined && !HEAD_FORM.test(decodeUtf8(head))) {
    const error = gitErrors.create('GIT_REF_DAMAGED', {
      ref: HEAD,
      reason: 'its file names no ref'
    })
    report({ what: 'ref', ref: HEAD, where: HEAD, error })
  }
  await refs.list('refs/', {
    onDamaged(ref, error) {
      told.add(ref)
      report({ what: 'ref', ref, where: ref, error })
    }
  })
  const hasMain = told.has(MAIN_REF) || (await refs.read(MAIN_REF)) !== undefined
  if (!hasMain) {
    const error = storeErrors.create('STORE_NOT_A_PROJECT', { folder: path })
    report({ what: 'ref', ref: MAIN_REF, where: MAIN_REF, error })
  }
  const packed = await storage.fs.read(`${path}/${PACKED_REFS}`)
  const broken = packed === undefined ? [] : [...listBrokenRefs(packed)]
  // A broken line counts for nothing beside a file of its ref, but git reads no ref at all then.
  if (told.has(PACKED_REFS) || broken.every((ref) => told.has(ref))) return
  const error = brokenLine(PACKED_REFS)
  report({ what: 'ref', ref: PACKED_REFS, where: PACKED_REFS, error })
}

/**
 * Mends a ref that can't be read, or whose commit is lost: a branch is put back to the newest commit of
 * it that is here with all that it needs; of others nothing is left but an older line in `packed-refs`.
 * What its file said is kept. Wherever this stops, the ref is as it was or mended.
 */
export async function mendRef(
  store: ProjectStore,
  objects: ObjectStore,
  ref: string,
  reached: ReadonlySet<Oid>
): Promise<void> {
  if (ref === PACKED_REFS) {
    await restoreBranches(store, objects, reached)
    return mendPacked(store)
  }
  if (ref === HEAD) {
    await keepRef(store, ref)
    return overwriteRef(store, ref, `ref: ${MAIN_REF}`)
  }
  const { refs } = store.repository
  const isBranch = ref === MAIN_REF || experimentOfRef(ref) !== undefined
  const value = isBranch ? await findNewest(store, objects, ref, reached) : undefined
  // Without any commit of it, what the ref says is the one trace of the branch.
  if (isBranch && value === undefined) return
  await keepRef(store, ref)
  if (await isReadable(store.repository, ref))
    return void (await refs.update([{ ref, value: value ?? null }]))
  await overwriteRef(store, ref, value)
  await mendPacked(store, ref)
}

/** Keeps what the file of a ref says, or its line in `packed-refs` if that can be read. */
async function keepRef(store: ProjectStore, ref: string): Promise<void> {
  const { repository, host } = store
  const { fs } = repository.storage
  const line = await repository.refs.read(ref).catch(() => undefined)
  const held = (await fs.read(`${repository.path}/${ref}`)) ?? (line && encodeUtf8(`${line}\n`))
  if (held === undefined) return
  const kept = `${damagedFolder(store)}/${ref}-${host.platform.clock.now()}`
  await fs.makeFolder(kept.slice(0, kept.lastIndexOf('/')))
  await fs.write(kept, held, { sync: true })
}

/** Puts a value in the place of the file of a ref that can't be read; without one, takes the file away. */
async function overwriteRef(
  store: ProjectStore,
  ref: string,
  value: string | undefined
): Promise<void> {
  const { fs } = store.repository.storage
  const path = `${store.repository.path}/${ref}`
  const folder = path.slice(0, path.lastIndexOf('/'))
  await fs.makeFolder(folder)
  const lock = await lockFile(store, ref, encodeUtf8(`${value}\n`))
  try {
    if (value === undefined) await fs.remove(path)
    else await lock.commit()
    await fs.syncFolder(folder)
  } finally {
    await lock.release()
  }
}

/**
 * Takes broken lines out of `packed-refs`, if there are some: those of a ref, or of no ref and of those that
 * have a file beside. The whole file is kept.
 */
async function mendPacked(store: ProjectStore, ref?: string): Promise<void> {
  const { repository, host } = store
  const { fs } = repository.storage
  const path = `${repository.path}/${PACKED_REFS}`
  const lock = await lockFile(store, PACKED_REFS)
  try {
    const bytes = await fs.read(path)
    if (bytes === undefined) return
    const broken = new Set<string>()
    for (const each of listBrokenRefs(bytes)) {
      const isUnneeded = ref === undefined && (await isReadable(repository, each))
      if (each === (ref ?? PACKED_REFS) || isUnneeded) broken.add(each)
    }
    if (broken.size === 0) return
    await fs.makeFolder(damagedFolder(store))
    const what = ref === undefined ? '' : `-${ref.replaceAll('/', '-')}`
    const kept = `${damagedFolder(store)}/${PACKED_REFS}${what}-${host.platform.clock.now()}`
    await fs.write(kept, bytes, { sync: true })
    await lock.write(removeBrokenLines(bytes, broken))
    await lock.commit()
    await fs.syncFolder(repository.path)
  } finally {
    await lock.release()
  }
}

/** A ref that isn't there is readable, too. */
function isReadable({ refs }: Repository, ref: string): Promise<boolean> {
  return refs.read(ref).then(
    () => true,
    () => false
  )
}

function lockFile({ repository }: ProjectStore, ref: string, content?: Uint8Array) {
  const { fs, platform } = repository.storage
  const marks = `${repository.path}/runtree/locks`
  const path = `${repository.path}/${ref}`
  return takeLock(fs, platform, { path, ref, marks, content })
}

/** Finds the newest commit of a branch that is whole: as a remote had it, or one that no ref leads to. */
async function findNewest(
  store: ProjectStore,
  objects: ObjectStore,
  ref: string,
  reached: ReadonlySet<Oid>
): Promise<Oid | undefined> {
  const { refs } = store.repository
  const candidates: Oid[] = []
  for (const { name } of await listRemotes(store)) {
    const tracked = await refs.read(trackingRef(name, ref)).catch(() => undefined)
    if (tracked !== undefined) candidates.push(tracked)
  }
  candidates.push(...(await findLoneTips(store.repository, objects, reached)))
  let best: { readonly oid: Oid; readonly time: number } | undefined
  for (const oid of candidates) {
    const time = await timeOf(objects, oid, ref).catch(() => undefined)
    if (time === undefined) continue
    const isNewer =
      best === undefined ||
      time > best.time ||
      (time === best.time && (await isAncestor(objects, best.oid, oid)))
    if (isNewer) best = { oid, time }
  }
  return best?.oid
}

/** Returns when a commit was made; `undefined` if it is none of the branch, or not whole. */
async function timeOf(objects: ObjectStore, oid: Oid, ref: string): Promise<number | undefined> {
  const { tree, committer } = await readCommit(objects, oid)
  const experiment = experimentOfRef(ref)
  const file =
    experiment === undefined ? 'project.yaml' : `experiments/${experiment}/experiment.yaml`
  if ((await readPath(objects, tree, file)) === undefined) return undefined
  return (await areConnected(objects, [oid], [])) ? committer.epochSeconds : undefined
}

/**
 * Puts branches back of which there are commits that no ref reaches, and no ref: lines of `packed-refs` that
 * can't be read may have named any. One that was deleted is left alone as long as it is kept.
 */
async function restoreBranches(
  store: ProjectStore,
  objects: ObjectStore,
  reached: ReadonlySet<Oid>
): Promise<void> {
  const { repository } = store
  const known = new Set((await listDeleted(repository)).map(({ experiment }) => experiment))
  for (const oid of await findLoneTips(repository, objects, reached)) {
    const folder = await readCommit(objects, oid)
      .then(({ tree }) => listFolder(objects, tree, 'experiments'))
      .catch(() => undefined)
    for (const { name } of folder ?? []) {
      if (!isSlug(name) || known.has(name)) continue
      known.add(name)
      const ref = experimentRef(name)
      // A line that is only broken tells more: it is mended by itself.
      const isThere = await repository.refs.read(ref).catch(() => 'damaged')
      const value = isThere === undefined && (await findNewest(store, objects, ref, reached))
      if (value) await repository.refs.update([{ ref, expected: null, value }])
    }
  }
}

/** Lists the commits that no ref reaches, without those that another of them builds on. */
async function findLoneTips(
  { storage }: Repository,
  objects: ObjectStore,
  reached: ReadonlySet<Oid>
): Promise<readonly Oid[]> {
  const lone = new Set<Oid>()
  await storage.folders.scan()
  for (const { index } of storage.folders.own.packs.all) {
    for (let at = 0; at < index.count; at++) lone.add(index.oidAt(at))
  }
  for (const { oid } of await listLoose(storage)) lone.add(oid)
  const tips = new Set<Oid>()
  const built = new Set<Oid>()
  for (const oid of lone) {
    if (reached.has(oid)) continue
    const object = await objects.read(oid).catch(() => undefined)
    if (object?.type !== 'commit') continue
    tips.add(oid)
    for (const parent of parseCommit(object).parents) built.add(parent)
  }
  return [...tips].filter((oid) => !built.has(oid))
}
