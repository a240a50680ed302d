import type { Route } from '../route.ts'
import type { LiveRunState, RunAnswer } from '../source/run-answers.ts'
import type { Source } from '../source/source.ts'
import type { RunActions } from './run-actions.ts'

/** What each part of a run's page is given. */
export interface RunView {
  readonly source: Source
  readonly answer: RunAnswer
  readonly live: LiveRunState | undefined
  readonly params: Route['params']
  readonly isWritable: boolean
  readonly actions: RunActions
}
