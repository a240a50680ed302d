import type {
  ArtifactReferenceRecord,
  ComputationRecord,
  DatasetRecord,
  EnvironmentRecord,
  ExecutionRecord,
  ExperimentRecord,
  MetricRecord,
  ProjectRecord,
  PurgedRecord,
  ResultRecord,
  RunRecord,
  SplitRecord,
  ViewRecord
} from './records.ts'

/** The record of each kind that is stored as a YAML file. */
export interface RecordOfKind {
  project: ProjectRecord
  dataset: DatasetRecord
  view: ViewRecord
  experiment: ExperimentRecord
  execution: ExecutionRecord
  run: RunRecord
  environment: EnvironmentRecord
  split: SplitRecord
  computation: ComputationRecord
  metric: MetricRecord
  result: ResultRecord
  artifact: ArtifactReferenceRecord
  purged: PurgedRecord
}

export type Kind = keyof RecordOfKind

/** The newest version of each kind's schema that this program knows. */
export const SCHEMA_VERSIONS: { readonly [K in Kind]: number } = {
  project: 1,
  dataset: 1,
  view: 1,
  experiment: 1,
  execution: 1,
  run: 1,
  environment: 1,
  split: 1,
  computation: 1,
  metric: 1,
  result: 1,
  artifact: 1,
  purged: 1
}

/**
 * Names one object of a project.
 *
 * Ids are slugs (`dataset`, `view`, `experiment`), execution and run ids, or names as the user gave
 * them (`split`, `computation`, `metric`, `result`, `artifact`).
 */
export type ObjectKey =
  | { readonly kind: 'project' }
  | { readonly kind: 'dataset'; readonly dataset: string }
  | { readonly kind: 'view'; readonly view: string }
  | { readonly kind: 'experiment'; readonly experiment: string }
  | { readonly kind: 'purged'; readonly experiment: string }
  | { readonly kind: 'execution'; readonly experiment: string; readonly execution: string }
  | { readonly kind: 'run'; readonly experiment: string; readonly run: string }
  | { readonly kind: 'environment'; readonly experiment: string; readonly run: string }
  | RunPartKey

/** The kinds of objects inside a run that have names of their own. */
export type RunPartKind = 'split' | 'computation' | 'metric' | 'result' | 'artifact'

/** Names something inside a run. */
export type RunPartKey = {
  [K in RunPartKind]: {
    readonly kind: K
    readonly experiment: string
    readonly run: string
    readonly name: string
  }
}[RunPartKind]

/** The key of one kind. */
export type KeyOf<K extends Kind> = Extract<ObjectKey, { readonly kind: K }>
