import type {
  About,
  ActivityAnswer,
  FieldsAnswer,
  FindAnswer,
  GroupAnswer,
  ProjectAnswer,
  ProjectSummary
} from './answers.ts'
import type {
  ActivityRequest,
  CompareRequest,
  CompareRowsRequest,
  EditRequest,
  FindRequest,
  GroupRequest,
  HistoryRequest,
  RowsRequest,
  RunRequest,
  SeriesRequest,
  SettleRequest,
  SyncRequest,
  ViewRequest
} from './requests.ts'
import type {
  ArtifactAnswer,
  CodeAnswer,
  Comparison,
  ConflictEntry,
  HistoryAnswer,
  LiveAnswer,
  LogAnswer,
  RowComparison,
  RowsAnswer,
  RunAnswer,
  SeriesAnswer,
  SyncAnswer,
  ValueAnswer,
  ViewEntry
} from './run-answers.ts'

/** How far a call has come. */
export interface CallProgress {
  /** What is being done, such as `receiving objects`; for people. */
  readonly text: string
  readonly done: number
  /** `undefined` while that is unknown. */
  readonly total?: number
  /** How much has come of what is received. */
  readonly bytes?: number
}

/** What comes with any call besides its request; it never leaves the page. */
export interface CallOptions {
  /** Default: none. */
  readonly signal?: AbortSignal
  /** Told of calls that may take long. Default: nobody is. */
  readonly onProgress?: (progress: CallProgress) => void
}

/** A request that names one object. */
export interface AddressRequest {
  /** `project`, `project/experiment`, `project/experiment/run`, or the start of a run's id. */
  readonly address: string
}

/**
 * All that the dashboard knows of the world: questions about a workspace and changes to it.
 *
 * Requests and answers are plain data (JSON, with `NaN` and the infinities, `Float64Array` and
 * `Uint8Array` besides), so that a source may be elsewhere: in a worker, behind HTTP, in a file. Every
 * method rejects with a `SourceError`. Nothing that an answer holds is to be trusted: it may come from
 * anybody's repository.
 *
 * @throws SourceError with the code of what failed; `READ_ONLY` for changes to a source that takes none,
 * `NOT_INCLUDED` for what a report leaves out.
 */
export interface Source {
  /** Tells what this source is and may. */
  about(request?: object, options?: CallOptions): Promise<About>
  /** Lists the projects, each with how it stands to its remotes; asks no remote. */
  projects(request?: object, options?: CallOptions): Promise<readonly ProjectSummary[]>
  /** Tells all of a project's page. */
  project(request: AddressRequest, options?: CallOptions): Promise<ProjectAnswer>
  /** Tells what was done in a project, a page at a time. */
  activity(request: ActivityRequest, options?: CallOptions): Promise<ActivityAnswer>
  /** Lists the fields that filters, columns and sorts may name, those that runs chose included. */
  fields(request: AddressRequest, options?: CallOptions): Promise<FieldsAnswer>
  /** Finds runs: a window of a sorted and filtered table. */
  find(request: FindRequest, options?: CallOptions): Promise<FindAnswer>
  /** Groups runs and sums their numbers up. */
  group(request: GroupRequest, options?: CallOptions): Promise<GroupAnswer>
  /** Tells all of a run's page that is small; the rest is asked for by itself. */
  run(request: RunRequest, options?: CallOptions): Promise<RunAnswer>
  /** Reads series of several runs, thinned to what a chart can show. */
  series(request: SeriesRequest, options?: CallOptions): Promise<SeriesAnswer>
  /** Reads a metric that is no number, such as a confusion matrix. */
  value(
    request: AddressRequest & { readonly metric: string },
    options?: CallOptions
  ): Promise<ValueAnswer>
  /** Reads a window of a result's rows. */
  rows(request: RowsRequest, options?: CallOptions): Promise<RowsAnswer>
  /** Reads a run's log, or only what came since the read that gave the cursor. */
  log(
    request: AddressRequest & { readonly cursor?: string },
    options?: CallOptions
  ): Promise<LogAnswer>
  /** Reads an artifact's content up to a bound; by default 1,000,000 bytes. */
  artifact(
    request: AddressRequest & { readonly path: string; readonly maxBytes?: number },
    options?: CallOptions
  ): Promise<ArtifactAnswer>
  /** Tells the code of a run: the patch, and the commands that bring it back. */
  code(request: AddressRequest, options?: CallOptions): Promise<CodeAnswer>
  /** Lists the commits that touched an object, newest first. */
  history(request: HistoryRequest, options?: CallOptions): Promise<HistoryAnswer>
  /** Sets runs beside each other. */
  compare(request: CompareRequest, options?: CallOptions): Promise<Comparison>
  /** Joins the rows of a result of two runs by their key. */
  compareRows(request: CompareRowsRequest, options?: CallOptions): Promise<RowComparison>
  /**
   * Tells what happened since the call that gave the cursor; without one, what is in progress now. It
   * answers at once: ask once a second while the page is visible.
   */
  live(
    request: { readonly address?: string; readonly cursor?: string },
    options?: CallOptions
  ): Promise<LiveAnswer>
  /** Changes tags, notes or the name of an object. */
  edit(request: EditRequest, options?: CallOptions): Promise<{ readonly address: string }>
  /** Deletes runs or other objects; `restore` undoes it. */
  delete(
    request: { readonly addresses: readonly string[] },
    options?: CallOptions
  ): Promise<{ readonly deleted: readonly string[] }>
  /** Brings deleted objects back. */
  restore(
    request: { readonly addresses: readonly string[] },
    options?: CallOptions
  ): Promise<{ readonly restored: readonly string[] }>
  /** Lists the fields between whose values a person is to decide. */
  conflicts(request: AddressRequest, options?: CallOptions): Promise<readonly ConflictEntry[]>
  /** Decides a contested field. */
  settle(request: SettleRequest, options?: CallOptions): Promise<{ readonly address: string }>
  /** Pulls, then pushes. */
  sync(request: SyncRequest, options?: CallOptions): Promise<SyncAnswer>
  push(request: SyncRequest, options?: CallOptions): Promise<SyncAnswer>
  pull(request: SyncRequest, options?: CallOptions): Promise<SyncAnswer>
  /** Lists the views that a project keeps. */
  views(request: AddressRequest, options?: CallOptions): Promise<readonly ViewEntry[]>
  /** Saves a view under its name; one of that name is replaced. */
  saveView(request: ViewRequest, options?: CallOptions): Promise<ViewEntry>
  /** Deletes a view by its address. */
  deleteView(request: AddressRequest, options?: CallOptions): Promise<{ readonly address: string }>
}

/** The name of a method. */
export type SourceMethod = keyof Source

/** Methods that change something: a source that is only read refuses them. */
export const WRITING_METHODS: readonly SourceMethod[] = [
  'edit',
  'delete',
  'restore',
  'settle',
  'sync',
  'push',
  'pull',
  'saveView',
  'deleteView'
]

/** Methods that tell their progress. */
export const LONG_METHODS: readonly SourceMethod[] = ['sync', 'push', 'pull', 'history', 'activity']

/** Every method. */
export const SOURCE_METHODS: readonly SourceMethod[] = [
  'about',
  'projects',
  'project',
  'activity',
  'fields',
  'find',
  'group',
  'run',
  'series',
  'value',
  'rows',
  'log',
  'artifact',
  'code',
  'history',
  'compare',
  'compareRows',
  'live',
  'conflicts',
  'views',
  ...WRITING_METHODS
]
