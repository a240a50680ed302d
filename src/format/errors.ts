import { defineErrors } from '../base/errors.ts'

/** The failures of this floor. */
export const formatErrors = defineErrors({
  FORMAT_YAML: (data: {
    readonly path?: string
    /** From 1; 0 for a value that can't be written. */
    readonly line: number
    readonly column: number
    readonly reason: string
  }) => {
    const place = data.line > 0 ? `, line ${data.line}, column ${data.column},` : ''
    return `${data.path ?? 'The YAML text'}${place} can't be ${data.line > 0 ? 'read' : 'stored'}: ${data.reason}.`
  },
  FORMAT_ENCODING: (data: { readonly path: string }) => `${data.path} is not UTF-8 text.`,
  FORMAT_SCHEMA: (data: {
    readonly path: string
    readonly expected: string
    /** What stands there; `undefined` if there is no `schema` line. */
    readonly found: string | undefined
  }) =>
    data.found === undefined
      ? `${data.path} has no line “schema: ${data.expected}/…”.`
      : `${data.path} should be a ${data.expected}, and says “schema: ${data.found}”.`
})
