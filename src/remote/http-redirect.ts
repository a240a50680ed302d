import { remoteErrors } from './errors.ts'
import { withoutCredentials } from './url.ts'

/** An answer, as far as it sends on. */
export interface RedirectingAnswer {
  readonly url: string
  readonly statusCode: number
  readonly headers?: { readonly [name: string]: string }
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])

/**
 * Returns where an answer sends on to; `undefined` if it does not.
 *
 * @throws REMOTE_REDIRECT if that is no place to go: another scheme than HTTP, from HTTPS to HTTP, or
 * on and on.
 */
export function nextAddress(
  url: string,
  from: string,
  answer: RedirectingAnswer,
  mayFollow: boolean
): string | undefined {
  if (!REDIRECTS.has(answer.statusCode)) return undefined
  const location = answer.headers?.location ?? ''
  const refuse = (to: string, reason: string): Error =>
    remoteErrors.create('REMOTE_REDIRECT', { url, to: withoutCredentials(to), reason })
  let to: URL
  try {
    to = new URL(location, from)
  } catch {
    throw refuse(location, 'it is no address')
  }
  if (to.protocol !== 'https:' && to.protocol !== 'http:') {
    throw refuse(to.href, 'it is not on the web')
  }
  if (to.protocol === 'http:' && from.startsWith('https:')) {
    throw refuse(to.href, 'it is not encrypted')
  }
  if (!mayFollow) throw refuse(to.href, 'there are too many of them')
  to.username = ''
  to.password = ''
  return to.href
}
