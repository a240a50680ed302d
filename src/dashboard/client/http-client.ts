import type { SourceProblem } from '../source/answers.ts'
import { sourceOf } from '../source/call-source.ts'
import type { CallOptions, CallProgress, Source } from '../source/source.ts'
import { SourceError } from '../source/source-error.ts'
import { formatWire, parseWire } from '../source/wire.ts'

const TOKEN_KEY = 'runtree-token'

/** A line of what a server answers. */
type Line =
  | { readonly progress: CallProgress }
  | { readonly value: unknown }
  | { readonly error: SourceProblem }

/**
 * Opens the source behind the server that this page came from.
 *
 * The token comes with the address that `runtree ui` opened, behind `#token=`; it is taken out of the
 * address at once and kept until the tab is closed.
 */
export function openHttpSource(): Source {
  const token = takeToken()
  return sourceOf((method, request, options) => call(token, method, request, options))
}

function takeToken(): string {
  const found = /^#token=([\w-]+)$/.exec(location.hash)?.[1]
  if (found !== undefined) {
    sessionStorage.setItem(TOKEN_KEY, found)
    history.replaceState(null, '', `${location.pathname}${location.search}`)
  }
  return found ?? sessionStorage.getItem(TOKEN_KEY) ?? ''
}

async function call(
  token: string,
  method: string,
  request: object,
  { signal, onProgress }: CallOptions
): Promise<unknown> {
  const response = await fetch(`api/${method}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: formatWire(request),
    ...(signal === undefined ? {} : { signal })
  }).catch(() => {
    signal?.throwIfAborted()
    throw new SourceError({
      code: 'SERVER_GONE',
      message: 'Runtree does not answer any more.',
      hint: 'Start it again with “runtree ui”, and open the address that it prints.'
    })
  })
  for await (const line of readLines(response)) {
    const answer = parseLine(line, response.status)
    if ('progress' in answer) onProgress?.(answer.progress)
    else if ('error' in answer) throw new SourceError(answer.error)
    else return answer.value
  }
  throw notUnderstood(response.status)
}

function parseLine(line: string, status: number): Line {
  try {
    return parseWire(line) as Line
  } catch {
    throw notUnderstood(status)
  }
}

function notUnderstood(status: number): SourceError {
  return new SourceError({
    code: 'SERVER_ANSWER',
    message: `The server's answer can't be understood (status ${status}).`,
    hint: 'Reload the page; if that changes nothing, start “runtree ui” again.'
  })
}

/** Reads the lines of an answer as they come. */
async function* readLines(response: Response): AsyncGenerator<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
    if (done) break
    const lines = (rest + value).split('\n')
    rest = lines.pop() ?? ''
    yield* lines.filter((line) => line !== '')
  }
  if (rest !== '') yield rest
}
