import type { ResultColumn } from '../../model/records.ts'

const ACTUAL = [
  'truth',
  'actual',
  'expected',
  'target',
  'label',
  'gold',
  'y_true',
  'true',
  'answer'
]
const PREDICTED = ['prediction', 'predicted', 'output', 'pred', 'y_pred', 'response', 'got']
const RIGHT = ['correct', 'passed', 'pass', 'right', 'ok', 'success', 'is_correct', 'solved']

/** Columns with a known meaning. */
export interface KnownColumns {
  /** What was right. */
  readonly actual?: string
  /** What was said. */
  readonly predicted?: string
  /** Whether it was right. */
  readonly correct?: string
}

/** Finds columns by what they are usually called. */
export function knownColumns(columns: readonly ResultColumn[]): KnownColumns {
  const find = (names: readonly string[], type?: string): string | undefined =>
    names
      .map((name) => columns.find((column) => column.name.toLowerCase() === name))
      .find((column) => column !== undefined && (type === undefined || column.type === type))?.name
  const [actual, predicted] = [find(ACTUAL), find(PREDICTED)]
  const correct = find(RIGHT, 'boolean')
  return {
    ...(actual !== undefined && { actual }),
    ...(predicted !== undefined && { predicted }),
    ...(correct !== undefined && { correct })
  }
}
