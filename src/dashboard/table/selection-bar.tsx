import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { applyChange, type Change } from '../parts/apply-change.ts'
import { Button } from '../parts/button.tsx'
import type { CsvTable } from '../parts/csv.ts'
import { CsvButton } from '../parts/csv-button.tsx'
import { withWork } from '../parts/load.ts'
import { formatCount } from '../parts/text.ts'
import { showFailure, showToast } from '../parts/toast.tsx'
import type { RunRow } from '../source/answers.ts'
import type { Source } from '../source/source.ts'
import { DeleteDialog, NoteDialog, RenameDialog, TagDialog } from './bulk-dialogs.tsx'

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
  /** What a file of them is called, and what it holds. */
  readonly fileName: string
  readonly tableOf: (rows: readonly RunRow[]) => CsvTable
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
  const apply = (change: Change): Promise<void> => applyChange(source, change, onChanged)
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
        <CsvButton
          name={props.fileName}
          what="the selected runs"
          tone="quiet"
          read={async () => props.tableOf(await props.readRows())}
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
