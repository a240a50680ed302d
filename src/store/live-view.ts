import { compareCodePoints } from '../base/bytes.ts'
import type { Oid } from '../git/objects.ts'
import type { KeyOf } from '../model/kinds.ts'
import { guardFiles } from './errors.ts'
import { readLive } from './live-runs.ts'
import type { ProjectStore } from './project-store.ts'
import { View } from './view.ts'

/** The state of a branch with what journals add to a run and is not committed yet. */
class LiveView extends View {
  readonly #live: ReadonlyMap<string, Uint8Array>

  constructor(view: View, live: ReadonlyMap<string, Uint8Array>) {
    super(view.objects, view.commitOid, view.treeOid)
    this.#live = live
  }

  override async file(path: string): Promise<Uint8Array | undefined> {
    return this.#live.get(path) ?? super.file(path)
  }

  override async *files(
    folder: string
  ): AsyncGenerator<{ readonly path: string; readonly bytes: Uint8Array }> {
    yield* await this.filesAtOnce(folder)
  }

  override async treeOf(folder: string): Promise<Oid | undefined> {
    const isLive = [...this.#live.keys()].some((path) => path.startsWith(`${folder}/`))
    return isLive ? undefined : super.treeOf(folder)
  }

  override async filesAtOnce(
    folder: string
  ): Promise<readonly { readonly path: string; readonly bytes: Uint8Array }[]> {
    const found = new Map<string, Uint8Array>()
    for (const { path, bytes } of await super.filesAtOnce(folder)) found.set(path, bytes)
    for (const [path, bytes] of this.#live) {
      if (path.startsWith(`${folder}/`)) found.set(path, bytes)
    }
    return [...found.keys()]
      .sort(compareCodePoints)
      .map((path) => ({ path, bytes: found.get(path) as Uint8Array }))
  }
}

/**
 * Returns the state in which a run is to be read: as it is now with every acknowledged row, or at a
 * commit or tag.
 */
export async function viewOfRun(
  store: ProjectStore,
  key: KeyOf<'run'>,
  at?: string
): Promise<View | undefined> {
  if (at !== undefined) return store.viewOf(key, at)
  // First the journals, then the branch: a journal goes only after its commit.
  const live = await guardFiles(store.folder, () => readLive(store, key))
  const view = await store.viewOf(key)
  return view === undefined || live.size === 0 ? view : new LiveView(view, live)
}
