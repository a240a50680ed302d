import { isMissingPart } from '../../base/missing-part.ts'
import { MISSING_PART } from '../source/missing-part.ts'

/** What a failure is called and says, as far as it tells. */
export interface Failure {
  readonly code: string | undefined
  readonly message: string
  /** What to do. */
  readonly hint: string | undefined
}

/** Reads what was thrown. */
export function failureOf(error: unknown): Failure {
  const shown = isMissingPart(error) ? MISSING_PART : error
  const found = (typeof shown === 'object' && shown !== null ? shown : {}) as Partial<
    Record<'code' | 'message' | 'hint', unknown>
  >
  return {
    code: textOf(found.code),
    message: textOf(found.message) ?? String(error),
    hint: textOf(found.hint)
  }
}

/** Returns what a failure says, and what to do. */
export function messageOf(error: unknown): string {
  const { message, hint } = failureOf(error)
  return hint === undefined ? message : `${message}\n${hint}`
}

/** Tells whether something was only given up. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
