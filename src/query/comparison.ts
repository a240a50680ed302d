import type { Json } from '../base/json.ts'
import type { FileDifference } from './code-diff.ts'
import type { FieldPath } from './language/filter.ts'
import type { DiffHunk } from './text-diff.ts'

/**
 * How a value stands to that of the first run; `unknown` if one of the two runs lacks the whole record,
 * such as its environment.
 */
export type ValueChange = 'same' | 'added' | 'removed' | 'changed' | 'better' | 'worse' | 'unknown'

/** A field of several runs. */
export interface ComparedField {
  /** Its name in the section, such as `model.depth`. */
  readonly name: string
  /** Its name in filters: `['params', 'model', 'depth']`. */
  readonly path: FieldPath
  /** Whether the runs that have the record differ in it. */
  readonly differs: boolean
  /** One for each run; durations are seconds, metrics the mean over splits, else the last value. */
  readonly values: readonly (Json | undefined)[]
  /** One for each run, against the first; `better` and `worse` by the metric's declared goal. */
  readonly changes: readonly ValueChange[]
  /** Which way a metric gets better, if the experiments of the runs declare one and the same. */
  readonly goal?: 'minimize' | 'maximize'
  /** For long texts, one for each run: how it differs from that of the first run. */
  readonly texts?: readonly (readonly DiffHunk[] | undefined)[]
}

/** What is compared, in this order. */
export type SectionName =
  | 'run'
  | 'params'
  | 'metrics'
  | 'datasets'
  | 'code'
  | 'environment'
  | 'packages'
  | 'artifacts'

/** Fields of one kind. */
export interface ComparedSection {
  readonly name: SectionName
  /** One for each run: whether it has the record that holds these fields. */
  readonly present: readonly boolean[]
  /** Those in which the runs differ, or all. */
  readonly fields: readonly ComparedField[]
  /** How many fields are alike in all runs. */
  readonly same: number
}

/** How the code of a run differs from that of the first. */
export interface CodeDifference {
  /**
   * From what it is known: the two versions in the code's repository, the patches that are stored with the
   * runs, or nothing.
   */
  readonly by: 'repository' | 'patches' | 'nothing'
  /** In order of their names. */
  readonly files: readonly FileDifference[]
  /** Whether these are all differences. */
  readonly isWhole: boolean
}

/** A run that was compared. */
export interface ComparedRun {
  readonly address: string
  readonly id: string
  readonly project: string
  readonly experiment: string
  readonly name?: string
  /** The commit or tag that was asked for. */
  readonly at?: string
  /** The commit that it was read from. */
  readonly commitOid: string
}

/** A record that could not be read, so that its fields are missing. */
export interface UnreadableRecord {
  /** Which of the runs, from 0. */
  readonly run: number
  readonly what: 'environment' | 'execution' | 'patch' | 'experiment'
  readonly reason: string
}

/** What tells runs apart. */
export interface RunComparison {
  /** In the order in which they were named; the others are compared with the first. */
  readonly runs: readonly ComparedRun[]
  readonly sections: readonly ComparedSection[]
  /** One for each run; absent for the first, and where the code is the same or unknown. */
  readonly code: readonly (CodeDifference | undefined)[]
  readonly unreadable: readonly UnreadableRecord[]
}
