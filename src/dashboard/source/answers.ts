import type { Json } from '../../base/json.ts'
import type {
  DatasetRecord,
  ExperimentRecord,
  MetricDeclaration,
  ProjectRecord,
  RunRecord
} from '../../model/records.ts'
import type { FieldDescription, RunGroup, UnknownField } from '../../service/query.ts'

/** What a source is. */
export interface About {
  /** Which way in this is: `ui`, a remote in the browser, a report, a published site. */
  readonly way: 'local' | 'remote' | 'report' | 'published'
  /** Whether changes are taken. */
  readonly writable: boolean
  /** Why not, for people. */
  readonly readOnlyReason?: string
  /** Whether a token would let changes be made. Default: false. */
  readonly wantsToken?: boolean
  readonly version: string
  /** Slugs of the projects. */
  readonly projects: readonly string[]
  /** The project to be shown first. */
  readonly project?: string
  /** Where it comes from: a folder, or an address without credentials. */
  readonly place: string
  /** When a report was made; RFC 3339. */
  readonly made?: string
  /** What a report leaves out, in plain sentences. */
  readonly omitted?: readonly string[]
}

/** How a project stands to a remote, as far as is known here. */
export interface RemoteState {
  readonly name: string
  /** Without credentials. */
  readonly url: string
  /** Experiments with something that the remote lacks. */
  readonly ahead: number
  /** Experiments of which the remote has more. */
  readonly behind: number
  /** Experiments that went apart; a sync merges them. */
  readonly diverged: number
  /** RFC 3339; absent if it was never asked. */
  readonly asked?: string
  /** Whether it could not be reached in the last minute. */
  readonly isOffline: boolean
  /** Experiments that wait to be pushed. */
  readonly queued: readonly string[]
  readonly failure?: string
}

/** A project in the list. */
export interface ProjectSummary {
  readonly slug: string
  readonly name: string
  readonly description?: string
  readonly tags: readonly string[]
  readonly experiments: number
  readonly runs: number
  readonly running: number
  /** When the last run started; RFC 3339. */
  readonly lastStarted?: string
  readonly remotes: readonly RemoteState[]
  /** Why it can't be read; the other fields are empty then. */
  readonly problem?: SourceProblem
}

/** What went wrong, as data. */
export interface SourceProblem {
  readonly code: string
  readonly message: string
  /** What to do. */
  readonly hint?: string
}

/** A project's page. */
export interface ProjectAnswer {
  readonly slug: string
  readonly record: ProjectRecord
  /** Markdown; anybody's. */
  readonly readme?: string
  readonly experiments: readonly ExperimentSummary[]
  readonly datasets: readonly DatasetSummary[]
  readonly remotes: readonly RemoteState[]
  readonly problems: readonly SourceProblem[]
}

/** An experiment in a project's page. */
export interface ExperimentSummary {
  readonly slug: string
  readonly address: string
  readonly record: ExperimentRecord
  readonly runs: number
  readonly running: number
  readonly failed: number
  readonly lastStarted?: string
  /** The best run of each metric with a declared goal. */
  readonly best: readonly BestEntry[]
}

/** The best run by a metric. */
export interface BestEntry {
  readonly metric: string
  readonly declaration: MetricDeclaration
  readonly value: number
  readonly run: string
  readonly runName?: string
}

/** A dataset of a project. */
export interface DatasetSummary {
  readonly slug: string
  readonly address: string
  readonly record: DatasetRecord
}

/** What was done in a project: a page of it, newest first. */
export interface ActivityAnswer {
  readonly entries: readonly ActivityEntry[]
  /** What the next page is asked for with; absent from the last one. */
  readonly next?: string
}

/** A commit that touched a project or an object. */
export interface ActivityEntry {
  readonly commitOid: string
  /** RFC 3339. */
  readonly time: string
  readonly author: { readonly name: string; readonly email: string }
  readonly operation: string
  readonly subject: string
  /** The experiment's slug, in a project's activity. */
  readonly experiment?: string
}

/** Fields for completion. */
export interface FieldsAnswer {
  readonly known: readonly FieldDescription[]
  /** Fields that runs chose: `params.lr`, `metrics.loss`. */
  readonly used: readonly string[]
  /** What experiments declare of their metrics. */
  readonly metrics: { readonly [metric: string]: MetricDeclaration }
}

/** A run in a table. */
export interface RunRow {
  readonly address: string
  readonly id: string
  readonly project: string
  readonly experiment: string
  readonly name?: string
  readonly status: RunRecord['status']
  /** RFC 3339. */
  readonly started?: string
  readonly finished?: string
  readonly tags: readonly string[]
  readonly notes?: string
  readonly parent?: string
  /** One for each column; `null` where the run has none. */
  readonly values: readonly Json[]
}

/** A window of a table. */
export interface FindAnswer {
  readonly rows: readonly RunRow[]
  readonly offset: number
  /** How many runs pass the filter. */
  readonly total: number
  readonly columns: readonly string[]
  /** Fields of the question that no run has. */
  readonly unknown: readonly UnknownField[]
  /** Runs that can't be read and are left out. */
  readonly damaged: readonly { readonly path: string; readonly problem: SourceProblem }[]
}

/** Groups of runs. */
export interface GroupAnswer {
  readonly by: readonly string[]
  readonly fields: readonly string[]
  readonly groups: readonly (Omit<RunGroup, 'key'> & { readonly key: readonly Json[] })[]
  readonly total: number
  readonly unknown: readonly UnknownField[]
}
