import { readChunks } from '../artifacts/local-content.ts'
import { formatHex } from '../base/bytes.ts'
import { listTemporary } from '../git/gc-sweep.ts'
import type { ObjectReader } from '../git/object-store.ts'
import { PathIndex } from '../git/path-index.ts'
import { storeErrors } from './errors.ts'
import type { ProjectStore } from './project-store.ts'
import { listRemotes } from './remote-config.ts'
import { findDamagedSeries } from './series-cache.ts'
import { compareWithRemote } from './sync-state.ts'
import type { OnFinding, VerifyNote } from './verify-finding.ts'
import type { CheckOptions } from './verify-objects.ts'

/** Hears what is no fault. */
export type OnNote = (note: Omit<VerifyNote, 'project'>) => void

/** Checks what is made from the history, and may be made anew at any time. */
export async function checkDerived(
  store: ProjectStore,
  objects: ObjectReader,
  report: OnFinding
): Promise<void> {
  const { fs, platform } = store.repository.storage
  const paths = `${store.folder}/runtree/cache/changed-paths`
  const bytes = await fs.read(paths)
  const isDamaged = bytes !== undefined && PathIndex.parse(bytes, platform.hash) === undefined
  for (const path of [
    ...(isDamaged ? [paths] : []),
    ...(await findDamagedSeries(store, objects))
  ]) {
    const error = storeErrors.create('STORE_CACHE_DAMAGED', { path })
    report({ what: 'derived', path, where: path, error })
  }
}

/** Tells of files that programs left which are gone; packs that are damaged, named without ending, are none. */
export async function checkLeftovers(
  store: ProjectStore,
  damaged: readonly string[],
  note: OnNote
): Promise<void> {
  const { storage } = store.repository
  for (const where of await listTemporary(storage, storage.platform.clock.now())) {
    if (damaged.some((path) => where.startsWith(`${path}.`))) continue
    const message = 'A program that is gone left this file behind.'
    note({ where, kind: 'leftover', message, repair: 'remove' })
  }
}

/** Checks content beside the history against its names. */
export async function checkContent(
  store: ProjectStore,
  { signal }: CheckOptions,
  report: OnFinding
): Promise<void> {
  const { files, platform } = store.host
  const top = `${store.folder}/lfs/objects`
  for (const one of (await files.list(top)) ?? []) {
    for (const two of (await files.list(`${top}/${one.name}`)) ?? []) {
      for (const { name } of (await files.list(`${top}/${one.name}/${two.name}`)) ?? []) {
        if (!/^[0-9a-f]{64}$/.test(name)) continue
        const path = `${top}/${one.name}/${two.name}/${name}`
        const digest = platform.hash.openSha256()
        for await (const chunk of readChunks(files, path)) {
          signal?.throwIfAborted()
          digest.update(chunk)
        }
        if (formatHex(digest.finish()) === name) continue
        const error = storeErrors.create('STORE_CONTENT_DAMAGED', { path })
        report({ what: 'content', path, where: path, error })
      }
    }
  }
}

const UNSYNCED: { readonly [status: string]: string } = {
  new: 'was never pushed',
  ahead: 'has changes that were not pushed',
  diverged: 'has changes that were not pushed, and others that were not pulled',
  'deleted-there': 'was deleted there, and is still here',
  rewound: 'was replaced there by an older state, and is still here'
}

/** Tells what no remote is known to have. */
export async function checkSynced(store: ProjectStore, note: OnNote): Promise<void> {
  const remotes = await listRemotes(store)
  if (remotes.length === 0) {
    const message = 'The project has no remote: there is no other copy that Runtree knows of.'
    note({ where: store.folder, kind: 'unsynced', message })
  }
  for (const { name } of remotes) {
    // What can't be compared was told of as damaged.
    for (const { ref, status } of await compareWithRemote(store, name).catch(() => [])) {
      const words = UNSYNCED[status]
      if (words === undefined) continue
      note({ where: ref, kind: 'unsynced', message: `At ${name}: it ${words}.` })
    }
  }
}
