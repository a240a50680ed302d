import type { FieldPath } from './filter.ts'
import { parseField } from './parse.ts'

/** A field to sort by. */
export interface SortKey {
  readonly field: FieldPath
  /** Whether the greatest comes first. */
  readonly isDescending: boolean
}

/** Reads sort keys such as `-metrics.accuracy`; `-` puts the greatest first. */
export function readSort(sort: string | readonly string[] | undefined): readonly SortKey[] {
  if (sort === undefined) return []
  return (typeof sort === 'string' ? [sort] : sort).map((key) => {
    const isDescending = key.startsWith('-')
    return { field: readFieldText(isDescending ? key.slice(1) : key), isDescending }
  })
}

/** Reads a field; what is none by the rules of filters is split at its dots. */
export function readFieldText(text: string): FieldPath {
  try {
    return parseField(text)
  } catch {
    return text.split('.')
  }
}
