import type { ComponentChildren, JSX } from 'preact'
import { Button } from './button.tsx'
import { failureOf } from './failure.ts'
import { Icon, type IconName } from './icon.tsx'
import type { Loaded } from './load.ts'

/** Nothing is here yet: says so, and what would bring something. */
export function Empty(props: {
  readonly title: string
  readonly icon?: IconName
  readonly children?: ComponentChildren
}): JSX.Element {
  return (
    <div class="state">
      <Icon name={props.icon ?? 'inbox'} />
      <h2>{props.title}</h2>
      {props.children}
    </div>
  )
}

/** Codes of failures of the way to a source rather than of the source. */
const UNREACHABLE = ['SERVER_GONE', 'REMOTE_UNREACHABLE', 'OFFLINE']

/** Something failed: what, and what to do. */
export function Problem(props: {
  readonly error: unknown
  readonly onRetry?: (() => void) | undefined
}): JSX.Element {
  const { code, message, hint } = failureOf(props.error)
  const isOffline = code !== undefined && UNREACHABLE.includes(code)
  return (
    <div class="state bad" role="alert">
      <Icon name={isOffline ? 'offline' : 'alert'} />
      <h2>{isOffline ? 'No connection' : 'This can’t be shown'}</h2>
      <p>{message}</p>
      {hint === undefined ? null : <p>{hint}</p>}
      {code === undefined ? null : <code class="state-code">{code}</code>}
      {props.onRetry === undefined ? null : (
        <Button label="Try again" icon="refresh" onClick={props.onRetry} />
      )}
    </div>
  )
}

/** Something more could not be loaded; what was loaded before stays. */
export function Missed(props: {
  readonly error: unknown
  readonly onRetry: () => void
}): JSX.Element {
  const { message, hint } = failureOf(props.error)
  return (
    <p class="banner bad" role="alert">
      {message} {hint}{' '}
      <Button label="Try again" icon="refresh" size="small" onClick={props.onRetry} />
    </p>
  )
}

/** Something comes: lines where words will be. */
export function Loading(props: { readonly label?: string; readonly lines?: number }): JSX.Element {
  const widths = ['w-60', 'w-90', 'w-75', 'w-40']
  return (
    <div class="loading" role="status">
      <span class="visually-hidden">{props.label ?? 'Loading'}</span>
      {Array.from({ length: props.lines ?? 4 }, (_, index) => (
        <span key={index} class={`skeleton ${widths[index % widths.length]}`} />
      ))}
    </div>
  )
}

/** Shows what was loaded, or that it comes, or why it doesn't. */
export function Show<T>(props: {
  readonly loaded: Loaded<T>
  readonly lines?: number
  readonly children: (value: T) => ComponentChildren
}): JSX.Element {
  const { loaded, lines = 6 } = props
  if (loaded.value !== undefined) return <>{props.children(loaded.value)}</>
  if (loaded.error !== undefined) return <Problem error={loaded.error} onRetry={loaded.reload} />
  return <Loading lines={lines} />
}
