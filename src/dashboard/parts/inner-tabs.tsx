import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

/** A part of a page. */
export interface InnerTab<T extends string> {
  readonly id: T
  readonly title: string
  /** Said beside the title, unless it is 0. */
  readonly count?: number
}

/** Parts of a page of which one is shown; arrow keys go from one to the next. */
export function InnerTabs<T extends string>(props: {
  readonly label: string
  readonly tabs: readonly InnerTab<T>[]
  /** Default: the first. */
  readonly current: string | undefined
  readonly onPick: (id: T) => void
  readonly children: (id: T) => ComponentChildren
}) {
  const { label, tabs, onPick, children } = props
  const id = useId()
  const current = Math.max(
    0,
    tabs.findIndex((tab) => tab.id === props.current)
  )
  const shown = tabs[current] as InnerTab<T>
  const onKeyDown = (event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (by === undefined) return
    event.preventDefault()
    const at = (current + by + tabs.length) % tabs.length
    onPick((tabs[at] as InnerTab<T>).id)
    event.currentTarget.querySelectorAll<HTMLElement>('[role=tab]')[at]?.focus()
  }
  return (
    <>
      <div class="inner-tabs" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
        {tabs.map((tab) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`${id}-${tab.id}`}
            aria-selected={tab === shown}
            aria-controls={`${id}-panel`}
            tabindex={tab === shown ? 0 : -1}
            onClick={() => onPick(tab.id)}
          >
            {tab.title}
            {(tab.count ?? 0) > 0 ? <span class="count"> {tab.count}</span> : null}
          </button>
        ))}
      </div>
      <div
        class="tab-panel"
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${shown.id}`}
      >
        {children(shown.id)}
      </div>
    </>
  )
}
