import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

/** What makes a `<dialog>` one that stands above all else as long as it is there. */
export interface Modal {
  readonly ref: RefObject<HTMLDialogElement | null>
  readonly onCancel: (event: Event) => void
  readonly onClose: () => void
  readonly onClick: (event: Event) => void
}

/**
 * Shows a dialog; Escape and a click beside it call `onClose`, which is to take it away. As soon as
 * it is gone, the focus is again where it was before: a key that is pressed next goes there already.
 */
export function useModal(onClose: () => void): Modal {
  const ref = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const before = document.activeElement
    ref.current?.showModal()
    return () => {
      // As long as the dialog is there, nothing outside of it takes the focus.
      queueMicrotask(() => {
        const isNowhere = document.activeElement === document.body
        if (isNowhere && before instanceof HTMLElement && before.isConnected) before.focus()
      })
    }
  }, [])
  return {
    ref,
    // A dialog that closes by itself tells it later, when another one may be there in its place.
    onCancel: (event) => {
      event.preventDefault()
      onClose()
    },
    onClose,
    onClick: (event) => event.target === ref.current && onClose()
  }
}
