import { SourceError } from './source-error.ts'

/** @throws SourceError: what was asked for is not there. */
export function missing(address: string): never {
  throw new SourceError({
    code: 'STORE_NOT_FOUND',
    message: `There is nothing at ${address} in this report.`
  })
}

/** Makes the failure of what a report leaves out. */
export function notIncluded(what: string): SourceError {
  return new SourceError({
    code: 'NOT_INCLUDED',
    message: `${what} is not in this report.`,
    hint: 'Ask whoever made it, or open the project itself.'
  })
}
