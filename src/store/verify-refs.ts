import { encodeUtf8 } from '../base/bytes.ts'
import { experimentOfRef, MAIN_REF } from '../format/paths.ts'
import { isAncestor } from '../git/ancestry.ts'
import { parseCommit, readCommit } from '../git/commit.ts'
import { areConnected } from '../git/connectivity.ts'
import { listLoose } from '../git/loose-pack.ts'
import type { ObjectStore } from '../git/object-store.ts'
import type { Oid } from '../git/objects.ts'
import { listBrokenRefs, PACKED_REFS, removeBrokenLines } from '../git/packed-refs.ts'
import type { Repository } from '../git/repository.ts'
import { readPath } from '../git/tree-walk.ts'
import type { ProjectStore } from './project-store.ts'
import { trackingRef } from './ref-map.ts'
import { listRemotes } from './remote-config.ts'
import { damagedFolder, type OnFinding } from './verify-finding.ts'

/** Finds refs whose files can't be read; whoever lists refs leaves them out. */
export async function checkRefs({ refs }: Repository, report: OnFinding): Promise<void> {
  await refs.list('refs/', {
    onDamaged: (ref, error) => report({ what: 'ref', ref, where: ref, error })
  })
}

/**
 * Mends a ref that can't be read, or whose commit is lost: a branch is put back to the newest commit of
 * it that is here with all that it needs; of others nothing is left. What its file said is kept.
 */
export async function mendRef(
  store: ProjectStore,
  objects: ObjectStore,
  ref: string,
  reached: ReadonlySet<Oid>
): Promise<void> {
  const { repository, host } = store
  const { fs } = repository.storage
  const bytes = await fs.read(`${repository.path}/${ref}`)
  if (ref === PACKED_REFS) {
    await mendPacked(store, ref)
    return
  }
  const isBranch = ref === MAIN_REF || experimentOfRef(ref) !== undefined
  const value = isBranch ? await findNewest(store, objects, ref, reached) : undefined
  // Without any commit of it, what the ref says is the one trace of the branch.
  if (isBranch && value === undefined) return
  if (bytes === undefined) await mendPacked(store, ref)
  const held = bytes ?? encodeUtf8(`${(await repository.refs.read(ref)) ?? ''}\n`)
  const kept = `${damagedFolder(store)}/${ref}-${host.platform.clock.now()}`
  await fs.makeFolder(kept.slice(0, kept.lastIndexOf('/')))
  await fs.write(kept, held, { sync: true })
  const isReadable = await repository.refs.read(ref).then(
    () => true,
    () => false
  )
  if (!isReadable) await fs.remove(`${repository.path}/${ref}`)
  await repository.refs.update([{ ref, value: value ?? null }])
}

/** Takes the broken lines of a ref out of `packed-refs`, if there are some; the whole file is kept. */
async function mendPacked(store: ProjectStore, ref: string): Promise<void> {
  const { repository, host } = store
  const { fs } = repository.storage
  const path = `${repository.path}/${PACKED_REFS}`
  const lock = `${path}.lock`
  if (!(await fs.create(lock, new Uint8Array()))) return
  try {
    const bytes = await fs.read(path)
    if (bytes === undefined || !listBrokenRefs(bytes).has(ref)) return
    await fs.makeFolder(damagedFolder(store))
    const what = ref === PACKED_REFS ? '' : `-${ref.replaceAll('/', '-')}`
    const kept = `${damagedFolder(store)}/${PACKED_REFS}${what}-${host.platform.clock.now()}`
    await fs.write(kept, bytes, { sync: true })
    await fs.write(lock, removeBrokenLines(bytes, ref), { sync: true })
    await fs.rename(lock, path)
  } finally {
    await fs.remove(lock)
  }
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
