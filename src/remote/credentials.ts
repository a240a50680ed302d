import { remoteErrors } from './errors.ts'

/** What a server asks credentials for. */
export interface CredentialRequest {
  /** The address, without user and password. */
  readonly url: string
  /** The user that the address names. */
  readonly username?: string
}

/** A user and a password or token. Never stored, printed, or put into an error by this program. */
export interface Credential {
  readonly username: string
  readonly password: string
}

/** Finds credentials, and hears whether they were right. */
export interface CredentialProvider {
  fill(request: CredentialRequest): Promise<Credential | undefined>
  /** Hears that the server took a credential of this provider's. */
  approve(request: CredentialRequest, credential: Credential): Promise<void>
  /** Hears that the server refused a credential of this provider's. */
  reject(request: CredentialRequest, credential: Credential): Promise<void>
}

/** Gives one credential for one host, such as that of an option. */
export function givenCredential(
  host: string,
  given: { readonly username?: string; readonly password?: string; readonly token?: string }
): CredentialProvider {
  return {
    async fill({ url, username }) {
      const password = given.password ?? given.token
      if (password === undefined || new URL(url).host !== host) return undefined
      // Forges that take a token take it with any user's name.
      return { username: given.username ?? username ?? 'token', password }
    },
    async approve() {},
    async reject() {}
  }
}

/**
 * Gives what the environment has: `RUNTREE_TOKEN`, or `RUNTREE_USERNAME` and `RUNTREE_PASSWORD`.
 *
 * Only the host of the address that was asked for gets it, not one that the server sends on to.
 */
export function environmentCredential(
  host: string,
  env: { readonly [name: string]: string | undefined }
): CredentialProvider {
  const { RUNTREE_USERNAME, RUNTREE_PASSWORD, RUNTREE_TOKEN } = env
  return givenCredential(host, {
    ...(RUNTREE_USERNAME ? { username: RUNTREE_USERNAME } : {}),
    ...(RUNTREE_PASSWORD ? { password: RUNTREE_PASSWORD } : {}),
    ...(RUNTREE_TOKEN ? { token: RUNTREE_TOKEN } : {})
  })
}

/** Refuses line breaks and NUL, which end a field in what helpers and headers are told. */
export function checkCredential(url: string, credential: Credential): Credential {
  for (const field of ['username', 'password'] as const) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused.
    if (/[\u0000-\u001f\u007f]/.test(credential[field])) {
      throw remoteErrors.create('REMOTE_CREDENTIAL', { url, field })
    }
  }
  return credential
}

/** Asks providers one after another, one credential each, until the server takes one. */
export class CredentialChain {
  readonly #providers: CredentialProvider[]
  #current: { readonly provider: CredentialProvider; readonly credential: Credential } | undefined
  /** Whether any credential was tried. */
  wasTried = false

  constructor(providers: readonly CredentialProvider[]) {
    this.#providers = [...providers]
  }

  /** Returns the next credential; the one before it was refused. */
  async next(request: CredentialRequest): Promise<Credential | undefined> {
    if (this.#current !== undefined) {
      await this.#current.provider.reject(request, this.#current.credential)
      this.#current = undefined
    }
    for (let provider = this.#providers.shift(); provider; provider = this.#providers.shift()) {
      const credential = await provider.fill(request)
      if (credential === undefined) continue
      checkCredential(request.url, credential)
      this.#current = { provider, credential }
      this.wasTried = true
      return credential
    }
    return undefined
  }

  /** Tells whoever gave the credential that the server took it. */
  async approve(request: CredentialRequest): Promise<void> {
    await this.#current?.provider.approve(request, this.#current.credential)
  }
}
