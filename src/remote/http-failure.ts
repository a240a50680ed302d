import { decodeUtf8 } from '../base/bytes.ts'
import { isCoded } from '../base/errors.ts'
import { cleanMessage, type Service } from './advertisement.ts'
import { remoteErrors } from './errors.ts'
import { parseRetryAfter } from './retry.ts'

/** An answer over HTTP, as far as its failure is concerned. */
export interface FailedAnswer {
  readonly statusCode: number
  readonly headers?: { readonly [name: string]: string }
  readonly body?: AsyncIterable<Uint8Array>
}

const NAME_CODES = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME'])
const RESET_CODES = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'ECONNABORTED'])
const TIMEOUT_CODES = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT'])
const CERTIFICATE =
  /^(CERT_|ERR_TLS_CERT|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|CRL_)/

/** Returns what a failed request means; `timeoutMs` is how long a connection may take to be made. */
export function explainFetchFailure(url: string, error: unknown, timeoutMs: number): unknown {
  if (isCoded(error)) return error
  if (!(error instanceof Error) || error.name === 'AbortError') return error
  const code = codeOf(error)
  const detail = code ?? ''
  const unreachable = (cause: 'name' | 'refused' | 'reset' | 'network'): Error =>
    remoteErrors.create('REMOTE_UNREACHABLE', { url, cause, detail }, error)
  if (code === undefined) return error instanceof TypeError ? unreachable('network') : error
  if (NAME_CODES.has(code)) return unreachable('name')
  if (code === 'ECONNREFUSED') return unreachable('refused')
  if (RESET_CODES.has(code)) return unreachable('reset')
  if (TIMEOUT_CODES.has(code)) {
    return remoteErrors.create('REMOTE_TIMEOUT', { url, phase: 'connect', timeoutMs }, error)
  }
  if (CERTIFICATE.test(code)) {
    return remoteErrors.create('REMOTE_CERTIFICATE', { url, reason: code }, error)
  }
  return unreachable('network')
}

/** Returns the code of what lies below an error of `fetch`. */
function codeOf(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; depth++) {
    const { code, errors, cause } = at as Error & { code?: unknown; errors?: unknown[] }
    if (typeof code === 'string') return code
    at = Array.isArray(errors) && errors.length > 0 ? errors[0] : cause
  }
  return undefined
}

/** Returns what an answer with another status than 200 means. */
export async function explainStatus(
  url: string,
  service: Service,
  answer: FailedAnswer,
  { wasTried, nowMs }: { readonly wasTried: boolean; readonly nowMs: number }
): Promise<Error> {
  const detail = await readDetail(answer)
  const retryAfterMs = parseRetryAfter(answer.headers?.['retry-after'], nowMs)
  const action = service === 'git-upload-pack' ? 'read' : 'write'
  switch (answer.statusCode) {
    case 401:
    case 203:
      return remoteErrors.create('REMOTE_UNAUTHORIZED', {
        url,
        credentials: wasTried ? 'refused' : 'none',
        detail
      })
    case 403:
      return remoteErrors.create('REMOTE_FORBIDDEN', { url, action, detail })
    case 404:
    case 410:
      return remoteErrors.create('REMOTE_NOT_FOUND', { url, detail })
    default:
      return remoteErrors.create('REMOTE_HTTP', {
        url,
        status: answer.statusCode,
        detail,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs })
      })
  }
}

/** Returns what a page that is not git's says of itself. */
export async function readPreview(answer: FailedAnswer): Promise<string> {
  const text = await readStart(answer)
  const title = /<title[^>]*>([^<]*)/i.exec(text)?.[1]
  const told = title ?? (text.trimStart().startsWith('<') ? '' : text)
  return cleanMessage(told).replace(/\s+/g, ' ').slice(0, 200)
}

/** Forges say in a line of plain text what is wrong, and anything else in a page. */
async function readDetail(answer: FailedAnswer): Promise<string> {
  const type = answer.headers?.['content-type'] ?? ''
  const text = await readStart(answer)
  return type.startsWith('text/plain') ? cleanMessage(text).slice(0, 200) : ''
}

const START_BYTES = 2048

async function readStart({ body }: FailedAnswer): Promise<string> {
  let text = ''
  try {
    for await (const chunk of body ?? []) {
      text += decodeUtf8(chunk.subarray(0, START_BYTES))
      if (text.length >= START_BYTES) break
    }
  } catch {
    // What came before the answer broke off will do.
  }
  return text
}
