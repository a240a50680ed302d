import type { RunOutcome } from '../format/edit.ts'
import type { RunError } from '../model/records.ts'
import type { RunEnd } from './run.ts'

/** Returns the outcome of a program that ended in some way. */
export function outcomeOf({ exitCode, signal, error }: RunEnd, finished: string): RunOutcome {
  const isFailed = error !== undefined || (exitCode !== undefined && exitCode !== 0)
  return {
    status: signal !== undefined ? 'interrupted' : isFailed ? 'failed' : 'finished',
    finished,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(signal === undefined ? {} : { signal }),
    ...(error === undefined ? {} : { error: describeError(error) })
  }
}

function describeError(error: unknown): RunError {
  if (!(error instanceof Error)) return { message: String(error) }
  const { name, message, stack } = error
  return { name: String(name), message: String(message), ...(stack && { stack: String(stack) }) }
}
