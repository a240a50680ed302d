import type { JSX } from 'preact'
import { useEffect, useId, useState } from 'preact/hooks'
import {
  goToRemote,
  keepCredential,
  openSource,
  type RemoteAddress,
  readWayIn
} from './client/way-in.ts'
import { CredentialFields, useCredential } from './credential-fields.tsx'
import { Button } from './parts/button.tsx'
import { failureOf } from './parts/failure.ts'
import { Icon } from './parts/icon.tsx'
import { Loading, Problem } from './parts/states.tsx'
import type { CallProgress, Source } from './source/source.ts'

/** Failures after which a user and a token may help. */
const UNAUTHORIZED = [
  'REMOTE_UNAUTHORIZED',
  'REMOTE_FORBIDDEN',
  'REMOTE_NOT_FOUND',
  'REMOTE_RATE_LIMIT'
]

/** Opens what the page shows: asks where it is, tells how far it is, asks who wants to know. */
export function Opening(props: {
  readonly onOpen: (source: Source) => Promise<void>
}): JSX.Element {
  const [way] = useState(readWayIn)
  const [progress, setProgress] = useState<CallProgress>()
  const [error, setError] = useState<unknown>()
  const [attempt, setAttempt] = useState(0)
  const isAsking = way.kind === 'hosted' && way.remote === undefined
  useEffect(() => {
    if (isAsking) return
    const controller = new AbortController()
    const { signal } = controller
    setError(undefined)
    setProgress(undefined)
    openSource(way, { signal, onProgress: setProgress })
      .then(props.onOpen)
      .catch((reason: unknown) => {
        if (!signal.aborted) setError(reason)
      })
    return () => controller.abort()
  }, [attempt])
  const retry = (): void => setAttempt(attempt + 1)
  if (isAsking) return <AddressForm />
  if (error === undefined) return <Coming progress={progress} remote={remoteOf(way)} />
  const { code = '' } = failureOf(error)
  const remote = remoteOf(way)
  return (
    <main>
      <Problem error={error} onRetry={retry} wayOut={{ label: 'Another address' }} />
      {remote !== undefined && UNAUTHORIZED.includes(code) ? (
        <CredentialForm remote={remote} onDone={retry} />
      ) : null}
    </main>
  )
}

function remoteOf(way: ReturnType<typeof readWayIn>): RemoteAddress | undefined {
  return way.kind === 'hosted' ? way.remote : undefined
}

function Coming(props: {
  readonly progress: CallProgress | undefined
  readonly remote: RemoteAddress | undefined
}): JSX.Element {
  const { progress, remote } = props
  if (remote === undefined) return <Loading label="Opening" />
  const { text = 'asking the remote', done = 0, total } = progress ?? {}
  const count = total === undefined ? done || '' : `${done} of ${total}`
  return (
    <main class="state" aria-live="polite">
      <Icon name="sync" />
      <h1>Opening {remote.url}</h1>
      <div class="progress">
        <progress aria-label={text} value={total === undefined ? undefined : done} max={total} />
        <span>
          {text} {count}
        </span>
      </div>
    </main>
  )
}

function AddressForm(): JSX.Element {
  const [url, setUrl] = useState('')
  const id = useId()
  const submit = (event: Event): void => {
    event.preventDefault()
    if (url.trim() !== '') goToRemote(url.trim())
  }
  return (
    <main class="state">
      <h1>Runtree</h1>
      <p>
        This page shows the experiments of a git repository. It reads them here, in your browser.
      </p>
      <form class="dialog-form" onSubmit={submit}>
        <div class="field">
          <label for={id}>Address of the repository</label>
          <input
            id={id}
            class="input"
            type="url"
            required
            placeholder="https://git.example.org/team/vision.git"
            value={url}
            onInput={(event) => setUrl(event.currentTarget.value)}
          />
        </div>
        <Button label="Open" tone="primary" type="submit" />
      </form>
    </main>
  )
}

function CredentialForm(props: {
  readonly remote: RemoteAddress
  readonly onDone: () => void
}): JSX.Element {
  const credential = useCredential()
  const submit = (event: Event): void => {
    event.preventDefault()
    keepCredential(props.remote, credential.value)
    props.onDone()
  }
  return (
    <form class="state" onSubmit={submit}>
      <h2>With a token</h2>
      <CredentialFields
        remote={props.remote}
        purpose="A token that may read the repository"
        {...credential}
      />
      <Button label="Open with it" tone="primary" type="submit" />
    </form>
  )
}
