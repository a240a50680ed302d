/**
 * Reads the records of runs beside this thread while a pack brings them, so that the first question about
 * them finds most of the work done. It may have read any part of them.
 */
export interface RunReader {
  /** Whether it has read anything lately. */
  readonly hasRuns: boolean
  /** Gets ready: a project with all of its runs is about to come. */
  start(): void
  /** Hears of a file, by the 20 bytes of its name; neither array is its own. */
  take(name: Uint8Array, bytes: Uint8Array): void
  /** Makes the file of an index of those runs that it has read; `undefined` if these are none. */
  index(wanted: WantedIndex): Promise<Uint8Array | undefined>
}

/** The runs of an experiment, of which an index is wanted. */
export interface WantedIndex {
  readonly experiment: string
  /** The tree of the folder in which all of them lie. */
  readonly treeOid: string
  /** The trees of the folders between that and those of the runs, by path. */
  readonly folders: { readonly [path: string]: string }
  /** Their ids, one after the other, in ascending order. */
  readonly runs: Uint8Array
  /** The names of their trees, 20 bytes each. */
  readonly treeOids: Uint8Array
  /** The names of their records, 20 bytes each. */
  readonly recordOids: Uint8Array
}
