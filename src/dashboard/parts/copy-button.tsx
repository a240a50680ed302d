import { useState } from 'preact/hooks'
import { Button } from './button.tsx'
import { showToast } from './toast.tsx'

const SHOWN_MS = 1500

/** A button that copies text. */
export function CopyButton({
  text,
  label = 'Copy'
}: {
  readonly text: string
  /** Default: `Copy`. */
  readonly label?: string
}) {
  const [isDone, setDone] = useState(false)
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      setDone(true)
      setTimeout(() => setDone(false), SHOWN_MS)
    } catch {
      showToast({ text: `The browser does not let this page copy. It is: ${text}` })
    }
  }
  return (
    <Button
      label={isDone ? 'Copied' : label}
      icon={isDone ? 'check' : 'copy'}
      iconOnly
      size="small"
      tone="quiet"
      onClick={copy}
    />
  )
}

/** Lines for a shell, with a button that copies them. */
export function Command({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <div class="command">
      <pre tabindex={0}>{text}</pre>
      <CopyButton text={text} label={label} />
    </div>
  )
}
