import type { JsonObject } from '../base/json.ts'
import type { SeriesColumns } from '../format/series-column.ts'
import type { OverviewColumns } from '../format/series-overview.ts'
import type { RunPartKind } from '../model/kinds.ts'
import type { RunStatus } from '../model/records.ts'
import type { StoredCode } from '../store/run-code.ts'
import type { CompareOptions, CompareRowsOptions, RowComparison, RunComparison } from './compare.ts'
import type { StoredObject } from './objects.ts'
import type {
  BestOptions,
  FindOptions,
  FindResult,
  GroupOptions,
  GroupResult,
  QueryOptions,
  RunTable
} from './query.ts'
import type { ListOptions, ReadOptions, Service } from './service.ts'

/** A point of a metric's series. */
export interface SeriesPoint {
  /** Absent only in parts that other programs wrote. */
  readonly step?: number
  /** Milliseconds since 1970. */
  readonly time: number
  readonly metric: string
  readonly split?: string
  readonly value: number
  readonly writer: string
}

export type { SeriesColumns } from '../format/series-column.ts'
export type { OverviewColumns } from '../format/series-overview.ts'
export type { StoredCode } from '../store/run-code.ts'

/** Runs, with what is stored beside their records. */
export interface RunService extends Service<'run'> {
  /**
   * Finds runs by a filter, sorted, with what a table needs.
   *
   * @throws QUERY_SYNTAX, QUERY_FIELD, QUERY_PATTERN, QUERY_FILTER
   */
  find(options?: FindOptions): Promise<FindResult>
  /**
   * Finds runs as `find` does and gives fields of them alone, without reading whole runs: `columns`, else
   * every field that one of them has, parameters and metrics by their names. It is for many runs.
   */
  table(options?: FindOptions): Promise<RunTable>
  /** Counts the runs that pass a filter. */
  count(options?: QueryOptions): Promise<number>
  /** Groups runs by fields, and sums numbers up. */
  group(options: GroupOptions): Promise<GroupResult>
  /**
   * Finds the runs with the best value of a metric, the best first; runs without one are left out.
   *
   * @throws QUERY_GOAL if no goal is given and the experiments declare none for the metric, or different ones.
   */
  best(options?: BestOptions): Promise<FindResult>
  /**
   * Compares runs, of one experiment or of several: the others with the first. Only what differs is given,
   * unless `all` is wanted. Addresses may name one run at several commits.
   *
   * @throws STORE_NOT_FOUND, STORE_WRONG_KIND, STORE_AMBIGUOUS; TypeError for less than two runs.
   */
  compare(addresses: readonly string[], options?: CompareOptions): Promise<RunComparison>
  /**
   * Compares the rows of a result that several runs have, joined by its key column: which improved,
   * worsened or changed, which are new or missing, with both outcomes. The rows of the first run are held as
   * text, those of the others are read one part after another.
   *
   * @throws QUERY_ROWS if there is no key, or no column that says what is better; QUERY_GOAL if it is a
   * number and nothing says which way it gets better; STORE_NOT_FOUND, STORE_WRONG_KIND, STORE_AMBIGUOUS;
   * TypeError for less than two runs.
   */
  compareRows(
    addresses: readonly string[],
    result: string,
    options?: CompareRowsOptions
  ): Promise<RowComparison>
  /** Reads the points of a run in order of (step, time, writer, line), those not yet committed included. */
  series(
    address: string,
    options?: ReadOptions & { readonly metrics?: readonly string[] }
  ): AsyncIterable<SeriesPoint>
  /**
   * Reads the same points as columns of numbers, one set for each metric and split: for long series, of which
   * a million points take a fraction of a second.
   */
  seriesColumns(
    address: string,
    options?: ReadOptions & { readonly metrics?: readonly string[] }
  ): Promise<readonly SeriesColumns[]>
  /**
   * Reads what a chart can show of long series, without reading them: of each at most 6000 points, in order,
   * the least and greatest among them, and how many there are. `undefined` if there is no overview of what the
   * run has logged: its series are short, or were not written by Runtree, or it goes on.
   */
  seriesOverview(
    address: string,
    options?: ReadOptions
  ): Promise<readonly OverviewColumns[] | undefined>
  /** Reads the rows of a result. */
  rows(address: string, result: string, options?: ReadOptions): AsyncIterable<JsonObject>
  /**
   * Reads the text of a run, what is not yet committed included; with `after`, only what came since the
   * read that gave that cursor.
   */
  text(address: string, options?: ReadOptions & { readonly after?: string }): Promise<RunText>
  /**
   * Gives what is stored of many runs, in the order of their addresses: they are read together, which takes a
   * fraction of the time of one call for each.
   *
   * @throws STORE_NOT_FOUND, STORE_WRONG_KIND, STORE_AMBIGUOUS
   */
  contents(addresses: readonly string[], options?: ContentsOptions): AsyncIterable<RunContents>
  /** Lists the runs that are part of a run. */
  children(address: string): AsyncIterable<StoredObject<'run'>>
  /** Lists the runs in progress on this machine's store, with what they logged so far. */
  live(options?: { readonly in?: string }): AsyncIterable<LiveRun>
  /**
   * Tells what runs in progress logged since the call that gave a cursor, reading only what was appended;
   * without one, what is in progress.
   */
  changes(options?: { readonly in?: string; readonly cursor?: string }): Promise<LiveChanges>
  /** Reads the code of a run; `undefined` if none was recorded. */
  code(address: string, options?: ReadOptions): Promise<StoredCode | undefined>
  /** Lists the names that runs gave to parameters and metrics, such as `params.lr`. */
  names(options?: Pick<QueryOptions, 'in' | 'at' | 'signal'>): Promise<readonly string[]>
  /** Ends runs whose process is gone as `interrupted`, with all their rows; tells which. */
  recover(options?: { readonly in?: string }): Promise<readonly RecoveredRun[]>
}

/** Kinds of records inside a run. */
export type RunRecordKind = Exclude<RunPartKind, 'artifact'>

/** How the contents of many runs are read. */
export interface ContentsOptions extends ReadOptions {
  /** What is wanted, which is read ahead; what is not is read when it is asked for. Default: all but artifacts. */
  readonly folders?: readonly (
    | 'series'
    | 'results'
    | 'log'
    | 'splits'
    | 'computations'
    | 'metrics'
  )[]
}

/** An artifact of a run. */
export interface ArtifactEntry {
  readonly path: string
  readonly address: string
  readonly sizeBytes?: number
  readonly digest?: string
  readonly mediaType?: string
  readonly uri?: string
  /** Whether the content is here. */
  readonly present: boolean
}

/** A run with what is stored beside its record, to be read before the next one is asked for. */
export interface RunContents {
  readonly run: StoredObject<'run'>
  environment(): Promise<StoredObject<'environment'> | undefined>
  /** Lists records; of metrics those that are structured values. */
  list<K extends RunRecordKind>(
    kind: K,
    options?: Pick<ListOptions, 'onDamaged'>
  ): AsyncIterable<StoredObject<K>>
  /** Reads the points of the run in order of (step, time, writer, line). */
  series(): Promise<readonly SeriesPoint[]>
  /** Reads the rows of a result. @throws STORE_NOT_FOUND */
  rows(result: string): AsyncIterable<JsonObject>
  text(): Promise<string>
  artifacts(): AsyncIterable<ArtifactEntry>
}

/** A run that was ended because its process is gone. */
export interface RecoveredRun {
  readonly address: string
  readonly status: RunStatus
}

/** Part of a run's log. */
export interface RunText {
  readonly text: string
  /** From where the next read goes on, if it is given as `after`. */
  readonly cursor: string
}

/** A run in progress. */
export interface LiveRun {
  readonly run: StoredObject<'run'>
  /** Whether its process is there; `undefined` if this machine can't tell. */
  readonly alive: boolean | undefined
  /** Milliseconds since the last sign of life. */
  readonly silentMs: number
}

/** What happened to runs in progress. */
export interface LiveChanges {
  readonly cursor: string
  /** All that are in progress. */
  readonly runs: readonly LiveRunChanges[]
  /** Addresses of those that were in progress at the cursor and are not any more. */
  readonly ended: readonly string[]
  /** Another one than before means that something was committed. */
  readonly version: string
}

/**
 * A run in progress with what it logged since the cursor. What its record says of metrics is kept up
 * from the points alone: a value that is logged twice for a step counts twice until the run is read again.
 */
export interface LiveRunChanges extends LiveRun {
  readonly points: readonly Omit<SeriesPoint, 'writer'>[]
  readonly text: string
}
