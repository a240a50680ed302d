import { isCoded, reasonOf } from '../../base/errors.ts'
import { isMissingPart } from '../../base/missing-part.ts'
import { redactText } from '../../base/redact.ts'
import type { SourceProblem } from './answers.ts'
import { MISSING_PART } from './missing-part.ts'
import { SourceError } from './source-error.ts'

/** Tells what somebody can do about a failure, by its code. */
export type HintOf = (code: string) => string | undefined

const REPAIR = '“runtree verify --repair”, where the project lies, '

/** What to do where a browser is all that there is. */
const HINTS: { readonly [code: string]: string } = {
  STORE_NOT_FOUND: 'It may have been deleted or renamed; go up a page and look there.',
  STORE_AMBIGUOUS: 'Give more of it, or the full address.',
  MODEL_ADDRESS: 'An address is project/experiment/run.',
  QUERY_SYNTAX: 'The language of filters is described in docs/QUERY.md.',
  QUERY_GOAL: 'Declare whether the metric is to be small or great in the experiment.',
  GIT_OBJECT_MISSING: `${REPAIR}fetches it from a remote that has it.`,
  GIT_OBJECT_DAMAGED: `${REPAIR}mends what can be mended.`,
  GIT_REF_DAMAGED: `${REPAIR}mends what can be mended.`,
  MODEL_SCHEMA_TOO_NEW: 'A newer version of Runtree wrote it; use that one to read it.',
  REMOTE_UNAUTHORIZED: 'Give a token that may read the repository.',
  REMOTE_RATE_LIMIT:
    'Come back then, or open the page with a token: “?remote=https://<token>@<host>/…”. On GitHub, “runtree push --summary” by who owns the project makes a table of any size take few requests. What came is kept.',
  REMOTE_OFFLINE: 'Connect to the network and try again.',
  REMOTE_UNREACHABLE: 'Check the address and the network; a server must allow pages of this site.',
  REMOTE_TIMEOUT: 'The server is slow or gone; try again later.',
  STORE_FILES: 'Make room, or allow the site more storage.',
  BROWSER_NO_STORAGE: 'Private windows may give no storage; use an ordinary one.'
}

/** Describes a thrown thing; credentials in its text are left out. */
export function problemOf(error: unknown, hintOf?: HintOf): SourceProblem {
  if (error instanceof SourceError) {
    const { code, message, hint } = error
    return hint === undefined ? { code, message } : { code, message, hint }
  }
  if (isMissingPart(error)) return MISSING_PART
  const code = codeOf(error)
  const hint = hintOf?.(code) ?? (Object.hasOwn(HINTS, code) ? HINTS[code] : undefined)
  return {
    code,
    message: redactText(reasonOf(error)),
    ...(hint === undefined ? {} : { hint })
  }
}

/** Describes why something of a project can't be read, and says what that is. */
export function damageOf({
  path,
  error
}: {
  readonly path: string
  readonly error: unknown
}): SourceProblem {
  const problem = problemOf(error)
  return problem.message.includes(path)
    ? problem
    : { ...problem, message: `${path} can’t be read: ${problem.message}` }
}

function codeOf(error: unknown): string {
  if (isCoded(error)) return error.code
  if (error instanceof TypeError) return 'BAD_REQUEST'
  return error instanceof Error && 'code' in error ? String(error.code) : 'UNEXPECTED'
}
