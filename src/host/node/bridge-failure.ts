import { cleanMessage, type Service } from '../../remote/advertisement.ts'
import { remoteErrors } from '../../remote/errors.ts'

/** How a program ended that was to reach a remote. */
export interface EndedProgram {
  readonly program: string
  readonly exitCode: number | null
  readonly error?: Error
  /** What it said on its standard error. */
  readonly said: string
}

/** What ssh itself says when it ends with 255 (ssh(1), “EXIT STATUS”). */
const SSH_SAYS: readonly (readonly [RegExp, (url: string, detail: string) => Error])[] = [
  [
    /Host key verification failed|HOST IDENTIFICATION HAS CHANGED|host key is known/i,
    (url, detail) => remoteErrors.create('REMOTE_HOST_KEY', { url, detail })
  ],
  [
    /Permission denied|authentication failures|No supported authentication/i,
    (url, detail) =>
      remoteErrors.create('REMOTE_UNAUTHORIZED', { url, credentials: 'refused', detail })
  ],
  [
    /resolve hostname|Name or service not known/i,
    (url, detail) => remoteErrors.create('REMOTE_UNREACHABLE', { url, cause: 'name', detail })
  ],
  [
    /Connection refused/i,
    (url, detail) => remoteErrors.create('REMOTE_UNREACHABLE', { url, cause: 'refused', detail })
  ],
  [
    /Connection (to \S+ )?(reset|closed)|Broken pipe|kex_exchange/i,
    (url, detail) => remoteErrors.create('REMOTE_UNREACHABLE', { url, cause: 'reset', detail })
  ]
]

/** Returns what the end of a program means. */
export function explainEnd(url: string, service: Service, ended: EndedProgram): Error {
  const { program, error, exitCode, said } = ended
  if (error !== undefined)
    return remoteErrors.create('REMOTE_PROGRAM_MISSING', { url, program }, error)
  const detail = mostTelling(said)
  if (exitCode === 255) {
    for (const [pattern, explain] of SSH_SAYS) if (pattern.test(said)) return explain(url, detail)
    return remoteErrors.create('REMOTE_UNREACHABLE', { url, cause: 'network', detail })
  }
  if (/not appear to be a git repository|not found|not exist|could not be found/i.test(said)) {
    return remoteErrors.create('REMOTE_NOT_FOUND', { url, detail })
  }
  if (/denied|not allowed|not permitted|access rights|read.?only|forbidden/i.test(said)) {
    const action = service === 'git-upload-pack' ? 'read' : 'write'
    return remoteErrors.create('REMOTE_FORBIDDEN', { url, action, detail })
  }
  const message = detail === '' ? `its program ended with ${exitCode}` : detail
  return remoteErrors.create('REMOTE_SAID', { url, message })
}

/** Returns the line that says what went wrong, without what surrounds it. */
function mostTelling(said: string): string {
  const lines = said
    .split(/[\r\n]+/)
    .map((line) => cleanMessage(line.replace(/^(remote: )?(fatal|error): /i, 'fatal: ')))
    .filter(
      (line) => /\w/.test(line) && !/^(Warning: Permanently added|Pseudo-terminal)/.test(line)
    )
  const line = lines.find((text) => text.startsWith('fatal: ')) ?? lines.at(-1) ?? ''
  return line.replace(/^fatal: /, '').slice(0, 300)
}
