import { isJsonObject, type Json } from '../../base/json.ts'

/** Counts of what is (rows) against what was said (columns). */
export interface Confusion {
  readonly labels: readonly string[]
  readonly matrix: readonly (readonly number[])[]
}

/** How well a class is told. */
export interface ClassScore {
  readonly label: string
  /** How many there are of it. */
  readonly support: number
  readonly precision: number
  readonly recall: number
  readonly f1: number
}

/** A mistake that was made. */
export interface Mistake {
  readonly actual: string
  readonly predicted: string
  readonly count: number
  /** Share of the actual class. */
  readonly share: number
}

/** Reads the value of a metric of type `confusion-matrix`; `undefined` if it is none. */
export function readConfusion(value: Json): Confusion | undefined {
  if (!isJsonObject(value)) return undefined
  const { labels, matrix } = value
  if (!Array.isArray(labels) || !Array.isArray(matrix)) return undefined
  const isSquare =
    labels.length > 0 &&
    matrix.length === labels.length &&
    matrix.every(
      (row) =>
        Array.isArray(row) &&
        row.length === labels.length &&
        row.every((count) => typeof count === 'number' && Number.isFinite(count))
    )
  if (!isSquare) return undefined
  return { labels: labels.map(textOf), matrix: matrix as unknown as readonly (readonly number[])[] }
}

function textOf(label: Json): string {
  return typeof label === 'string' ? label : JSON.stringify(label)
}

/** Returns the share of what was told right; NaN if there is nothing. */
export function accuracyOf({ matrix }: Confusion): number {
  const right = matrix.reduce((sum, row, i) => sum + (row[i] as number), 0)
  return right / matrix.flat().reduce((sum, count) => sum + count, 0)
}

/** Returns how well each class is told. */
export function classScores({ labels, matrix }: Confusion): readonly ClassScore[] {
  return labels.map((label, i) => {
    const right = matrix[i]?.[i] ?? 0
    const support = (matrix[i] ?? []).reduce((sum, count) => sum + count, 0)
    const said = matrix.reduce((sum, row) => sum + (row[i] as number), 0)
    return {
      label,
      support,
      precision: right / said,
      recall: right / support,
      f1: (2 * right) / (support + said)
    }
  })
}

/** Returns the mistakes, the most frequent first. */
export function mistakesOf({ labels, matrix }: Confusion): readonly Mistake[] {
  const mistakes = matrix.flatMap((row, i) => {
    const support = row.reduce((sum, count) => sum + count, 0)
    return row.map((count, j) => ({
      actual: labels[i] as string,
      predicted: labels[j] as string,
      count: i === j ? 0 : count,
      share: count / support
    }))
  })
  return mistakes.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count)
}
