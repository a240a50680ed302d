import { defineErrors } from '../base/errors.ts'

/** The failures of the command line itself. */
export const cliErrors = defineErrors({
  CLI_USAGE: (data: { readonly problem: string }) => data.problem,
  CLI_NOT_FOUND: (data: { readonly address: string; readonly suggestion?: string }) => {
    const { address, suggestion } = data
    const isShort = /(^|\/)[0-9a-z]{1,3}(@[^/]*)?$/.test(address)
    if (suggestion !== undefined) {
      return `There is nothing at ${address}. Did you mean ${suggestion}?`
    }
    const rule = isShort ? '; of a run’s id, 4 characters are the least' : ''
    return `There is nothing at ${address}${rule}.`
  },
  CLI_NOT_THERE: (data: { readonly experiment: string; readonly remote: string }) =>
    `The remote ${data.remote} has no experiment ${data.experiment}.`,
  CLI_NOT_ASKED: (data: { readonly address: string }) =>
    `There is nothing at ${data.address} here, and no remote could be asked.`,
  CLI_WRONG_KIND: (data: {
    readonly address: string
    readonly kind: string
    readonly expected: string
  }) => `${data.address} is of the kind ${data.kind}, not ${data.expected}.`,
  CLI_NO_RUN: (data: { readonly filter: string }) => `No run passes ${data.filter}.`,
  CLI_SEVERAL_RUNS: (data: { readonly total: number; readonly candidates: readonly string[] }) => {
    const { total, candidates } = data
    const more = total - candidates.length
    return `${total} runs pass: ${candidates.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`
  },
  CLI_CANCELLED: (data: { readonly what: string }) => `Nothing was done: ${data.what}.`,
  CLI_FILE_MISSING: (data: { readonly path: string }) => `There is no file ${data.path}.`,
  CLI_FOLDER_MISSING: (data: { readonly path: string }) => `There is no folder ${data.path}.`,
  CLI_FOLDER_NOT_EMPTY: (data: { readonly path: string }) =>
    `The folder ${data.path} is not empty.`,
  CLI_CONTENT_ELSEWHERE: (data: { readonly path: string; readonly uri?: string }) =>
    `The content of ${data.path} is not here${data.uri === undefined ? '' : `, but at ${data.uri}`}.`,
  CLI_PATH_UNSAFE: (data: { readonly path: string; readonly reason: string }) =>
    `${data.path} is not written: ${data.reason}.`,
  CLI_NO_DASHBOARD: (data: { readonly folder: string }) =>
    `The dashboard is not in ${data.folder}.`,
  CLI_COMMAND_NOT_STARTED: (data: { readonly command: string; readonly reason: string }) =>
    `${data.command} ${data.reason}.`
})

/** Makes the failure of a wrong command line. */
export function usageError(problem: string): Error {
  return cliErrors.create('CLI_USAGE', { problem })
}
