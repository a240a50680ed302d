import type { ComponentChildren, JSX } from 'preact'
import { Icon, type IconName } from './icon.tsx'

/** How a button looks and what it says. */
export interface ButtonProps {
  /** What it does; with `iconOnly`, the name that is read aloud and shown as a hint. */
  readonly label: string
  readonly icon?: IconName | undefined
  /** Default: false. */
  readonly iconOnly?: boolean
  /** Default: `plain`. */
  readonly tone?: 'plain' | 'primary' | 'quiet' | 'danger'
  readonly size?: 'small' | undefined
  readonly pressed?: boolean | undefined
  /** Of what it opens: whether it is open, its id, and what it is. */
  readonly expanded?: boolean | undefined
  readonly controls?: string | undefined
  readonly popup?: 'dialog' | 'menu' | undefined
  readonly disabled?: boolean | undefined
  readonly onClick?: (event: MouseEvent) => void
  /** Default: `button`. */
  readonly type?: 'button' | 'submit'
  readonly title?: string | undefined
  readonly children?: ComponentChildren
}

/** A button with an icon, words, or both. */
export function Button(props: ButtonProps): JSX.Element {
  const { label, icon, iconOnly, tone = 'plain', size, pressed, disabled, type = 'button' } = props
  const classes = ['button', tone, size, iconOnly === true ? 'icon-only' : '']
  return (
    <button
      type={type}
      class={classes.filter((name) => name && name !== 'plain').join(' ')}
      aria-label={iconOnly === true ? label : undefined}
      aria-pressed={pressed}
      aria-expanded={props.expanded}
      aria-controls={props.controls}
      aria-haspopup={props.popup}
      title={props.title ?? (iconOnly === true ? label : undefined)}
      disabled={disabled}
      onClick={props.onClick}
    >
      {icon === undefined ? null : <Icon name={icon} />}
      {iconOnly === true ? null : <span>{label}</span>}
      {props.children}
    </button>
  )
}
