import { signal } from '@preact/signals'
import type { ComponentChildren, JSX } from 'preact'
import { formatAgo, formatMoment } from './text.ts'

/** Moves on twice a minute, so that “5 minutes ago” does. */
const now = signal(Date.now())
setInterval(() => {
  now.value = Date.now()
}, 30_000)

/** How long ago a moment was, with the moment itself as a hint. */
export function Ago({ time }: { readonly time: string }): JSX.Element {
  return (
    <time dateTime={time} title={formatMoment(time)}>
      {formatAgo(time, Math.max(now.value, Date.now()))}
    </time>
  )
}

export type Tone = 'good' | 'busy' | 'bad' | 'warn' | 'plain'

const STATUS_TONES: { readonly [status: string]: Tone } = {
  running: 'busy',
  finished: 'good',
  failed: 'bad',
  interrupted: 'warn'
}

/** Returns the colour in which a run's status is shown. */
export function toneOfStatus(status: string): Tone {
  return Object.hasOwn(STATUS_TONES, status) ? (STATUS_TONES[status] as Tone) : 'plain'
}

/** A run's status in a word and a colour. */
export function StatusBadge({ status }: { readonly status: string }): JSX.Element {
  return (
    <Badge tone={toneOfStatus(status)}>
      <StatusDot status={status} silent />
      {status}
    </Badge>
  )
}

/** A run's status as a dot; `silent` where the word stands beside it. */
export function StatusDot(props: {
  readonly status: string
  readonly silent?: boolean
}): JSX.Element {
  const { status, silent } = props
  return (
    <>
      <span class={`dot ${toneOfStatus(status)}`} title={silent === true ? undefined : status} />
      {silent === true ? null : <span class="visually-hidden">{status}</span>}
    </>
  )
}

/** A word in a colour. */
export function Badge(props: {
  readonly tone?: Tone
  readonly title?: string | undefined
  readonly children: ComponentChildren
}): JSX.Element {
  return (
    <span class={`badge ${props.tone ?? 'plain'}`} title={props.title}>
      {props.children}
    </span>
  )
}

/** Tags one beside the other. */
export function Tags({ tags }: { readonly tags: readonly string[] }): JSX.Element {
  return (
    <span class="tags">
      {tags.map((tag) => (
        <span class="tag" key={tag} title={tag}>
          <span>{tag}</span>
        </span>
      ))}
    </span>
  )
}
