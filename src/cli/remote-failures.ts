import { EXIT, type Failure } from './exit.ts'

/** What the program makes of the errors of exchanges with other repositories. */
export const REMOTE_FAILURES: { readonly [code: string]: Failure } = {
  REMOTE_ADDRESS: {
    status: EXIT.usage,
    hint: 'https://, ssh://, host:path, file://, a path or a bundle file.'
  },
  REMOTE_OFFLINE: {
    status: EXIT.offline,
    hint: 'Leave --offline and RUNTREE_OFFLINE away.'
  },
  REMOTE_UNREACHABLE: {
    status: EXIT.offline,
    hint: 'Check the address and the network; what is here stays usable.'
  },
  REMOTE_TIMEOUT: {
    status: EXIT.offline,
    hint: 'Try again; check the network.'
  },
  REMOTE_UNAUTHORIZED: {
    status: EXIT.unauthorized,
    hint: 'git credential or RUNTREE_TOKEN gives them; of ssh, a key in the agent.'
  },
  REMOTE_FORBIDDEN: {
    status: EXIT.unauthorized,
    hint: 'Ask its owner for access.'
  },
  REMOTE_NOT_FOUND: {
    status: EXIT.failed,
    hint: 'Check the address; a forge hides private repositories so.'
  },
  REMOTE_NOT_GIT: {
    status: EXIT.failed,
    hint: 'Check the address.'
  },
  REMOTE_CERTIFICATE: {
    status: EXIT.failed,
    hint: 'Check the address; give Node the authority with NODE_EXTRA_CA_CERTS.'
  },
  REMOTE_HOST_KEY: {
    status: EXIT.failed,
    hint: 'Connect once with ssh and check the key.'
  },
  REMOTE_REDIRECT: {
    status: EXIT.failed,
    hint: 'Use the new address, if you trust it.'
  },
  REMOTE_HTTP: {
    status: EXIT.failed,
    hint: "Try again later; ask the server's owner."
  },
  REMOTE_RATE_LIMIT: {
    status: EXIT.offline,
    hint: 'Come back then, or give a token.'
  },
  REMOTE_PROTOCOL: {
    status: EXIT.failed,
    hint: 'Try again.'
  },
  REMOTE_PACK_DAMAGED: {
    status: EXIT.failed,
    hint: 'Try again; git fsck there tells whether they are damaged there.'
  },
  REMOTE_PACK_INCOMPLETE: {
    status: EXIT.failed,
    hint: 'git fsck there tells what is missing.'
  },
  REMOTE_SAID: {
    status: EXIT.failed,
    hint: 'As it says.'
  },
  REMOTE_UNSUPPORTED: {
    status: EXIT.failed,
    hint: 'Use another remote, or a newer version.'
  },
  REMOTE_REJECTED: {
    status: EXIT.failed,
    hint: 'As it says.'
  },
  REMOTE_STALE: {
    status: EXIT.conflict,
    hint: 'Pull, and push again.'
  },
  REMOTE_UNKNOWN_OUTCOME: {
    status: EXIT.offline,
    hint: 'Push again: what it took is not sent twice.'
  },
  REMOTE_PROGRAM_MISSING: {
    status: EXIT.failed,
    hint: 'Install it.'
  },
  REMOTE_CREDENTIAL: {
    status: EXIT.usage,
    hint: 'Check what was given.'
  },
  REMOTE_BUNDLE: {
    status: EXIT.failed,
    hint: 'Make it again.'
  },
  REMOTE_BUNDLE_NEEDS: {
    status: EXIT.failed,
    hint: 'Get those first, or make a bundle with all history.'
  }
}
