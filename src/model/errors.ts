import { defineErrors } from '../base/errors.ts'

/** One thing that is wrong with a record. */
export interface Problem {
  /** Members from the top, joined by `/`; empty for the record itself. */
  readonly field: string
  /** What is expected and what was found. */
  readonly message: string
}

const SHOWN_PROBLEMS = 3

/** The failures of this floor. */
export const modelErrors = defineErrors({
  MODEL_INVALID: (data: {
    readonly kind: string
    readonly path?: string
    readonly problems: readonly Problem[]
  }) =>
    `${data.path ?? `The ${data.kind}`} is no valid ${data.kind}: ${listProblems(data.problems)}.`,
  MODEL_SCHEMA_TOO_NEW: (data: {
    readonly kind: string
    readonly path?: string
    readonly version: number
    readonly known: number
  }) =>
    `${data.path ?? `The ${data.kind}`} is of version ${data.version} of the ${data.kind} schema; ` +
    `this program knows versions up to ${data.known}.`,
  MODEL_NAME: (data: { readonly name: string; readonly reason: string }) =>
    `The name ${quote(data.name)} can't be used: ${data.reason}.`,
  MODEL_ADDRESS: (data: { readonly address: string; readonly reason: string }) =>
    `The address ${quote(data.address)} can't be read: ${data.reason}.`
})

function listProblems(problems: readonly Problem[]): string {
  const shown = problems
    .slice(0, SHOWN_PROBLEMS)
    .map(({ field, message }) => (field === '' ? message : `${field} ${message}`))
  const more = problems.length - shown.length
  return shown.join('; ') + (more > 0 ? `; and ${more} more` : '')
}

function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text)
}
