import type { Kind } from './kinds.ts'
import {
  DATASET_SCHEMA,
  EXECUTION_SCHEMA,
  EXPERIMENT_SCHEMA,
  PROJECT_SCHEMA,
  PURGED_SCHEMA,
  VIEW_SCHEMA
} from './project-schemas.ts'
import {
  ARTIFACT_SCHEMA,
  COMPUTATION_SCHEMA,
  ENVIRONMENT_SCHEMA,
  METRIC_SCHEMA,
  RESULT_SCHEMA,
  RUN_SCHEMA,
  SPLIT_SCHEMA
} from './run-schemas.ts'
import type { RecordSchema } from './schema.ts'

/** The JSON Schema of each kind's newest version. */
export const SCHEMAS: { readonly [K in Kind]: RecordSchema } = {
  project: PROJECT_SCHEMA,
  dataset: DATASET_SCHEMA,
  view: VIEW_SCHEMA,
  experiment: EXPERIMENT_SCHEMA,
  execution: EXECUTION_SCHEMA,
  run: RUN_SCHEMA,
  environment: ENVIRONMENT_SCHEMA,
  split: SPLIT_SCHEMA,
  computation: COMPUTATION_SCHEMA,
  metric: METRIC_SCHEMA,
  result: RESULT_SCHEMA,
  artifact: ARTIFACT_SCHEMA,
  purged: PURGED_SCHEMA
}

/** Every kind, in the order in which documents list them. */
export const KINDS = Object.keys(SCHEMAS) as readonly Kind[]

/** The fields of each kind in the order in which they are stored. */
export const FIELD_ORDER = Object.fromEntries(
  KINDS.map((kind) => [kind, Object.keys(SCHEMAS[kind].properties)])
) as unknown as { readonly [K in Kind]: readonly string[] }

/** The fields of each kind that are sets of texts. */
export const SET_FIELDS = Object.fromEntries(
  KINDS.map((kind) => [
    kind,
    FIELD_ORDER[kind].filter((field) => SCHEMAS[kind].properties[field]?.uniqueItems === true)
  ])
) as unknown as { readonly [K in Kind]: readonly string[] }
