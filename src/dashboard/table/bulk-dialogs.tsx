import type { JSX } from 'preact'
import { useId, useState } from 'preact/hooks'
import type { Change } from '../parts/apply-change.ts'
import { Dialog } from '../parts/dialog.tsx'
import { formatCount } from '../parts/text.ts'
import type { RunRow } from '../source/answers.ts'
import { tagEdits } from './bulk-edit.ts'

/** What a dialog about runs is given. */
export interface BulkDialogProps {
  readonly rows: readonly RunRow[]
  readonly onApply: (change: Change) => Promise<void>
  readonly onClose: () => void
}

/** Adds tags to runs, and takes those away that they have. */
export function TagDialog({ rows, onApply, onClose }: BulkDialogProps): JSX.Element {
  const id = useId()
  const [text, setText] = useState('')
  const [removed, setRemoved] = useState<readonly string[]>([])
  const added = text.split(/[,\s]+/).filter((tag) => tag !== '')
  const present = [...new Set(rows.flatMap(({ tags }) => tags))].sort()
  const submit = (): Promise<void> => {
    const { edits, undo } = tagEdits(rows, added, removed)
    return onApply({ edits, undo, text: `${formatCount(edits.length, 'run')} tagged` })
  }
  return (
    <Dialog
      title={`Tag ${formatCount(rows.length, 'run')}`}
      action="Apply"
      isReady={added.length > 0 || removed.length > 0}
      onSubmit={submit}
      onClose={onClose}
    >
      <div class="field">
        <label for={id}>Add tags, with spaces between</label>
        <input
          id={id}
          class="input"
          value={text}
          autocomplete="off"
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </div>
      {present.length === 0 ? null : (
        <fieldset class="field plain-fieldset">
          <legend class="field-label">Take away</legend>
          <div class="tags">
            {present.map((tag) => (
              <button
                key={tag}
                type="button"
                class="tag tag-button"
                aria-pressed={removed.includes(tag)}
                onClick={() =>
                  setRemoved(
                    removed.includes(tag)
                      ? removed.filter((each) => each !== tag)
                      : [...removed, tag]
                  )
                }
              >
                <span>{tag}</span>
              </button>
            ))}
          </div>
        </fieldset>
      )}
    </Dialog>
  )
}

/** Writes one note on each of several runs. */
export function NoteDialog({ rows, onApply, onClose }: BulkDialogProps): JSX.Element {
  const id = useId()
  const [first] = rows
  const isSame = rows.every(({ notes }) => notes === first?.notes)
  const [text, setText] = useState(isSame ? (first?.notes ?? '') : '')
  const submit = (): Promise<void> =>
    onApply({
      edits: rows.map(({ address }) => ({ address, notes: text === '' ? null : text })),
      undo: rows.map(({ address, notes }) => ({ address, notes: notes ?? null })),
      text: `Note of ${formatCount(rows.length, 'run')} changed`
    })
  return (
    <Dialog
      title={`Note on ${formatCount(rows.length, 'run')}`}
      action="Save"
      onSubmit={submit}
      onClose={onClose}
    >
      <div class="field">
        <label for={id}>Notes (Markdown)</label>
        <textarea
          id={id}
          class="input"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        {isSame ? null : <p class="muted small">This replaces the notes that they have now.</p>}
      </div>
    </Dialog>
  )
}

/** Gives a run another name. */
export function RenameDialog({ rows, onApply, onClose }: BulkDialogProps): JSX.Element {
  const id = useId()
  const [run] = rows
  const [name, setName] = useState(run?.name ?? '')
  const submit = async (): Promise<void> => {
    if (run === undefined) return
    const { address } = run
    await onApply({
      edits: [{ address, name: name === '' ? null : name }],
      undo: [{ address, name: run.name ?? null }],
      text: 'Run renamed'
    })
  }
  return (
    <Dialog title="Rename the run" action="Rename" onSubmit={submit} onClose={onClose}>
      <div class="field">
        <label for={id}>Name</label>
        <input
          id={id}
          class="input"
          value={name}
          autocomplete="off"
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </div>
    </Dialog>
  )
}

/** Asks before many runs are deleted. */
export function DeleteDialog(props: {
  readonly rows: readonly RunRow[]
  readonly onDelete: () => Promise<void>
  readonly onClose: () => void
}): JSX.Element {
  const count = formatCount(props.rows.length, 'run')
  return (
    <Dialog
      title={`Delete ${count}?`}
      action={`Delete ${count}`}
      tone="danger"
      onSubmit={props.onDelete}
      onClose={props.onClose}
    >
      <p class="muted">They stay in the history, and you can take it back.</p>
    </Dialog>
  )
}
