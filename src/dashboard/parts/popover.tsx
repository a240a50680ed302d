import type { ComponentChildren, JSX } from 'preact'
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Button, type ButtonProps } from './button.tsx'
import { Icon, type IconName } from './icon.tsx'

/** Something that opens below a button and closes by Escape or a click elsewhere. */
export function Popover(
  props: Omit<ButtonProps, 'onClick' | 'children'> & {
    /** What is read aloud of the opened part. Default: the label. */
    readonly title?: string
    /** Default: `dialog`. */
    readonly role?: 'dialog' | 'menu'
    readonly children: (close: () => void) => ComponentChildren
  }
): JSX.Element {
  const { children, role = 'dialog', ...button } = props
  const [isOpen, setOpen] = useState(false)
  const anchor = useRef<HTMLSpanElement>(null)
  const id = useId()
  return (
    <span ref={anchor} class="popover-anchor">
      <Button
        {...button}
        expanded={isOpen}
        controls={isOpen ? id : undefined}
        popup={role}
        onClick={() => setOpen(!isOpen)}
      />
      {isOpen ? (
        <PopoverBox
          id={id}
          role={role}
          label={props.title ?? props.label}
          anchor={() => anchor.current}
          onClose={() => setOpen(false)}
        >
          {children(() => setOpen(false))}
        </PopoverBox>
      ) : null}
    </span>
  )
}

/** The opened part, placed below its anchor and inside of the window. */
export function PopoverBox(props: {
  readonly id?: string
  readonly role: 'dialog' | 'menu'
  readonly label: string
  readonly anchor: () => HTMLElement | null
  readonly onClose: () => void
  readonly children: ComponentChildren
}): JSX.Element {
  const box = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const element = box.current
    const anchor = props.anchor()
    if (element === null || anchor === null) return
    const button = anchor.querySelector('button') ?? anchor
    element.showPopover()
    place(element, button.getBoundingClientRect())
    element.querySelector<HTMLElement>('input, button, a, [tabindex="0"]')?.focus()
    const close = (event: Event): void => {
      const isInside = event.composedPath().some((node) => node === element || node === anchor)
      if (!isInside) props.onClose()
    }
    document.addEventListener('pointerdown', close, true)
    return () => {
      document.removeEventListener('pointerdown', close, true)
      if (element.contains(document.activeElement) || document.activeElement === document.body) {
        button.focus()
      }
    }
  }, [])
  return (
    <div
      ref={box}
      id={props.id}
      popover="manual"
      class="popover"
      role={props.role}
      aria-label={props.label}
      onKeyDown={(event) => {
        if (event.key === 'Escape') {
          event.stopPropagation()
          props.onClose()
        } else if (props.role === 'menu') moveFocus(event)
      }}
    >
      {props.children}
    </div>
  )
}

/** An entry of a menu. */
export function MenuItem(props: {
  readonly label: string
  readonly icon?: IconName
  readonly tone?: 'danger'
  readonly disabled?: boolean
  readonly onSelect: () => void
}): JSX.Element {
  return (
    <button
      type="button"
      role="menuitem"
      class={`menu-item ${props.tone ?? ''}`}
      disabled={props.disabled}
      onClick={props.onSelect}
    >
      {props.icon === undefined ? null : <Icon name={props.icon} />}
      {props.label}
    </button>
  )
}

const EDGE = 8

function place(element: HTMLElement, anchor: DOMRect): void {
  const { width, height } = element.getBoundingClientRect()
  const left = Math.min(anchor.left, innerWidth - width - EDGE)
  const isBelow = anchor.bottom + 4 + height <= innerHeight - EDGE || anchor.top < innerHeight / 2
  const top = isBelow ? anchor.bottom + 4 : anchor.top - height - 4
  element.style.left = `${Math.max(EDGE, left)}px`
  element.style.top = `${Math.max(EDGE, top)}px`
  element.style.maxHeight = `${Math.max(160, isBelow ? innerHeight - top - EDGE : anchor.top - EDGE)}px`
}

/** Moves the focus between the entries of a menu by the arrow keys. */
function moveFocus(event: KeyboardEvent): void {
  const menu = event.currentTarget as HTMLElement
  const items = [...menu.querySelectorAll<HTMLElement>('[role^="menuitem"]:not([disabled])')]
  const at = items.indexOf(document.activeElement as HTMLElement)
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[
    event.key
  ]
  if (to === undefined || items.length === 0) return
  event.preventDefault()
  items[to % items.length]?.focus()
}
