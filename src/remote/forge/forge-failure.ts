import { remoteErrors } from '../errors.ts'
import { parseRetryAfter } from '../retry.ts'

/** An answer that is none of what was asked for. */
export interface Refusal {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
}

/** Returns what an answer of a forge's API with another status than 200 means; `message` is its own word. */
export function explainRefusal(
  url: string,
  { status, headers }: Refusal,
  message: string,
  { hasToken, nowMs }: { readonly hasToken: boolean; readonly nowMs: number }
): Error {
  if (isRateLimit(status, headers, message)) {
    const untilMs = readUntil(headers, nowMs)
    return remoteErrors.create('REMOTE_RATE_LIMIT', {
      url,
      hasToken,
      ...(untilMs === undefined ? {} : { untilMs })
    })
  }
  if (status === 401) {
    const credentials = hasToken ? 'refused' : 'none'
    return remoteErrors.create('REMOTE_UNAUTHORIZED', { url, credentials, detail: message })
  }
  if (status === 403) {
    return remoteErrors.create('REMOTE_FORBIDDEN', { url, action: 'read', detail: message })
  }
  if (status === 404) {
    // To somebody who may not read a repository, forges say that there is none.
    const detail = hasToken
      ? 'or the token may not read it'
      : 'or it is private, and no token was given'
    return remoteErrors.create('REMOTE_NOT_FOUND', { url, detail })
  }
  const retryAfterMs = parseRetryAfter(headers['retry-after'], nowMs)
  return remoteErrors.create('REMOTE_HTTP', {
    url,
    status,
    detail: message,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs })
  })
}

/** Tells whether a refusal means that too much was asked; GitHub says so with 403, too. */
function isRateLimit(status: number, headers: Refusal['headers'], message: string): boolean {
  if (status === 429) return true
  if (status !== 403) return false
  const remaining = headers['x-ratelimit-remaining'] ?? headers['ratelimit-remaining']
  return remaining === '0' || headers['retry-after'] !== undefined || /rate limit/i.test(message)
}

/** Reads when requests are free again, in milliseconds since 1970; `undefined` if the answer doesn't tell. */
function readUntil(headers: Refusal['headers'], nowMs: number): number | undefined {
  const waitMs = parseRetryAfter(headers['retry-after'], nowMs)
  if (waitMs !== undefined) return nowMs + waitMs
  const reset = headers['x-ratelimit-reset'] ?? headers['ratelimit-reset']
  return reset !== undefined && /^\d{1,12}$/.test(reset) ? Number(reset) * 1000 : undefined
}
