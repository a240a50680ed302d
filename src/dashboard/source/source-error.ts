import type { SourceProblem } from './answers.ts'

/** A failure of a source, the same whichever way it came. */
export class SourceError extends Error implements SourceProblem {
  readonly code: string
  readonly hint?: string

  constructor({ code, message, hint }: SourceProblem) {
    super(message)
    this.name = 'SourceError'
    this.code = code
    if (hint !== undefined) this.hint = hint
  }
}
