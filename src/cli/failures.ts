import { isCoded, reasonOf } from '../base/errors.ts'
import { redactText } from '../base/redact.ts'
import type { Context, Host } from './context.ts'
import { EXIT } from './exit.ts'
import { FAILURES } from './failure-table.ts'
import { printableLines } from './printable.ts'

export { EXIT } from './exit.ts'
export { FAILURES } from './failure-table.ts'

/** Prints what went wrong and what to do about it; returns the exit status. */
export function reportFailure(
  host: Pick<Host, 'err' | 'env' | 'signal'> &
    Partial<Pick<Context, 'colors'>> & {
      /** The command that was called, if it is known. */
      readonly command?: string | undefined
    },
  error: unknown
): number {
  if (host.signal.aborted) return EXIT.interrupted
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const failure = Object.hasOwn(FAILURES, code) ? FAILURES[code] : undefined
  const red = host.colors?.red ?? ((text: string) => text)
  const cyan = host.colors?.cyan ?? ((text: string) => text)
  const known = isCoded(error) || failure !== undefined
  const message = printableLines(
    redactText(known ? reasonOf(error) : `Something unexpected: ${reasonOf(error)}`)
  )
  void host.err.write(`${red('runtree:')} ${message}\n`)
  if (failure?.hint !== undefined) {
    const hint = failure.hint.replace('<command>', host.command ?? '<command>')
    void host.err.write(`${cyan('hint:')} ${hint}\n`)
  } else if (!known) {
    void host.err.write(`${cyan('hint:')} Set RUNTREE_DEBUG=1 to see where it happened.\n`)
  }
  if (host.env.RUNTREE_DEBUG === '1') void host.err.write(`${redactText(traceOf(error))}\n`)
  return failure?.status ?? EXIT.failed
}

function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return printableLines(String(error))
  const cause = error.cause === undefined ? '' : `\ncaused by ${traceOf(error.cause)}`
  return printableLines(error.stack ?? error.message) + cause
}
