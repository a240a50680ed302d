import type { ComponentChildren, JSX } from 'preact'
import type { RouteInput } from '../route.ts'
import { Button } from './button.tsx'
import { failureOf } from './failure.ts'
import { Icon, type IconName } from './icon.tsx'
import { Link } from './link.tsx'
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

/** Where one can go from a page that can't be shown. */
export interface WayOut {
  readonly label: string
  /** Absent if there is no other page. */
  readonly to?: RouteInput
}

/** Returns the way from what an address names to what it lies in. */
export function wayUp(address: string): WayOut {
  const parts = address.split('/').filter((part) => part !== '')
  const above = parts.slice(0, -1).join('/')
  if (parts.length === 2)
    return { label: `To the project ${above}`, to: { page: 'project', address: above } }
  if (parts.length > 2) {
    const experiment = parts.slice(0, 2).join('/')
    return { label: `To the runs of ${parts[1]}`, to: { page: 'runs', address: experiment } }
  }
  return { label: 'To all projects', to: { page: 'projects' } }
}

/** Something failed: what, and what to do. */
export function Problem(props: {
  readonly error: unknown
  readonly onRetry?: (() => void) | undefined
  /** Of what is a page of its own: where to go from there. Default: it is a part of one. */
  readonly wayOut?: WayOut | undefined
}): JSX.Element {
  const { code, message, hint } = failureOf(props.error)
  const { wayOut } = props
  const isOffline = code !== undefined && UNREACHABLE.includes(code)
  const title = isOffline
    ? 'No connection'
    : code === 'STORE_NOT_FOUND'
      ? 'There is nothing here'
      : 'This can’t be shown'
  return (
    <div class="state bad" role="alert">
      <Icon name={isOffline ? 'offline' : 'alert'} />
      {wayOut === undefined ? <h2>{title}</h2> : <h1>{title}</h1>}
      <p>{message}</p>
      {hint === undefined ? null : <p>{hint}</p>}
      {code === undefined ? null : <code class="state-code">{code}</code>}
      {props.onRetry === undefined ? null : (
        <Button label="Try again" icon="refresh" onClick={props.onRetry} />
      )}
      {wayOut?.to === undefined ? null : <Link to={wayOut.to}>{wayOut.label}</Link>}
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
export function Loading(props: {
  readonly label?: string
  readonly lines?: number
  /** Whether it lies at the edge of the page. Default: within something. */
  readonly isPage?: boolean
}): JSX.Element {
  const widths = ['w-60', 'w-90', 'w-75', 'w-40']
  return (
    <div class={props.isPage === true ? 'loading loading-page' : 'loading'} role="status">
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
  /** Of what is a page of its own. Default: it is a part of one. */
  readonly wayOut?: WayOut
  readonly children: (value: T) => ComponentChildren
}): JSX.Element {
  const { loaded, lines = 6, wayOut } = props
  if (loaded.value !== undefined) return <>{props.children(loaded.value)}</>
  if (loaded.error !== undefined) {
    return <Problem error={loaded.error} onRetry={loaded.reload} wayOut={wayOut} />
  }
  return <Loading lines={lines} />
}
