import type { ReadOptions } from './service.ts'

export type { FileDifference } from '../query/code-diff.ts'
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
