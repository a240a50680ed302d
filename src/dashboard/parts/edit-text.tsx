import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Button } from './button.tsx'
import { messageOf } from './failure.ts'

/** Text that is changed in its place: Enter keeps it (with Ctrl, of several lines), Escape gives up. */
export function EditText(props: {
  /** What it is, such as `Name`. */
  readonly label: string
  readonly value: string
  readonly isLong?: boolean
  readonly isEditable: boolean
  readonly onSave: (value: string) => Promise<void>
  readonly children: ComponentChildren
}) {
  const [isOpen, setOpen] = useState(false)
  const box = useRef<HTMLDivElement>(null)
  const wasOpen = useRef(false)
  useLayoutEffect(() => {
    if (!isOpen && wasOpen.current)
      box.current?.querySelector<HTMLElement>(':scope > button')?.focus()
    wasOpen.current = isOpen
  }, [isOpen])
  if (isOpen) return <Editor {...props} onClose={() => setOpen(false)} />
  return (
    <div class="edit-text" ref={box}>
      {props.children}
      {props.isEditable ? (
        <Button
          label={`Edit ${props.label.toLowerCase()}`}
          icon="edit"
          iconOnly
          size="small"
          tone="quiet"
          onClick={() => setOpen(true)}
        />
      ) : null}
    </div>
  )
}

function Editor(props: {
  readonly label: string
  readonly value: string
  readonly isLong?: boolean
  readonly onSave: (value: string) => Promise<void>
  readonly onClose: () => void
}) {
  const { label, value, isLong = false, onSave, onClose } = props
  const [text, setText] = useState(value)
  const [problem, setProblem] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null)
  useLayoutEffect(() => field.current?.focus(), [])
  const save = async (event?: Event): Promise<void> => {
    event?.preventDefault()
    setBusy(true)
    try {
      if (text !== value) await onSave(text)
      onClose()
    } catch (error) {
      setProblem(messageOf(error))
      setBusy(false)
    }
  }
  const common = {
    ref: field,
    class: 'input',
    'aria-label': label,
    value: text,
    disabled: isBusy,
    onInput: (event: { readonly currentTarget: { readonly value: string } }) =>
      setText(event.currentTarget.value),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === 'Escape') onClose()
      if (isLong && event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void save(event)
    }
  }
  return (
    <form class={`edit-form${isLong ? ' long' : ''}`} onSubmit={save}>
      {isLong ? <textarea rows={8} {...common} /> : <input type="text" {...common} />}
      <div class="edit-actions">
        <Button label="Save" type="submit" tone="primary" size="small" disabled={isBusy} />
        <Button label="Cancel" tone="quiet" size="small" onClick={onClose} />
        {isLong ? <span class="small muted">Markdown; Ctrl+Enter saves</span> : null}
      </div>
      {problem === undefined ? null : (
        <p class="banner bad" role="alert">
          {problem}
        </p>
      )}
    </form>
  )
}
