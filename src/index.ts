export type { AnyListener, Emitter } from './base/emitter.ts'
export { CodedError, isCoded } from './base/errors.ts'
export type { Json, JsonObject } from './base/json.ts'
export type { Oid } from './git/objects.ts'
export type {
  KeyOf,
  Kind,
  ObjectKey,
  RecordOfKind,
  RunPartKey,
  RunPartKind
} from './model/kinds.ts'
export type {
  ArtifactReferenceRecord,
  ArtifactSummary,
  ColumnAggregate,
  ColumnType,
  ComputationRecord,
  DatasetAttribute,
  DatasetRecord,
  DatasetReference,
  EditableRecord,
  EnvironmentRecord,
  ExecutionRecord,
  ExperimentRecord,
  MetricDeclaration,
  MetricRecord,
  MetricSummary,
  ProjectRecord,
  PurgedRecord,
  RemoteEntry,
  ResultColumn,
  ResultRecord,
  RunEntry,
  RunError,
  RunRecord,
  RunStatus,
  SplitPart,
  SplitRecord,
  Stamp,
  ViewRecord
} from './model/records.ts'
export type { ExchangeProgress } from './remote/exchange.ts'
export type {
  CodeDifference,
  ComparedField,
  ComparedRow,
  ComparedRows,
  ComparedRun,
  ComparedSection,
  CompareOptions,
  CompareRowsOptions,
  DiffHunk,
  DiffLine,
  FileDifference,
  RowChange,
  RowComparison,
  RowSide,
  RunComparison,
  SectionName,
  UnreadableRecord,
  ValueChange
} from './service/compare.ts'
export type { EventName, WorkspaceEvents } from './service/events.ts'
export type { GcOptions, ProjectGarbageReport } from './service/gc.ts'
export type { Fields, StoredObject, StoreKept } from './service/objects.ts'
export type { PurgeOptions, PurgeReport } from './service/purge.ts'
export type {
  Aggregate,
  BestOptions,
  ComparisonOperator,
  DurationValue,
  FieldDescription,
  FieldPath,
  FieldType,
  Filter,
  FilterInput,
  FilterValue,
  FindOptions,
  FindResult,
  FoundRun,
  GroupOptions,
  GroupResult,
  JsonValue,
  NowValue,
  QueryOptions,
  RunGroup,
  RunTable,
  TimeValue,
  UnknownField
} from './service/query.ts'
export { formatFilter, parseFilter, runFields } from './service/query.ts'
export type {
  ArtifactContent,
  CodeOptions,
  LogOptions,
  MetricValues,
  Run,
  RunComputation,
  RunEnd,
  RunReport,
  RunSettings,
  RunSplit,
  StartRun
} from './service/run.ts'
export type {
  ContentsOptions,
  LiveChanges,
  LiveRun,
  LiveRunChanges,
  OverviewColumns,
  RecoveredRun,
  RunContents,
  RunRecordKind,
  RunService,
  RunText,
  SeriesColumns,
  SeriesPoint,
  StoredCode
} from './service/runs.ts'
export type {
  CreateIn,
  HistoryEntry,
  HistoryOptions,
  ListOptions,
  ReadOptions,
  Service,
  WriteOptions
} from './service/service.ts'
export type {
  CloneReport,
  CloneRequest,
  ExchangeOptions,
  ProjectStatus,
  Published,
  PublishPlan,
  PublishRequest,
  PullRequest,
  PushRequest,
  RemoteChoice,
  RemoteDescription,
  RemotePrefix,
  RemoteService,
  RemoteSettings,
  Snapshot,
  SnapshotService,
  StatusRequest,
  SyncedRef,
  SyncReport,
  SyncStatus
} from './service/sync.ts'
export type {
  ArtifactEntry,
  ArtifactService,
  DeleteOptions,
  DeleteReport,
  GetOptions,
  GetResult,
  ObjectToPut,
  ProjectDirectory,
  PutOptions,
  PutResult,
  RemoteDeletion,
  VerifyReport,
  VerifyRequest,
  Workspace,
  WorkspaceTransaction
} from './service/workspace.ts'
export type { Freshness } from './store/exchange.ts'
export type { MergeConflict } from './store/merge-context.ts'
export type { QueuedPushes } from './store/push-queue.ts'
export type { VerifyNote, VerifyProblem, VerifyRepair } from './store/verify.ts'
