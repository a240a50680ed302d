import type { ComponentChildren, JSX } from 'preact'
import { useId, useState } from 'preact/hooks'
import { Button } from './button.tsx'
import { messageOf } from './failure.ts'
import { useModal } from './modal.ts'

/** A question that must be answered or closed first. Escape and the backdrop close it. */
export function Dialog(props: {
  readonly title: string
  readonly action: string
  readonly tone?: 'primary' | 'danger'
  readonly isReady?: boolean
  /** Does it; the dialog shows what fails and closes when it has worked. */
  readonly onSubmit: () => Promise<void> | void
  readonly onClose: () => void
  readonly children: ComponentChildren
}): JSX.Element {
  const modal = useModal(props.onClose)
  const title = useId()
  const [problem, setProblem] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    try {
      await props.onSubmit()
      props.onClose()
    } catch (error) {
      setProblem(messageOf(error))
      setBusy(false)
    }
  }
  return (
    <dialog {...modal} class="dialog" aria-labelledby={title}>
      <form class="dialog-form" onSubmit={submit}>
        <h2 id={title}>{props.title}</h2>
        {props.children}
        {problem === undefined ? null : (
          <p class="banner bad" role="alert">
            {problem}
          </p>
        )}
        <div class="dialog-actions">
          <Button label="Cancel" tone="quiet" onClick={props.onClose} />
          <SubmitButton
            label={props.action}
            isDanger={props.tone === 'danger'}
            disabled={isBusy || props.isReady === false}
          />
        </div>
      </form>
    </dialog>
  )
}

function SubmitButton(props: {
  readonly label: string
  readonly isDanger: boolean
  readonly disabled: boolean
}): JSX.Element {
  const classes = `button primary${props.isDanger ? ' danger' : ''}`
  return (
    <button type="submit" class={classes} disabled={props.disabled}>
      {props.label}
    </button>
  )
}
