import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

/** A part of a page in a box of its own. */
export function Section(props: {
  readonly title: string
  readonly count?: number | undefined
  /** What can be done with it. */
  readonly actions?: ComponentChildren
  /** Whether the content reaches the edges. Default: false. */
  readonly isWide?: boolean
  readonly children: ComponentChildren
}) {
  const id = useId()
  return (
    <section class="card" aria-labelledby={id}>
      <div class="card-head wrap">
        <h2 id={id}>
          {props.title}
          {props.count === undefined ? null : <span class="count"> {props.count}</span>}
        </h2>
        {props.actions === undefined ? null : <div class="card-actions">{props.actions}</div>}
      </div>
      {props.isWide === true ? props.children : <div class="card-body">{props.children}</div>}
    </section>
  )
}
