import type { JsonObject } from '../base/json.ts'
import type { EditableRecord } from './editable.ts'

export type { EditableRecord, Stamp } from './editable.ts'
export type {
  ArtifactReferenceRecord,
  ArtifactSummary,
  ColumnAggregate,
  ColumnType,
  ComputationRecord,
  DatasetReference,
  EnvironmentRecord,
  MetricRecord,
  MetricSummary,
  ResultColumn,
  ResultRecord,
  RunEntry,
  RunError,
  RunRecord,
  RunStatus,
  SplitPart,
  SplitRecord
} from './run-records.ts'

/** Where a copy of an experiment or project lies, keyed by host and path (`github.com/team/vision`). */
export interface RemoteEntry {
  /** The address, without credentials. */
  readonly url: string
  /** The branch there. */
  readonly branch: string
}

/** What a project is about; one per repository. */
export interface ProjectRecord extends EditableRecord {
  readonly schema: 'project/1'
  /** Random, 12 base-32 characters: tells projects of one name apart. */
  readonly id: string
  readonly name: string
  readonly description?: string
  readonly notes?: string
  readonly tags?: readonly string[]
  readonly code?: {
    /** Untracked files that belong to the code, as glob patterns. Default: none. */
    readonly include?: readonly string[]
  }
  readonly artifacts?: {
    /** Artifacts larger than this many bytes are kept beside the history. Default: 1,000,000. */
    readonly maxSizeBytes?: number
  }
  readonly remotes?: { readonly [key: string]: RemoteEntry }
}

/** One column of a dataset. */
export interface DatasetAttribute {
  readonly index: number
  readonly name: string
  /** `nominal`, `ordinal`, `interval`, `ratio`, or a term of the user's. */
  readonly measurementLevel?: string
  /** The values' type: `number`, `integer`, `string`, `boolean`, `date`, … */
  readonly type?: string
  readonly unit?: string
  readonly description?: string
  readonly nullable?: boolean
  /** Whether it is the target when nobody says otherwise. */
  readonly defaultTarget?: boolean
}

/** Data that runs used: what it is and where its bytes are, never the bytes themselves. */
export interface DatasetRecord extends EditableRecord {
  readonly schema: 'dataset/1'
  readonly name: string
  readonly description?: string
  readonly notes?: string
  readonly tags?: readonly string[]
  /** `multivariate`, `timeseries`, `graph`, `images`, `text`, or a term of the user's. */
  readonly type?: string
  readonly version?: string
  /** Digest of the content: `sha256:<64 hexadecimal digits>`. */
  readonly digest?: string
  readonly sizeBytes?: number
  readonly rows?: number
  /** Where the bytes are: URLs or paths. */
  readonly locations?: readonly string[]
  readonly originalSource?: string
  readonly license?: string
  readonly attributes?: readonly DatasetAttribute[]
}

/** How a metric is to be read. */
export interface MetricDeclaration {
  readonly goal?: 'minimize' | 'maximize'
  readonly unit?: string
  readonly description?: string
}

/** A question that runs answer; a branch of the project. */
export interface ExperimentRecord extends EditableRecord {
  readonly schema: 'experiment/1'
  readonly name: string
  readonly description?: string
  readonly notes?: string
  readonly tags?: readonly string[]
  readonly metrics?: { readonly [metric: string]: MetricDeclaration }
  readonly remotes?: { readonly [key: string]: RemoteEntry }
}

/** One version of the code; holds only what follows from the code, so it is the same on every machine. */
export interface ExecutionRecord {
  readonly schema: 'execution/1'
  /** Git tree of the code as it lay on disk: 40 hexadecimal digits. */
  readonly tree: string
  /** Commits that had this tree. */
  readonly commits?: readonly string[]
}

/** A way of looking at runs that a team shares. */
export interface ViewRecord extends EditableRecord {
  readonly schema: 'view/1'
  readonly name: string
  readonly state: JsonObject
}

/** What was taken out of an experiment's history. */
export interface PurgedRecord {
  readonly schema: 'purged/1'
  /** Paths that no merge may bring back. */
  readonly paths: readonly string[]
  /** Heads whose history held them; one that contains such a head is never made a parent. */
  readonly heads: readonly string[]
}
