import { RUN_ID_LENGTH, WRITER_LENGTH } from '../base/ids.ts'

/** Hexadecimal digits of an execution's id. */
export const EXECUTION_ID_LENGTH = 12

/** Characters of the shortest abbreviation of a run's id, as in git. */
export const RUN_PREFIX_MIN_LENGTH = 4

const BASE32_TEXT = /^[0-9a-hjkmnp-tv-z]+$/
const HEX_TEXT = /^[0-9a-f]+$/

/** Tells whether text is a run's id. */
export function isRunId(text: string): boolean {
  return text.length === RUN_ID_LENGTH && BASE32_TEXT.test(text)
}

/** Tells whether text is a run's id or may abbreviate one. */
export function isRunPrefix(text: string): boolean {
  const { length } = text
  return length >= RUN_PREFIX_MIN_LENGTH && length <= RUN_ID_LENGTH && BASE32_TEXT.test(text)
}

/** Tells whether text is an execution's id. */
export function isExecutionId(text: string): boolean {
  return text.length === EXECUTION_ID_LENGTH && HEX_TEXT.test(text)
}

/** Returns the id of the execution of a code's git tree. */
export function executionIdOf(treeOid: string): string {
  return treeOid.slice(0, EXECUTION_ID_LENGTH)
}

/** Tells whether text names a writer of parts. */
export function isWriter(text: string): boolean {
  return text.length === WRITER_LENGTH && BASE32_TEXT.test(text)
}
