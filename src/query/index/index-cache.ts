import { isFolder } from '../../git/tree.ts'
import type { Damage } from '../../store/list.ts'
import type { ProjectStore } from '../../store/project-store.ts'
import type { View } from '../../store/view.ts'
import { loadCells } from './column.ts'
import { columnsFor } from './columns-for.ts'
import { IndexFolder, type StoredIndex } from './index-folder.ts'
import { type IndexSnapshot, takeSnapshot, type WantedField } from './index-snapshot.ts'
import { ENVIRONMENT_RECORDS, type IndexedRecords, RUN_RECORDS } from './indexed-records.ts'
import { refreshIndex } from './refresh.ts'
import { RunIndex } from './run-index.ts'

/** When an index is written to files. */
export interface IndexLimits {
  /** An experiment of fewer runs is read faster than a file is looked after. Default: 500. */
  readonly minSavedRuns?: number
  /** Files that lack fewer runs are good enough for the next process. Default: 32. */
  readonly minUnsavedRuns?: number
  /** Fewer rows in memory are no reason to write all of them anew. Default: 512. */
  readonly minWornRows?: number
}

/** An index of one experiment, in memory and in files that any process may write at any time. */
export class IndexCache {
  readonly #store: ProjectStore
  readonly #experiment: string
  readonly #records: IndexedRecords
  readonly #folder: IndexFolder
  readonly #limits: Required<IndexLimits>
  #index: RunIndex | undefined
  /** The file that the index stands on; `undefined` if there is none. */
  #base: string | undefined
  #unsaved = 0
  #working: Promise<unknown> = Promise.resolve()

  constructor(
    store: ProjectStore,
    experiment: string,
    records: IndexedRecords,
    limits: IndexLimits = {}
  ) {
    this.#store = store
    this.#experiment = experiment
    this.#records = records
    this.#limits = { minSavedRuns: 500, minUnsavedRuns: 32, minWornRows: 512, ...limits }
    this.#folder = new IndexFolder(store, { experiment, kind: records.kind })
  }

  /**
   * Brings the index into the state of a branch, reads the cells of some fields, and hands what there is
   * to `body` before anybody else can change it.
   */
  open<T>(
    view: View,
    wanted: readonly WantedField[],
    body: (snapshot: IndexSnapshot) => T
  ): Promise<{ readonly result: T; readonly damaged: readonly Damage[] }> {
    const work = this.#working.then(async () => {
      const { index, damaged } = await this.#open(view, wanted)
      return { result: body(takeSnapshot(index, wanted)), damaged }
    })
    this.#working = work.catch(() => undefined)
    return work
  }

  async #open(
    view: View,
    wanted: readonly WantedField[]
  ): Promise<{ readonly index: RunIndex; readonly damaged: readonly Damage[] }> {
    for (;;) {
      const index = this.#index ?? (await this.#load(view))
      const found = await refreshIndex(index, view, this.#experiment, this.#records)
      const isReady = found !== undefined && (await this.#prepare(index, found.changed, wanted))
      if (isReady) return { index, damaged: found.damaged }
      // Each file is given up once; in the end all is in memory.
      this.#folder.giveUp()
      this.#index = undefined
    }
  }

  async #load(view: View): Promise<RunIndex> {
    const stored = (await this.#folder.load()) ?? (await this.#readAside(view))
    this.#index = stored?.index ?? new RunIndex()
    this.#base = stored?.base
    this.#unsaved = 0
    return this.#index
  }

  /** Lets an index be made of what was read while it came. */
  async #readAside(view: View): Promise<Partial<StoredIndex> | undefined> {
    const { runReader } = this.#store.host
    if (!runReader?.hasRuns || this.#records.kind !== 'run') return undefined
    const experiment = this.#experiment
    const root = await view.entry(`experiments/${experiment}/runs`)
    if (root === undefined || !isFolder(root)) return undefined
    const bytes = await runReader.index({ experiment, treeOid: root.oid })
    return bytes && this.#folder.adopt(bytes)
  }

  /** Reads cells and saves what is worth it; `false` if a file can't be read any more. */
  async #prepare(
    index: RunIndex,
    changed: number,
    wanted: readonly WantedField[]
  ): Promise<boolean> {
    for (const { field, raw } of wanted) {
      if (!(await loadCells(columnsFor(index.columns, field, raw, index.count)))) return false
    }
    this.#unsaved += changed
    if (index.isWorn(this.#limits.minWornRows)) return this.#renew(index)
    if (this.#base === undefined || this.#unsaved < this.#limits.minUnsavedRuns) return true
    if (!(await index.loadTrees())) return false
    this.#unsaved = 0
    const subject = { experiment: this.#experiment, kind: this.#records.kind }
    const { hash } = this.#store.host.platform
    await this.#folder.add(this.#base, index.formatTail(subject, this.#base, hash))
    return true
  }

  /** Lets the next question have an index without dead rows; whoever searches now keeps what it has. */
  async #renew(index: RunIndex): Promise<boolean> {
    if (!(await loadCells(index.columns)) || !(await index.loadTrees())) return false
    const subject = { experiment: this.#experiment, kind: this.#records.kind }
    const bytes = index.format(subject, this.#store.host.platform.hash)
    const renewed = await this.#folder.replace(bytes, index.size >= this.#limits.minSavedRuns)
    this.#index = renewed.index
    this.#base = renewed.base
    this.#unsaved = 0
    return true
  }
}

/** The indices of an experiment. */
export interface IndexCaches {
  readonly run: IndexCache
  readonly environment: IndexCache
}

const caches = new WeakMap<ProjectStore, Map<string, IndexCaches>>()

/** Returns the indices of an experiment that all searches of a project's store share. */
export function indexCachesOf(store: ProjectStore, experiment: string): IndexCaches {
  const ofStore = caches.get(store) ?? new Map<string, IndexCaches>()
  caches.set(store, ofStore)
  const found = ofStore.get(experiment) ?? createIndexCaches(store, experiment)
  ofStore.set(experiment, found)
  return found
}

/** Makes the indices of an experiment. */
export function createIndexCaches(
  store: ProjectStore,
  experiment: string,
  limits: IndexLimits = {}
): IndexCaches {
  return {
    run: new IndexCache(store, experiment, RUN_RECORDS, limits),
    environment: new IndexCache(store, experiment, ENVIRONMENT_RECORDS, limits)
  }
}
