import type { JSX } from 'preact'
import { useId, useState } from 'preact/hooks'
import type { RemoteAddress } from './client/way-in.ts'
import type { RemoteCredential } from './client/worker-messages.ts'

/** A user and a token as they are typed. */
export interface TypedCredential {
  readonly value: RemoteCredential
  readonly onChange: (changes: RemoteCredential) => void
}

/** Keeps what is typed of a user and a token. */
export function useCredential(): TypedCredential {
  const [typed, setTyped] = useState({ username: '', password: '' })
  const username = typed.username.trim()
  return {
    value: { password: typed.password, ...(username === '' ? {} : { username }) },
    onChange: (changes) => setTyped((before) => ({ ...before, ...changes }))
  }
}

/** Asks for a user and a token, and says who gets them. */
export function CredentialFields(
  props: TypedCredential & {
    readonly remote: RemoteAddress
    /** What kind of token is wanted, as the beginning of a sentence. */
    readonly purpose: string
  }
): JSX.Element {
  const { remote, purpose, value, onChange } = props
  const [user, token] = [useId(), useId()]
  const { url, proxy, forge } = remote
  return (
    <>
      <p>
        {`${purpose} is sent to ${hostOf(forge?.api ?? url)} and forgotten when this tab is closed.`}
      </p>
      {proxy === undefined ? null : (
        <p class="banner bad" role="alert">
          {`It passes through ${hostOf(proxy)}, which can read and keep it. Go on only if that is yours.`}
        </p>
      )}
      <div class="field">
        <label for={user}>User, if the server wants one</label>
        <input
          id={user}
          class="input"
          autocomplete="username"
          onInput={({ currentTarget }) => onChange({ username: currentTarget.value })}
        />
      </div>
      <div class="field">
        <label for={token}>Token or password</label>
        <input
          id={token}
          class="input"
          type="password"
          autocomplete="current-password"
          required
          value={value.password}
          onInput={({ currentTarget }) => onChange({ password: currentTarget.value })}
        />
      </div>
    </>
  )
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url
}
