import { decodeUtf8, encodeUtf8 } from '../base/bytes.ts'
import type { FileSystem } from '../base/platform.ts'
import { experimentRef } from '../format/paths.ts'
import type { Oid } from '../git/objects.ts'
import type { Repository } from '../git/repository.ts'
import { guardFiles } from './errors.ts'

/** Where deleted branches are kept: `refs/runtree/deleted/<milliseconds since 1970>/<slug>`. */
const DELETED_PREFIX = 'refs/runtree/deleted/'

/** How long a deleted branch is kept. */
export const DELETED_KEPT_MS = 30 * 24 * 3600 * 1000

/** A deleted experiment that can be restored. */
export interface DeletedExperiment {
  readonly ref: string
  readonly experiment: string
  readonly headOid: Oid
  readonly deletedMs: number
}

/** Lists deleted experiments, the latest first. */
export async function listDeleted(repository: Repository): Promise<readonly DeletedExperiment[]> {
  const deleted: DeletedExperiment[] = []
  for (const [ref, headOid] of await repository.refs.list(DELETED_PREFIX)) {
    const [time, experiment] = ref.slice(DELETED_PREFIX.length).split('/')
    if (experiment !== undefined) {
      deleted.push({ ref, experiment, headOid, deletedMs: Number(time) })
    }
  }
  return deleted.sort((a, b) => b.deletedMs - a.deletedMs)
}

/** Removes an experiment's branch and keeps it as deleted; `undefined` if there was none. */
export async function deleteBranch(
  repository: Repository,
  experiment: string,
  nowMs: number
): Promise<Oid | undefined> {
  const ref = experimentRef(experiment)
  for (;;) {
    const headOid = await repository.refs.read(ref)
    if (headOid === undefined) return undefined
    const kept = `${DELETED_PREFIX}${nowMs}/${experiment}`
    const update = await repository.refs.update([
      { ref, expected: headOid, value: null },
      { ref: kept, value: headOid }
    ])
    if (update.status === 'updated') return headOid
  }
}

/** Brings the branch that was deleted last back; `undefined` if none is kept, or there is one. */
export async function restoreBranch(
  repository: Repository,
  experiment: string
): Promise<Oid | undefined> {
  const kept = (await listDeleted(repository)).find((each) => each.experiment === experiment)
  if (kept === undefined) return undefined
  const { ref, headOid } = kept
  const update = await repository.refs.update([
    { ref: experimentRef(experiment), expected: null, value: headOid },
    { ref, expected: headOid, value: null }
  ])
  return update.status === 'updated' ? headOid : undefined
}

/** Forgets branches that were deleted long ago. */
export async function expireDeleted(repository: Repository, nowMs: number): Promise<void> {
  for (const { ref, headOid, deletedMs } of await listDeleted(repository)) {
    if (nowMs - deletedMs < DELETED_KEPT_MS) continue
    await repository.refs.update([{ ref, expected: headOid, value: null }])
  }
}

/** Reads the experiments that were deleted here and may still be published or lie on a remote. */
export async function readHidden(files: FileSystem, folder: string): Promise<ReadonlySet<string>> {
  const bytes = await guardFiles(folder, () => files.read(`${folder}/runtree/hidden`))
  return new Set(bytes === undefined ? [] : decodeUtf8(bytes).split('\n').filter(Boolean))
}

/** Hides an experiment, or shows it again. */
export async function writeHidden(
  files: FileSystem,
  { path: folder, refs }: Repository,
  experiment: string,
  hidden: boolean
): Promise<void> {
  if ((await readHidden(files, folder)).has(experiment) === hidden) return
  await refs.queue('hidden', async () => {
    const slugs = new Set(await readHidden(files, folder))
    if (hidden) slugs.add(experiment)
    else slugs.delete(experiment)
    const lines = [...slugs].sort().map((slug) => `${slug}\n`)
    await files.makeFolder(`${folder}/runtree`)
    await files.write(`${folder}/runtree/hidden.new`, encodeUtf8(lines.join('')), { sync: true })
    await files.rename(`${folder}/runtree/hidden.new`, `${folder}/runtree/hidden`)
  })
}
