/** Describes each failure of one floor: its code, the data it carries, and how it reads. */
type ErrorTable = Record<string, (data: never) => string>

/** The data that a code of a table carries. */
export type ErrorData<T extends ErrorTable, C extends keyof T> = Parameters<T[C]>[0]

/**
 * A failure with a stable code and the data a caller needs to act on it.
 *
 * A programming mistake is a plain `TypeError` without a code.
 */
export class CodedError<C extends string = string, D = unknown> extends Error {
  readonly code: C
  readonly data: D

  constructor(code: C, message: string, data: D, options?: ErrorOptions) {
    super(message, options)
    this.name = 'RuntreeError'
    this.code = code
    this.data = data
  }

  toJSON(): { code: C; message: string; data: D } {
    return { code: this.code, message: this.message, data: this.data }
  }
}

/** The errors of one floor: their codes, and functions that make and recognise them. */
export interface Errors<T extends ErrorTable> {
  readonly codes: readonly (keyof T & string)[]
  create<C extends keyof T & string>(
    code: C,
    data: ErrorData<T, C>,
    cause?: unknown
  ): CodedError<C, ErrorData<T, C>>
  is<C extends keyof T & string>(error: unknown, code: C): error is CodedError<C, ErrorData<T, C>>
}

/** Defines the errors of one floor; a code without a message or a data type does not compile. */
export function defineErrors<const T extends ErrorTable>(table: T): Errors<T> {
  return {
    codes: Object.keys(table),
    create(code, data, cause) {
      const format = table[code] as (data: unknown) => string
      return new CodedError(code, format(data), data, cause === undefined ? {} : { cause })
    },
    is(error, code): error is CodedError<typeof code, ErrorData<T, typeof code>> {
      return error instanceof Error && 'code' in error && error.code === code
    }
  }
}

/** Tells whether an error bears a code of ours, whichever copy of the library threw it. */
export function isCoded(error: unknown): error is CodedError {
  return error instanceof Error && error.name === 'RuntreeError' && 'code' in error
}

/** Returns what a thrown thing says, for a message that wraps it. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
