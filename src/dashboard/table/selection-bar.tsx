import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Button } from '../parts/button.tsx'
import { withWork } from '../parts/load.ts'
import { formatCount } from '../parts/text.ts'
import { showFailure, showToast } from '../parts/toast.tsx'
import type { RunRow } from '../source/answers.ts'
import type { Source } from '../source/source.ts'
import { DeleteDialog, NoteDialog, RenameDialog, TagDialog } from './bulk-dialogs.tsx'
import { type Change, editAll } from './bulk-edit.ts'

/** So many runs are deleted without a question; more are asked for first. */
const DELETED_AT_ONCE = 10
/** So many runs can be compared. */
const MAX_COMPARED = 50

type Opened = {
  readonly kind: 'tag' | 'note' | 'rename' | 'delete'
  readonly rows: readonly RunRow[]
}

/** What can be done with the runs that are selected. */
export function SelectionBar(props: {
  readonly source: Source
  readonly count: number
  readonly isWritable: boolean
  readonly readRows: () => Promise<readonly RunRow[]>
  readonly onCompare: (ids: readonly RunRow[]) => void
  readonly onDownload: () => void
  readonly onClear: () => void
  readonly onChanged: () => void
}): JSX.Element {
  const { source, count, isWritable, onChanged } = props
  const [opened, setOpened] = useState<Opened>()
  const withRows = (body: (rows: readonly RunRow[]) => Promise<void> | void) => (): void => {
    void withWork(props.readRows).then(body).catch(showFailure)
  }
  const open = (kind: Opened['kind']) => withRows((rows) => setOpened({ kind, rows }))
  const remove = async (rows: readonly RunRow[]): Promise<void> => {
    const addresses = rows.map(({ address }) => address)
    const { deleted } = await withWork(() => source.delete({ addresses }))
    props.onClear()
    onChanged()
    const undo = async (): Promise<void> => {
      const { restored } = await withWork(() => source.restore({ addresses: deleted }))
      onChanged()
      showToast({ text: `${formatCount(restored.length, 'run')} restored` })
    }
    showToast({ text: `${formatCount(deleted.length, 'run')} deleted`, undo })
  }
  const apply = async ({ edits, undo, text }: Change): Promise<void> => {
    await withWork(() => editAll(source, edits)).finally(onChanged)
    const takeBack = async (): Promise<void> => {
      await withWork(() => editAll(source, undo)).finally(onChanged)
      showToast({ text: 'Taken back' })
    }
    showToast({ text, undo: undo.length === 0 ? undefined : takeBack })
  }
  const dialog = { rows: opened?.rows ?? [], onApply: apply, onClose: () => setOpened(undefined) }
  return (
    <>
      <div class="selection-bar" role="toolbar" aria-label="Selected runs">
        <strong aria-live="polite">{formatCount(count, 'run')} selected</strong>
        <Button
          label="Compare"
          icon="compare"
          tone="quiet"
          disabled={count < 2 || count > MAX_COMPARED}
          title={count > MAX_COMPARED ? `At most ${MAX_COMPARED} can be compared` : 'Compare'}
          onClick={withRows(props.onCompare)}
        />
        <Button
          label="CSV"
          icon="download"
          tone="quiet"
          title="Download as CSV"
          onClick={props.onDownload}
        />
        {isWritable ? (
          <>
            <Button label="Tag" icon="tag" tone="quiet" title="Tag" onClick={open('tag')} />
            <Button label="Note" icon="note" tone="quiet" title="Note" onClick={open('note')} />
            {count === 1 ? (
              <Button
                label="Rename"
                icon="edit"
                tone="quiet"
                title="Rename"
                onClick={open('rename')}
              />
            ) : null}
            <Button
              label="Delete"
              icon="trash"
              tone="quiet"
              title="Delete"
              onClick={withRows((rows) =>
                rows.length > DELETED_AT_ONCE ? setOpened({ kind: 'delete', rows }) : remove(rows)
              )}
            />
          </>
        ) : null}
        <Button label="Select nothing" icon="close" iconOnly tone="quiet" onClick={props.onClear} />
      </div>
      {opened?.kind === 'tag' ? <TagDialog {...dialog} /> : null}
      {opened?.kind === 'note' ? <NoteDialog {...dialog} /> : null}
      {opened?.kind === 'rename' ? <RenameDialog {...dialog} /> : null}
      {opened?.kind === 'delete' ? (
        <DeleteDialog
          rows={opened.rows}
          onDelete={() => remove(opened.rows)}
          onClose={dialog.onClose}
        />
      ) : null}
    </>
  )
}
