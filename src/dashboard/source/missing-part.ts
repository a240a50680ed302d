import type { SourceProblem } from './answers.ts'

/** What it is called that a part of this program, which is loaded when it is needed, doesn't come. */
export const MISSING_PART: SourceProblem = {
  code: 'PART_MISSING',
  message: 'A part of this page can’t be loaded.',
  hint: 'Check the network and try again; if that changes nothing, reload the page: a newer one may have taken its place.'
}
