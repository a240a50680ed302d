/**
 * Reads the records of runs beside this thread while a pack brings them, so that the first question about
 * them finds most of the work done. It may have read any part of them.
 */
export interface RunReader {
  /** Whether it has read anything lately. */
  readonly hasRuns: boolean
  /** Gets ready: a project with all of its runs is about to come. */
  start(): void
  /** Hears of an object, by the 20 bytes of its name; neither array is its own. */
  take(type: string, name: Uint8Array, bytes: Uint8Array): void
  /** Returns what to wait for before more is brought; `undefined` if it keeps up. */
  drain(): Promise<void> | undefined
  /** Hears that all came that some commits lead to: what will be asked about it may be made ready. */
  prepare(commits: readonly string[]): void
  /** Makes the file of an index of those runs that it has read; `undefined` if these are none, or few. */
  index(wanted: WantedIndex): Promise<Uint8Array | undefined>
}

/** The runs of an experiment, of which an index is wanted. */
export interface WantedIndex {
  readonly experiment: string
  /** The tree of the folder in which all of them lie. */
  readonly treeOid: string
}
