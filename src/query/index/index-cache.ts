import { encodeUtf8, formatHex } from '../../base/bytes.ts'
import type { Damage } from '../../store/list.ts'
import type { ProjectStore } from '../../store/project-store.ts'
import type { View } from '../../store/view.ts'
import { formatIndex, parseIndex } from './index-file.ts'
import { refreshIndex } from './refresh.ts'
import { RunIndex } from './run-index.ts'

/** An experiment of fewer runs is read faster than a file is looked after. */
const MIN_SAVED_RUNS = 500
/** A file that lacks no more than so many runs is good enough for the next process. */
const MAX_UNSAVED_RUNS = 512
const ENDING = '.idx'

/** The index of one experiment, in memory and in files that any process may write at any time. */
export class IndexCache {
  readonly #store: ProjectStore
  readonly #experiment: string
  #index: RunIndex | undefined
  #unsaved = 0
  #working: Promise<unknown> = Promise.resolve()

  constructor(store: ProjectStore, experiment: string) {
    this.#store = store
    this.#experiment = experiment
  }

  /** Returns the index in the state of a branch. */
  open(view: View): Promise<{ readonly index: RunIndex; readonly damaged: readonly Damage[] }> {
    const work = this.#working.then(() => this.#open(view))
    this.#working = work.catch(() => undefined)
    return work
  }

  async #open(view: View): Promise<{ index: RunIndex; damaged: readonly Damage[] }> {
    const index = this.#index ?? (await this.#load()) ?? new RunIndex()
    this.#index = index
    const { changed, damaged } = await refreshIndex(index, view, this.#experiment)
    this.#unsaved += changed
    // Whoever searches now keeps the rows that it has.
    if (index.count > 1.25 * index.size + 64) this.#index = index.compacted()
    const isWorth = index.size >= MIN_SAVED_RUNS && this.#unsaved > MAX_UNSAVED_RUNS
    if (isWorth && index.treeOid !== undefined) await this.#save()
    return { index, damaged }
  }

  /** Reads the newest file that is sound. */
  async #load(): Promise<RunIndex | undefined> {
    const { files, platform } = this.#store.host
    for (const folder of indexFolders(this.#store, this.#experiment)) {
      const found: { readonly path: string; readonly modifiedMs: number }[] = []
      for (const { name } of (await files.list(folder).catch(() => undefined)) ?? []) {
        const path = `${folder}/${name}`
        const stat = name.endsWith(ENDING) ? await files.stat(path) : undefined
        if (stat !== undefined) found.push({ path, modifiedMs: stat.modifiedMs })
      }
      for (const { path } of found.sort((a, b) => b.modifiedMs - a.modifiedMs)) {
        const bytes = await files.read(path).catch(() => undefined)
        const index = bytes && parseIndex(bytes, this.#experiment, platform.hash)
        if (index !== undefined) return index
      }
    }
    return undefined
  }

  /** Writes a new file and removes the others; where that can't be, the next place is tried. */
  async #save(): Promise<void> {
    const { files, platform } = this.#store.host
    this.#unsaved = 0
    const index = (this.#index as RunIndex).compacted()
    const bytes = formatIndex(index, this.#experiment, platform.hash)
    const name = `${formatHex(platform.hash.sha1(bytes)).slice(0, 16)}${ENDING}`
    for (const folder of indexFolders(this.#store, this.#experiment)) {
      const temporary = `${folder}/${formatHex(platform.random.bytes(10))}.tmp`
      try {
        await files.makeFolder(folder)
        await files.create(temporary, bytes)
        await files.rename(temporary, `${folder}/${name}`)
        for (const other of (await files.list(folder)) ?? []) {
          if (other.name.endsWith(ENDING) && other.name !== name) {
            await files.remove(`${folder}/${other.name}`)
          }
        }
        return
      } catch {
        await files.remove(temporary).catch(() => false)
      }
    }
  }
}

/** Lists where the files of an experiment's index may lie: with the project, else in the user's cache. */
export function indexFolders(
  { folder, host }: ProjectStore,
  experiment: string
): readonly string[] {
  const own = `${folder}/runtree/cache/runs/${experiment}`
  if (host.cacheFolder === undefined) return [own]
  const name = formatHex(host.platform.hash.sha256(encodeUtf8(folder))).slice(0, 16)
  return [own, `${host.cacheFolder}/runs/${name}/${experiment}`]
}

const caches = new WeakMap<ProjectStore, Map<string, IndexCache>>()

/** Returns the index of an experiment that all searches of a project's store share. */
export function indexCacheOf(store: ProjectStore, experiment: string): IndexCache {
  const known = caches.get(store) ?? new Map<string, IndexCache>()
  caches.set(store, known)
  const cache = known.get(experiment) ?? new IndexCache(store, experiment)
  known.set(experiment, cache)
  return cache
}
