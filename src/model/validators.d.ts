import type { Kind } from './kinds.ts'

/** What is wrong at one place, in the words of JSON Schema. */
export interface SchemaProblem {
  readonly instancePath: string
  readonly keyword: string
  readonly params: { readonly [name: string]: unknown }
}

/** The validator of each kind, generated from its schema by .ci/generate-validators.ts. */
export const validators: {
  readonly [K in Kind]: {
    (value: unknown): boolean
    readonly errors?: readonly SchemaProblem[] | null
  }
}
