import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { messageOf } from './failure.ts'

/** What is told at the edge of the page for a while. */
export interface Toast {
  readonly text: string
  /** Default: `plain`. */
  readonly tone?: 'plain' | 'bad'
  /** Takes back what was done. */
  readonly undo?: (() => Promise<void>) | undefined
}

const SHOWN_MS = 8000
const UNDO_MS = 20_000

const toasts = signal<readonly (Toast & { readonly id: number })[]>([])
let lastId = 0

/** Tells something; with `undo` it stays longer. */
export function showToast(toast: Toast): void {
  const id = ++lastId
  toasts.value = [...toasts.value.slice(-2), { ...toast, id }]
  setTimeout(() => dismiss(id), toast.undo === undefined ? SHOWN_MS : UNDO_MS)
}

/** Tells that something failed. */
export function showFailure(error: unknown): void {
  showToast({ text: messageOf(error), tone: 'bad' })
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id)
}

async function takeBack(id: number, undo: () => Promise<void>): Promise<void> {
  dismiss(id)
  await undo().catch(showFailure)
}

/** Where toasts appear, read aloud as they come. */
export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, text, tone, undo }) => (
        <div key={id} class={`toast ${tone ?? 'plain'}`}>
          <p>{text}</p>
          {undo === undefined ? null : (
            <button type="button" onClick={() => takeBack(id, undo)}>
              Undo
            </button>
          )}
          <button type="button" aria-label="Dismiss" onClick={() => dismiss(id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  )
}
