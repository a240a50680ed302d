import type { ComponentType, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Button } from './button.tsx'
import type { Help as HelpDialog } from './help.tsx'
import { showFailure } from './toast.tsx'

/** Opens the help; hears the keys of all pages: `?` for it, `/` for what filters or searches. */
export function HelpButton(): JSX.Element {
  const [isOpen, setOpen] = useState(false)
  const [Help, setHelp] = useState<ComponentType<Parameters<typeof HelpDialog>[0]>>()
  const open = (): void => {
    setOpen(true)
    import('./help.tsx').then((part) => setHelp(() => part.Help), showFailure)
  }
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || isTyping(event)) return
      if (event.key === '?') open()
      else if (event.key === '/') focusSearch()
      else return
      event.preventDefault()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  return (
    <span class="help-button">
      <Button
        label="Help"
        icon="help"
        iconOnly
        tone="quiet"
        title="Help and keys (?)"
        onClick={open}
      />
      {isOpen && Help !== undefined ? <Help onClose={() => setOpen(false)} /> : null}
    </span>
  )
}

/** Whether a key belongs to a field, a dialog or the browser. */
function isTyping({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  return (
    ctrlKey ||
    metaKey ||
    altKey ||
    (target as Element).closest(
      'input:not([type=checkbox], [type=range]), textarea, select, dialog'
    ) !== null
  )
}

function focusSearch(): void {
  const fields = document.querySelectorAll<HTMLInputElement>(
    'main [role=combobox], main input[type=search]'
  )
  const shown = [...fields].find((field) => field.checkVisibility())
  shown?.focus()
  shown?.select()
}
