import type { SourceProblem } from './answers.ts'

/** What it is called that a part of this program, which is loaded when it is needed, doesn't come. */
export const MISSING_PART: SourceProblem = {
  code: 'PART_MISSING',
  message: 'A part of this page can’t be loaded.',
  hint: 'Check the network, and reload the page; a newer one may have taken its place.'
}

/** Tells whether an `import()` failed because of the network; browsers have words for it, but no code. */
export function isMissingPart(error: unknown): boolean {
  return (
    error instanceof TypeError &&
    /dynamically imported module|importing a module script failed/i.test(error.message)
  )
}
