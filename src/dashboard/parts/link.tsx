import type { ComponentChildren, JSX } from 'preact'
import { formatRoute, type RouteInput } from '../route.ts'

/** A link to a page of the dashboard: a plain one, so that it opens in a new tab, too. */
export function Link(props: {
  readonly to: RouteInput
  readonly class?: string | undefined
  readonly title?: string | undefined
  readonly current?: boolean | undefined
  /** Left out of the order of Tab, where the keyboard has another way. Default: false. */
  readonly untabbed?: boolean
  readonly children: ComponentChildren
}): JSX.Element {
  return (
    <a
      href={formatRoute(props.to)}
      class={props.class}
      title={props.title}
      tabIndex={props.untabbed === true ? -1 : undefined}
      aria-current={props.current === true ? 'page' : undefined}
    >
      {props.children}
    </a>
  )
}
