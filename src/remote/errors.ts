import { defineErrors } from '../base/errors.ts'

/** All addresses in here are without user, password and query. */
interface AtRemote {
  readonly url: string
}

/** The failures of the remote floor. */
export const remoteErrors = defineErrors({
  REMOTE_ADDRESS: (data: { readonly address: string; readonly reason: string }) =>
    `The address ${JSON.stringify(data.address)} cannot be used: ${data.reason}.`,
  REMOTE_OFFLINE: (data: AtRemote) =>
    `${data.url} was not asked, because the network is not to be used.`,
  REMOTE_UNREACHABLE: (
    data: AtRemote & {
      readonly cause: 'name' | 'refused' | 'reset' | 'network'
      readonly detail: string
    }
  ) =>
    `${data.url} cannot be reached: ${
      {
        name: 'the name of the host is not known',
        refused: 'the host refuses the connection',
        reset: 'the connection was broken off',
        network: 'the network failed'
      }[data.cause]
    }${data.detail === '' ? '' : ` (${data.detail})`}.`,
  REMOTE_TIMEOUT: (
    data: AtRemote & { readonly phase: 'connect' | 'silence' | 'check'; readonly timeoutMs: number }
  ) =>
    `${data.url} ${
      data.phase === 'connect'
        ? 'did not answer'
        : data.phase === 'check'
          ? 'was not done'
          : 'fell silent'
    } for ${data.timeoutMs / 1000} s.`,
  REMOTE_UNAUTHORIZED: (
    data: AtRemote & { readonly credentials: 'none' | 'refused'; readonly detail: string }
  ) =>
    `${data.url} ${
      data.credentials === 'none'
        ? 'asks for credentials, and there are none'
        : 'refused the credentials'
    }${data.detail === '' ? '' : `: ${data.detail}`}.`,
  REMOTE_FORBIDDEN: (
    data: AtRemote & { readonly action: 'read' | 'write'; readonly detail: string }
  ) =>
    `${data.url} may not be ${data.action === 'read' ? 'read' : 'written'}${
      data.detail === '' ? '' : `: ${data.detail}`
    }.`,
  REMOTE_NOT_FOUND: (data: AtRemote & { readonly detail: string }) =>
    `There is no repository at ${data.url}${data.detail === '' ? '' : `: ${data.detail}`}.`,
  REMOTE_NOT_GIT: (data: AtRemote & { readonly preview: string }) =>
    `${data.url} does not answer as a git server${
      data.preview === '' ? '' : `, but with ${JSON.stringify(data.preview)}`
    }.`,
  REMOTE_CERTIFICATE: (data: AtRemote & { readonly reason: string }) =>
    `The certificate of ${data.url} is not to be trusted: ${data.reason}.`,
  REMOTE_HOST_KEY: (data: AtRemote & { readonly detail: string }) =>
    `The host key of ${data.url} could not be verified: ${data.detail}.`,
  REMOTE_REDIRECT: (data: AtRemote & { readonly to: string; readonly reason: string }) =>
    `${data.url} sends on to ${data.to}, which is not followed: ${data.reason}.`,
  REMOTE_HTTP: (
    data: AtRemote & {
      readonly status: number
      readonly detail: string
      /** How long the server asks to be left alone, if it says so. */
      readonly retryAfterMs?: number
    }
  ) =>
    `${data.url} answered with the HTTP status ${data.status}${
      data.detail === '' ? '' : `: ${data.detail}`
    }${
      data.retryAfterMs === undefined
        ? ''
        : `; it asks to try again in ${Math.ceil(data.retryAfterMs / 1000)} s`
    }.`,
  REMOTE_RATE_LIMIT: (
    data: AtRemote & {
      /** Whether a token was sent with the requests. */
      readonly hasToken: boolean
      /** When requests are free again, in milliseconds since 1970, if the server says so. */
      readonly untilMs?: number
    }
  ) =>
    `The server of ${data.url} answers no more requests ${
      data.untilMs === undefined
        ? 'for now'
        : `before ${new Date(data.untilMs).toISOString().slice(11, 16)} UTC`
    }${data.hasToken ? '' : '; with a token it allows many more'}.`,
  REMOTE_PROTOCOL: (data: AtRemote & { readonly reason: string }) =>
    `What ${data.url} sent cannot be understood: ${data.reason}.`,
  REMOTE_PACK_DAMAGED: (data: AtRemote & { readonly reason: string }) =>
    `The objects from ${data.url} came damaged: ${data.reason}.`,
  REMOTE_PACK_INCOMPLETE: (data: AtRemote & { readonly oid: string }) =>
    `The objects from ${data.url} are not complete: ${data.oid} is missing.`,
  REMOTE_SAID: (data: AtRemote & { readonly message: string }) =>
    `${data.url} failed: ${data.message}.`,
  REMOTE_UNSUPPORTED: (data: AtRemote & { readonly reason: string }) =>
    `${data.url} cannot be used: ${data.reason}.`,
  REMOTE_REJECTED: (data: AtRemote & { readonly ref: string; readonly reason: string }) =>
    `${data.url} did not take ${data.ref}: ${data.reason}.`,
  REMOTE_STALE: (data: AtRemote & { readonly ref: string; readonly found: string | undefined }) =>
    `${data.ref} at ${data.url} has moved${
      data.found === undefined ? ': it is gone' : ` to ${data.found}`
    }.`,
  REMOTE_UNKNOWN_OUTCOME: (data: AtRemote) =>
    `Whether ${data.url} took what was pushed is not known: the connection broke before it answered.`,
  REMOTE_PROGRAM_MISSING: (data: AtRemote & { readonly program: string }) =>
    `${data.url} cannot be reached: the program ${data.program} could not be started.`,
  REMOTE_CREDENTIAL: (data: AtRemote & { readonly field: string }) =>
    `The ${data.field} for ${data.url} has a character that no credential may have.`,
  REMOTE_BUNDLE: (data: AtRemote & { readonly reason: string }) =>
    `${data.url} cannot be read as a bundle: ${data.reason}.`,
  REMOTE_BUNDLE_NEEDS: (data: AtRemote & { readonly oids: readonly string[] }) =>
    `The bundle ${data.url} builds on ${data.oids.length === 1 ? 'a commit' : 'commits'} that this repository does not have: ${data.oids.join(', ')}.`
})
