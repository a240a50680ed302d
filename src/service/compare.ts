import type { ComparedRows, RowSide } from '../query/compare-rows.ts'
import type { ComparedRun } from '../query/comparison.ts'
import type { ReadOptions } from './service.ts'

export type { FileDifference } from '../query/code-diff.ts'
export type { ComparedRow, ComparedRows, RowChange, RowSide } from '../query/compare-rows.ts'
export type {
  CodeDifference,
  ComparedField,
  ComparedRun,
  ComparedSection,
  RunComparison,
  SectionName,
  UnreadableRecord,
  ValueChange
} from '../query/comparison.ts'
export type { DiffHunk, DiffLine } from '../query/text-diff.ts'

/** How runs are compared. */
export interface CompareOptions extends ReadOptions {
  /** Whether fields that are alike in all runs are given, too. Default: false. */
  readonly all?: boolean
  /** Whether the files of different code are compared. Default: true. */
  readonly code?: boolean
  /** A folder in the code's repository. Default: the folder from which the workspace was opened. */
  readonly folder?: string
}

/** How the rows of a result are compared. */
export interface CompareRowsOptions extends ReadOptions {
  /** The column by which rows are joined. Default: the one that the results declare. */
  readonly key?: string | undefined
  /**
   * The column that says whether a row is better: a truth value (true is better) or a number. Default:
   * whether the prediction equals the truth, if the results have such columns (`truth`, `target`, `label`,
   * `expected`, …; `prediction`, `predicted`, `output`, `answer`, …), else the column `correct`.
   */
  readonly by?: string | undefined
  /** Which way it gets better. Default: of a number, the goal of the metric of that name, if declared. */
  readonly goal?: 'minimize' | 'maximize' | undefined
  /** Only these columns make a row `changed`. Default: all. */
  readonly columns?: readonly string[] | undefined
  /** Whether rows that are the same are given, too. Default: false. */
  readonly all?: boolean
  /** At most so many rows of each kind are given; all are counted. Default: all. */
  readonly limit?: number | undefined
  /** Told now and then how many rows were read. */
  readonly onProgress?: ((progress: { readonly rows: number }) => void) | undefined
}

/** How the rows of one result of several runs differ. */
export interface RowComparison {
  /** In the order in which they were named; the others are compared with the first. */
  readonly runs: readonly ComparedRun[]
  readonly result: string
  /** The column by which rows are joined. */
  readonly key: string
  /** What decides what is better: a column, or `<prediction> = <truth>`. */
  readonly by: string
  readonly goal: 'minimize' | 'maximize'
  /** The columns of all runs. */
  readonly columns: readonly string[]
  /** One for each run. */
  readonly sides: readonly RowSide[]
  /** One for each run but the first, which has `undefined`. */
  readonly comparisons: readonly (ComparedRows | undefined)[]
}
