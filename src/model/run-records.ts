import type { Json, JsonObject } from '../base/json.ts'
import type { EditableRecord, Stamp } from './editable.ts'

/** `interrupted`: the process ended without saying how. */
export type RunStatus = 'running' | 'finished' | 'failed' | 'interrupted'

/** The points of a metric in short; recomputed from its series. */
export interface MetricSummary {
  readonly last: number
  readonly min: number
  readonly max: number
  /** Number of points. */
  readonly count: number
  /** The step of the last point. */
  readonly step?: number
  /** Mean over the splits' last values. */
  readonly mean?: number
  /** Standard deviation over the splits' last values, with n − 1. */
  readonly std?: number
}

/** A dataset as a run used it. */
export interface DatasetReference {
  readonly version?: string
  readonly digest?: string
  /** What it was used for: `train`, `test`, … */
  readonly role?: string
}

/** What a listing shows of an artifact. */
export interface ArtifactSummary {
  readonly sizeBytes?: number
  /** `sha256:<64 hexadecimal digits>`. */
  readonly digest?: string
  readonly mediaType?: string
  /** Where the content is, if it stays outside the project. */
  readonly uri?: string
}

/** What was started. */
export interface RunEntry {
  /** The file, relative to the top of the code's repository. */
  readonly file?: string
  /** The command line, with secrets as `***`. */
  readonly command?: readonly string[]
}

/** How a run failed. */
export interface RunError {
  readonly name?: string
  readonly message: string
  readonly stack?: string
}

/** One execution of the code with its parameters and outcome; all that a listing needs. */
export interface RunRecord extends EditableRecord {
  readonly schema: 'run/1'
  readonly name?: string
  /** The name under which the run can be continued (`key`). */
  readonly key?: string
  /** The code version: an execution's id. */
  readonly execution?: string
  readonly entry?: RunEntry
  /** The run that this one is part of. */
  readonly parent?: string
  readonly status: RunStatus
  /** The stamp of the start or resume to which `status`, `finished`, `exitCode`, `signal` and `error` belong. */
  readonly attempt: Stamp
  /** When the first attempt started. */
  readonly started?: string
  readonly finished?: string
  readonly exitCode?: number
  readonly signal?: string
  readonly error?: RunError
  readonly params?: JsonObject
  readonly metrics?: { readonly [metric: string]: MetricSummary }
  readonly tags?: readonly string[]
  readonly notes?: string
  readonly seed?: number | string
  readonly datasets?: { readonly [dataset: string]: DatasetReference }
  readonly artifacts?: { readonly [path: string]: ArtifactSummary }
}

/** Where and under what a run ran. */
export interface EnvironmentRecord extends EditableRecord {
  readonly schema: 'environment/1'
  readonly host?: string
  readonly user?: string
  readonly platform?: { readonly os?: string; readonly release?: string; readonly arch?: string }
  readonly runtime?: { readonly name: string; readonly version: string }
  readonly processors?: { readonly model?: string; readonly count?: number }
  readonly memoryBytes?: number
  readonly gpus?: readonly {
    readonly name: string
    readonly memoryBytes?: number
    readonly driver?: string
  }[]
  /** SHA-256 of lock files by path. */
  readonly lockFiles?: { readonly [path: string]: string }
  /** Versions of packages by name. */
  readonly packages?: { readonly [name: string]: string }
  /** Environment variables that are on the allow-list. */
  readonly variables?: { readonly [name: string]: string }
  readonly scheduler?: { readonly kind: string; readonly jobId: string }
  readonly ci?: {
    readonly provider: string
    readonly jobUrl?: string
    readonly branch?: string
    readonly commit?: string
    readonly pullRequest?: string
  }
  readonly code?: {
    readonly branch?: string
    readonly commit?: string
    readonly remotes?: { readonly [name: string]: string }
    /** Paths that the patch leaves out because they look like secrets. */
    readonly leftOut?: readonly string[]
    readonly warnings?: readonly string[]
  }
}

/** Rows of a dataset that belong together: a list of indices, or only how many. */
export interface SplitPart {
  readonly count?: number
  /** Indices of rows from 0, in the order of their use. */
  readonly indices?: readonly number[]
}

/** How a run divided its data. */
export interface SplitRecord extends EditableRecord {
  readonly schema: 'split/1'
  readonly name: string
  readonly dataset?: string
  readonly seed?: number | string
  readonly train?: SplitPart
  readonly test?: SplitPart
  readonly validation?: SplitPart
}

/** A step of a run: a component with its parameters. */
export interface ComputationRecord extends EditableRecord {
  readonly schema: 'computation/1'
  readonly name: string
  /** What was computed with: a class, function, model or program. */
  readonly component?: string
  readonly split?: string
  /** The computation whose output this one took. */
  readonly predecessor?: string
  readonly params?: JsonObject
  readonly hyperparams?: JsonObject
  readonly started?: string
  readonly finished?: string
  readonly platform?: JsonObject
}

/** A metric's value that is no number, such as a confusion matrix. */
export interface MetricRecord extends EditableRecord {
  readonly schema: 'metric/1'
  readonly name: string
  /** How it is to be read, such as `confusion-matrix`. */
  readonly type?: string
  readonly split?: string
  readonly value: Json
}

export type ColumnType = 'string' | 'number' | 'integer' | 'boolean' | 'json'

/** A column of a result. */
export interface ResultColumn {
  readonly name: string
  readonly type: ColumnType
}

/** What a number column comes to. */
export interface ColumnAggregate {
  readonly count: number
  readonly min: number
  readonly max: number
  readonly mean: number
}

/** Outcomes one by one, such as predictions or evaluation cases; the rows lie in parts beside it. */
export interface ResultRecord extends EditableRecord {
  readonly schema: 'result/1'
  readonly name: string
  readonly columns?: readonly ResultColumn[]
  /** The column by which rows of two runs are joined. */
  readonly key?: string
  /** Number of rows in all parts. */
  readonly rows: number
  readonly aggregates?: { readonly [column: string]: ColumnAggregate }
}

/** An artifact whose content stays where it is. */
export interface ArtifactReferenceRecord extends EditableRecord {
  readonly schema: 'artifact/1'
  readonly uri: string
  readonly sizeBytes?: number
  readonly digest?: string
  readonly mediaType?: string
}
