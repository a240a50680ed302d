import type { Json, JsonObject } from '../base/json.ts'
import type { DatasetReference, RunStatus } from '../model/records.ts'
import type { Fields } from './objects.ts'

/** Which code a run is of. */
export interface CodeOptions {
  /** The folder that the code lies in. Default: the current folder. */
  readonly folder?: string
  /** The file that was started. Default: the script of the process. */
  readonly entry?: string
  /** Untracked files that belong to the code, as glob patterns. Default: what `project.yaml` says. */
  readonly include?: readonly string[]
}

/** What a run says of itself, at its start or later. */
export interface RunSettings {
  /** A label for people. Default: none; the id stands for the run. */
  readonly name?: string
  /** Parameters; nested maps are allowed. Later ones are added to earlier ones. Default: none. */
  readonly params?: JsonObject
  /** Default: none. */
  readonly tags?: readonly string[]
  /** Free text. Default: none. */
  readonly notes?: string
  /** The random seed. Default: none. */
  readonly seed?: number | string
  /** Datasets by slug. Default: none. */
  readonly datasets?: { readonly [dataset: string]: DatasetReference }
}

/** How a run is started. */
export interface StartRun extends RunSettings {
  /** The workspace's folder. Default: `$RUNTREE_HOME`, else the nearest `.runtree/` upwards, else `~/.runtree`. */
  readonly workspace?: string
  /**
   * The project's name; it is made if there is none. Default: `$RUNTREE_PROJECT`, else the code
   * repository's name, else the folder's.
   */
  readonly project?: string
  /** The experiment's name; it is made if there is none. Default: the name of the started script. */
  readonly experiment?: string
  /** Continues the run that was started with the same key in this experiment. Default: a new run. */
  readonly key?: string
  /** The run that this one is part of, by address or id. Default: none. */
  readonly parent?: string
  /** Which code is recorded; `false` records none. Default: the current folder's. */
  readonly code?: CodeOptions | false
  /** The command line to record. Default: the process's own. */
  readonly command?: readonly string[]
  /**
   * The remote to which the experiment is pushed in the background, at the start and the end of the run;
   * `false`: none, whatever the settings say. Default: the workspace's setting `push`.
   */
  readonly push?: string | false
  /** Whether host, packages and the like are recorded. Default: true. */
  readonly environment?: boolean
  /** Whether the first line, which says where the run goes, is left away. Default: false. */
  readonly quiet?: boolean
  /** Stops the start; a run that has started is not touched. Default: none. */
  readonly signal?: AbortSignal
}

/** To what a logged value belongs. */
export interface LogOptions {
  /** Default: the number of values that this process has logged of the metric. */
  readonly step?: number
  /** The split's name. Default: none. */
  readonly split?: string
  /** Milliseconds since 1970. Default: now. */
  readonly time?: number
}

/** What an artifact is made of: bytes, text, a stream, a file, or a reference to content that stays where it is. */
export type ArtifactContent =
  | Uint8Array
  | string
  | AsyncIterable<Uint8Array>
  | { readonly file: string; readonly mediaType?: string }
  | {
      readonly uri: string
      readonly sizeBytes?: number
      readonly digest?: string
      readonly mediaType?: string
    }

/** Numbers by metric name; NaN and the infinities are valid. */
export type MetricValues = { readonly [metric: string]: number }

/** A split of a run, for logging. */
export interface RunSplit {
  readonly name: string
  log(values: MetricValues, options?: Omit<LogOptions, 'split'>): void
  /** Records a structured value of this split, such as a confusion matrix. */
  value(metric: string, value: Json, options?: { readonly type?: string }): void
}

/** A computation of a run that is under way. */
export interface RunComputation {
  readonly name: string
  /** Adds fields, such as parameters that were found on the way. */
  set(fields: Fields<'computation'>): void
  /** Records that it has ended. */
  finish(): void
}

/** How the process or program of a run ended: without any field, well. */
export interface RunEnd {
  /** Another than 0 makes the run `failed`. Default: not recorded. */
  readonly exitCode?: number
  /** Makes the run `interrupted`. Default: none. */
  readonly signal?: string
  /** Makes the run `failed`. Default: none. */
  readonly error?: unknown
}

/** How a run ended up in the store. */
export interface RunReport {
  readonly address: string
  readonly status: RunStatus
  /** The commit that holds all of it; `undefined` if the store could not be written. */
  readonly commitOid?: string
  /** What went wrong on the way, in plain words; empty if nothing did. */
  readonly problems: readonly string[]
}

/**
 * A run in progress.
 *
 * `log`, `text`, `row`, `value`, `set` and `artifact` never fail for trouble in the store: rows stay in
 * bounded memory, one warning is printed, `finish` reports. Wrong use throws a `TypeError` at once.
 */
export interface Run {
  readonly id: string
  readonly address: string
  readonly project: string
  readonly experiment: string
  /** Adds a point to the series of each metric. When it returns, a killed process loses nothing of it. */
  log(values: MetricValues, options?: LogOptions): void
  /** Adds a line, or several, to the run's log. */
  text(line: string): void
  /**
   * Adds a row to a result; columns and their types follow from the rows. `key` names the column by
   * which rows of two runs are joined; the first one given counts. Default: none.
   */
  row(result: string, row: JsonObject, options?: { readonly key?: string }): void
  /** Records a metric's value that is no number, such as a confusion matrix; a later one replaces it. */
  value(
    metric: string,
    value: Json,
    options?: { readonly type?: string; readonly split?: string }
  ): void
  set(settings: RunSettings): void
  /** Stores content under a path of the run; a later one replaces it. */
  artifact(path: string, content: ArtifactContent): Promise<void>
  /** Records how the data were divided; returns what logs for that split. */
  split(name: string | number, fields?: Fields<'split'>): RunSplit
  /** Records a step of the run, started now. */
  computation(name: string | number, fields?: Fields<'computation'>): RunComputation
  /** Starts a run that is part of this one. Default: same project, experiment and code. */
  child(options?: Omit<StartRun, 'workspace' | 'project' | 'parent'>): Promise<Run>
  /** Commits what was logged so far. */
  flush(): Promise<void>
  /** Ends the run as `finished`. */
  finish(): Promise<RunReport>
  /** Ends the run as `failed`. */
  fail(error: unknown): Promise<RunReport>
  /** Ends the run as its program ended, for those that run one. */
  end(how: RunEnd): Promise<RunReport>
}
