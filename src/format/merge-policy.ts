import type { Kind } from '../model/kinds.ts'

/**
 * How the values of a field on two sides become one (docs/FORMAT.md, “Merging”).
 *
 * - `value`: the greater stamp wins; an unstamped value has its record's creation stamp.
 * - `map`: each member is a `value` of its own.
 * - `set`: each element is there or not, by the greater stamp.
 * - `contested`: as `value`, but of equal stamps, or of none, both values are kept for a person.
 * - `status`: the outcome of a run: the later attempt, then the rank, decides.
 * - `least`, `greatest`: without stamps.
 * - `union`: a list that only grows, in order of code points.
 * - `summaries`: members that follow from parts; a stamp is the time up to which points don't count.
 * - `columns`: all columns of both, the types widened.
 */
export type FieldRule =
  | 'value'
  | 'map'
  | 'set'
  | 'contested'
  | 'status'
  | 'least'
  | 'greatest'
  | 'union'
  | 'summaries'
  | 'columns'

export interface MergePolicy {
  /** Rules by field. Every other field, unknown ones included, is a `value`. */
  readonly fields: { readonly [field: string]: FieldRule }
  /** Fields that mean nothing without each other: one value, stamped and contested under the first. */
  readonly groups?: { readonly [field: string]: readonly string[] }
}

/** How each kind of record merges. */
export const MERGE_POLICIES: { readonly [K in Kind]: MergePolicy } = {
  // Two projects are one only by a person's decision.
  project: { fields: { id: 'contested', tags: 'set', remotes: 'map' } },
  // Runs name a dataset, not its content: a second content under the name must be seen.
  dataset: { fields: { digest: 'contested', tags: 'set' } },
  view: { fields: {} },
  experiment: { fields: { tags: 'set', metrics: 'map', remotes: 'map' } },
  execution: { fields: { tree: 'contested', commits: 'union' } },
  run: {
    fields: {
      // The id follows from the key; parents that could change would allow circles.
      key: 'contested',
      parent: 'contested',
      status: 'status',
      attempt: 'greatest',
      started: 'least',
      params: 'map',
      metrics: 'summaries',
      tags: 'set',
      datasets: 'map',
      artifacts: 'map'
    },
    groups: { status: ['status', 'finished', 'exitCode', 'signal', 'error'] }
  },
  // One observation of one machine: a mixture of two describes neither.
  environment: {
    fields: {},
    groups: {
      host: [
        'host',
        'user',
        'platform',
        'runtime',
        'processors',
        'memoryBytes',
        'gpus',
        'lockFiles',
        'packages',
        'variables',
        'scheduler',
        'ci',
        'code'
      ]
    }
  },
  // Figures of two different divisions under one name cannot be compared.
  split: {
    fields: { train: 'contested' },
    groups: { train: ['train', 'test', 'validation', 'dataset', 'seed'] }
  },
  computation: { fields: { started: 'least', params: 'map', hyperparams: 'map' } },
  metric: { fields: {}, groups: { value: ['value', 'type', 'split'] } },
  result: { fields: { columns: 'columns', rows: 'greatest', aggregates: 'summaries' } },
  // A digest belongs to the content at its address.
  artifact: { fields: {}, groups: { uri: ['uri', 'sizeBytes', 'digest', 'mediaType'] } },
  purged: { fields: { paths: 'union', heads: 'union' } }
}

/** Returns the rule of a field. */
export function ruleOf(kind: Kind, field: string): FieldRule {
  const { fields } = MERGE_POLICIES[kind]
  return Object.hasOwn(fields, field) ? (fields[field] as FieldRule) : 'value'
}

/** Returns the field under which a field is stamped: the first of its group, else itself. */
export function stampFieldOf(kind: Kind, field: string): string {
  for (const [first, members] of Object.entries(MERGE_POLICIES[kind].groups ?? {})) {
    if (members.includes(field)) return first
  }
  return field
}

/** Returns the fields that share a stamp with a field, itself included. */
export function groupOf(kind: Kind, field: string): readonly string[] {
  const groups = MERGE_POLICIES[kind].groups ?? {}
  return Object.hasOwn(groups, field) ? (groups[field] as readonly string[]) : [field]
}
