import type { Json, JsonObject } from '../../base/json.ts'
import type {
  ArtifactSummary,
  ComputationRecord,
  EnvironmentRecord,
  ExecutionRecord,
  MetricDeclaration,
  MetricRecord,
  MetricSummary,
  ResultColumn,
  ResultRecord,
  RunRecord,
  SplitRecord
} from '../../model/records.ts'
import type {
  CodeDifference,
  DiffHunk,
  SectionName,
  UnreadableRecord,
  ValueChange
} from '../../service/compare.ts'
import type { ActivityEntry, RunRow, SourceProblem } from './answers.ts'

/** A run's page. */
export interface RunAnswer {
  readonly address: string
  readonly id: string
  readonly project: string
  readonly experiment: string
  readonly commitOid: string
  readonly record: RunRecord
  /** What its experiment declares of metrics. */
  readonly declarations: { readonly [metric: string]: MetricDeclaration }
  readonly environment?: EnvironmentRecord
  readonly execution?: { readonly id: string; readonly record: ExecutionRecord }
  readonly splits: readonly SplitRecord[]
  readonly computations: readonly ComputationRecord[]
  /** Metrics that are no numbers; `value` reads them. */
  readonly structured: readonly Pick<MetricRecord, 'name' | 'type' | 'split'>[]
  readonly results: readonly ResultRecord[]
  readonly artifacts: readonly ArtifactSummaryEntry[]
  readonly children: readonly RunRow[]
  readonly parent?: RunRow
  /** The run of its experiment that started before it. */
  readonly previous?: RunRow
  /** Present while it is in progress here. */
  readonly live?: LiveSign
  /** Parts that can't be read. */
  readonly problems: readonly SourceProblem[]
}

/** An artifact in a run's page. */
export interface ArtifactSummaryEntry extends ArtifactSummary {
  readonly path: string
  /** Whether the content is here. */
  readonly present: boolean
}

/** Whether a run lives. */
export interface LiveSign {
  /** `undefined`: this machine can't tell. */
  readonly alive?: boolean
  readonly silentMs: number
}

/** Series of runs. */
export interface SeriesAnswer {
  readonly series: readonly SeriesData[]
}

/** One series, in order of its steps; the arrays have one length. */
export interface SeriesData {
  readonly run: string
  readonly metric: string
  readonly split?: string
  readonly steps: Float64Array
  /** Milliseconds since 1970. */
  readonly times: Float64Array
  readonly values: Float64Array
  /** How many points there are in all. */
  readonly total: number
  /** Whether points were left out. */
  readonly isThinned: boolean
}

/** A metric's structured value. */
export interface ValueAnswer {
  readonly name: string
  readonly type?: string
  /** One for each split, and one without. */
  readonly values: readonly { readonly split?: string; readonly value: Json }[]
}

/** A window of rows. */
export interface RowsAnswer {
  readonly columns: readonly ResultColumn[]
  readonly key?: string
  readonly rows: readonly JsonObject[]
  readonly offset: number
  /** How many rows pass. */
  readonly total: number
}

/** Part of a log. */
export interface LogAnswer {
  readonly text: string
  readonly cursor: string
  /** Whether the start was left out, because the log is longer than what is sent at once. */
  readonly isCut: boolean
  readonly isRunning: boolean
}

/** Content of an artifact. */
export interface ArtifactAnswer {
  readonly path: string
  /** By the path's ending and the record; a page must not obey it for what may run. */
  readonly mediaType: string
  readonly bytes: Uint8Array
  readonly sizeBytes: number
  readonly isCut: boolean
}

/** The code of a run. */
export interface CodeAnswer {
  readonly execution?: string
  /** The tree of the code as it lay on disk. */
  readonly tree?: string
  readonly commit?: string
  readonly branch?: string
  readonly command?: readonly string[]
  readonly file?: string
  /** A unified diff from the commit; absent if the code was as committed. */
  readonly patch?: string
  /** Commands for a shell that bring the code back. */
  readonly checkout: readonly string[]
  readonly leftOut: readonly string[]
  readonly warnings: readonly string[]
}

/** Commits, newest first. */
export interface HistoryAnswer {
  readonly entries: readonly ActivityEntry[]
  readonly isCut: boolean
}

/** Runs beside each other. */
export interface Comparison {
  readonly runs: readonly RunRow[]
  /** One for each field that a run has, with a value a run. */
  readonly fields: readonly ComparedField[]
  /** How the code differs from that of the first run, one a run; `null` where it doesn't, or nobody knows. */
  readonly code: readonly (CodeDifference | null)[]
  /** Records that could not be read, so that their fields are missing. */
  readonly unreadable: readonly UnreadableRecord[]
}

/** A field of compared runs. */
export interface ComparedField {
  /** As it is written in filters. */
  readonly field: string
  /** Its name in the group: `lr`. */
  readonly name: string
  readonly group: SectionName
  /** `null` where a run has none. */
  readonly values: readonly Json[]
  readonly differs: boolean
  /** For metrics, as declared. */
  readonly goal?: 'minimize' | 'maximize'
  /** How each value stands to that of the first run; `better` and `worse` by the goal. */
  readonly changes: readonly ValueChange[]
  /** Of long texts how each differs from that of the first run, in lines. */
  readonly texts?: readonly (readonly DiffHunk[] | null)[]
}

/** Rows of two runs, joined. */
export interface RowComparison {
  readonly key: string
  readonly column?: string
  readonly columns: readonly string[]
  readonly counts: {
    readonly improved: number
    readonly worsened: number
    readonly changed: number
    readonly same: number
    readonly added: number
    readonly removed: number
  }
  readonly rows: readonly ComparedRow[]
  readonly offset: number
  /** How many rows of the kind that was asked for. */
  readonly total: number
}

/** A row of two runs. */
export interface ComparedRow {
  readonly key: Json
  readonly state: 'improved' | 'worsened' | 'changed' | 'same' | 'added' | 'removed'
  readonly base?: JsonObject
  readonly other?: JsonObject
}

/** What happened. */
export interface LiveAnswer {
  readonly cursor: string
  /** The runs in progress, all of them each time. */
  readonly runs: readonly LiveRunState[]
  /** Addresses that were in progress at the cursor and are not any more. */
  readonly ended: readonly string[]
  /** Another one than before means that something was committed: what a page shows may be old. */
  readonly version: string
  /** What a reader must know, such as that the remote can't be reached. */
  readonly notice?: string
}

/** A run in progress. */
export interface LiveRunState extends LiveSign {
  readonly address: string
  readonly id: string
  readonly experiment: string
  readonly name?: string
  readonly started?: string
  /** Summaries by metric over what this answer's points and those before come to. */
  readonly metrics: { readonly [metric: string]: MetricSummary }
  /** Points since the cursor. */
  readonly points: readonly LivePoint[]
  /** Text since the cursor. */
  readonly text: string
}

/** A point that was just logged. */
export interface LivePoint {
  readonly metric: string
  readonly split?: string
  readonly step: number
  /** Milliseconds since 1970. */
  readonly time: number
  readonly value: number
}

/** A field that a person is to decide. */
export interface ConflictEntry {
  readonly address: string
  readonly fieldPath: string
  readonly values: readonly Json[]
  readonly current: Json
}

/** What an exchange came to. */
export interface SyncAnswer {
  readonly remote: string
  readonly url: string
  readonly refs: readonly {
    readonly ref: string
    readonly experiment?: string
    readonly status: string
    readonly reason?: string
    readonly conflicts: number
  }[]
  readonly receivedBytes: number
}

/** A saved view. */
export interface ViewEntry {
  readonly address: string
  readonly slug: string
  readonly name: string
  readonly state: JsonObject
}
