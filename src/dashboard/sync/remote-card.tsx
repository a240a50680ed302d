import { useRef, useState } from 'preact/hooks'
import { Button } from '../parts/button.tsx'
import { CopyButton } from '../parts/copy-button.tsx'
import { failureOf, isAbort } from '../parts/failure.ts'
import { Icon } from '../parts/icon.tsx'
import { Ago, Badge } from '../parts/labels.tsx'
import { Section } from '../parts/section.tsx'
import { formatBytes, formatCount, formatNumber } from '../parts/text.ts'
import type { RemoteState } from '../source/answers.ts'
import type { SyncAnswer } from '../source/run-answers.ts'
import type { CallProgress, Source } from '../source/source.ts'
import { sumUp, wordsOfStatus } from './statuses.ts'

type Exchange = 'sync' | 'pull' | 'push'

const DOING: { readonly [exchange in Exchange]: string } = {
  sync: 'Pulling and pushing',
  pull: 'Pulling',
  push: 'Pushing'
}

/** A remote: how the project stands to it, and buttons that bring both together. */
export function RemoteCard(props: {
  readonly source: Source
  readonly address: string
  readonly remote: RemoteState
  readonly isWritable: boolean
  readonly onDone: () => void
}) {
  const { source, address, remote, isWritable, onDone } = props
  const [doing, setDoing] = useState<Exchange>()
  const [progress, setProgress] = useState<CallProgress>()
  const [answer, setAnswer] = useState<SyncAnswer>()
  const [error, setError] = useState<unknown>()
  const controller = useRef<AbortController | undefined>(undefined)
  const exchange = async (kind: Exchange): Promise<void> => {
    controller.current = new AbortController()
    const { signal } = controller.current
    setDoing(kind)
    setAnswer(undefined)
    setError(undefined)
    setProgress(undefined)
    try {
      setAnswer(
        await source[kind]({ address, remote: remote.name }, { signal, onProgress: setProgress })
      )
    } catch (reason) {
      if (!isAbort(reason)) setError(reason)
    } finally {
      setDoing(undefined)
      onDone()
    }
  }
  return (
    <Section
      title={remote.name}
      actions={
        !isWritable ? undefined : doing === undefined ? (
          <>
            <Button label="Pull" icon="arrowDown" onClick={() => void exchange('pull')} />
            <Button label="Push" icon="arrowUp" onClick={() => void exchange('push')} />
            <Button label="Sync" icon="sync" tone="primary" onClick={() => void exchange('sync')} />
          </>
        ) : (
          <Button label="Stop" icon="close" onClick={() => controller.current?.abort()} />
        )
      }
    >
      <p class="remote-url mono">
        {remote.url} <CopyButton text={remote.url} label="Copy the address" />
      </p>
      <Standing remote={remote} />
      {doing === undefined ? null : <Progress doing={doing} progress={progress} />}
      {answer === undefined ? null : <Outcome answer={answer} />}
      {error === undefined ? null : <Failed error={error} />}
    </Section>
  )
}

function Standing({ remote }: { readonly remote: RemoteState }) {
  const { ahead, behind, diverged, asked, isOffline, queued, failure } = remote
  const figures = [
    ['ahead', ahead, 'to push'],
    ['behind', behind, 'to pull'],
    ['apart', diverged, 'to merge']
  ] as const
  return (
    <>
      <dl class="standing">
        {figures.map(([name, count, what]) => (
          <div key={name} class={count > 0 ? 'some' : ''}>
            <dt>{name}</dt>
            <dd>
              <span class="numeric">{formatNumber(count)}</span>{' '}
              <span class="small muted">
                {count === 1 ? 'branch' : 'branches'} {what}
              </span>
            </dd>
          </div>
        ))}
      </dl>
      <p class="small muted">
        {asked === undefined ? (
          'It was never asked: these numbers are a guess.'
        ) : (
          <>
            As it was <Ago time={asked} />.
          </>
        )}{' '}
        {isOffline ? 'It could not be reached just now.' : ''}{' '}
        {queued.length > 0 ? `Waits to be pushed: ${queued.join(', ')}.` : ''}
      </p>
      {failure === undefined ? null : <p class="banner bad">{failure}</p>}
    </>
  )
}

function Progress(props: {
  readonly doing: Exchange
  readonly progress: CallProgress | undefined
}) {
  const { doing, progress } = props
  const { text, done, total } = progress ?? {}
  return (
    <div class="progress" role="status">
      <span>
        {DOING[doing]}
        {text === undefined ? '…' : `: ${text}, ${formatNumber(done ?? 0)}`}
        {total === undefined ? '' : ` of ${formatNumber(total)}`}
      </span>
      <progress
        aria-label={DOING[doing]}
        {...(total === undefined || total === 0 ? {} : { value: done, max: total })}
      />
    </div>
  )
}

function Outcome({ answer }: { readonly answer: SyncAnswer }) {
  const shown = answer.refs.filter(({ status }) => status !== 'unchanged')
  const conflicts = answer.refs.reduce((sum, ref) => sum + ref.conflicts, 0)
  return (
    <div class="outcome" role="status">
      <p>
        <Icon name="check" /> {sumUp(answer)}
        {answer.receivedBytes > 0 ? ` Received ${formatBytes(answer.receivedBytes)}.` : ''}
        {conflicts > 0
          ? ` ${formatCount(conflicts, 'field')} must be decided by somebody: see below.`
          : ''}
      </p>
      {shown.length === 0 ? null : (
        <ul>
          {shown.map(({ ref, experiment, status, reason }) => {
            const { text, tone } = wordsOfStatus(status)
            return (
              <li key={ref}>
                <span>{experiment ?? nameOf(ref)}</span> <Badge tone={tone}>{text}</Badge>{' '}
                {reason === undefined ? null : <span class="small">{reason}</span>}
              </li>
            )
          })}
        </ul>
      )}
    </div>
  )
}

function nameOf(ref: string): string {
  return ref === 'refs/heads/main' ? 'the project itself' : ref.replace(/^refs\/(heads|tags)\//, '')
}

function Failed({ error }: { readonly error: unknown }) {
  const { code, message, hint } = failureOf(error)
  return (
    <div class="banner bad outcome" role="alert">
      <p>
        {message} {hint}
      </p>
      {code === undefined ? null : <code class="state-code">{code}</code>}
    </div>
  )
}
