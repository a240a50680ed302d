import type { JSX } from 'preact'
import { MenuItem, PopoverBox } from '../parts/popover.tsx'
import type { ColumnActions } from './column-actions.ts'
import type { PlacedColumn } from './grid-layout.ts'
import type { SortField } from './table-state.ts'

/** What can be done with a column, for those who don't drag. */
export function ColumnMenu(props: {
  readonly anchor: () => HTMLElement | null
  readonly column: PlacedColumn
  readonly columns: readonly PlacedColumn[]
  readonly sort: readonly SortField[]
  readonly actions: ColumnActions
  readonly onClose: () => void
}): JSX.Element {
  const { column, columns, sort, actions, onClose } = props
  const { field, isPinned } = column
  const at = columns.findIndex((each) => each.field === field)
  const [before, after] = [columns[at - 1], columns[at + 1]]
  const then = (action: () => void) => () => {
    onClose()
    action()
  }
  const isAdded = sort.length > 0
  return (
    <PopoverBox role="menu" label={column.label} anchor={props.anchor} onClose={onClose}>
      <MenuItem
        label="Sort by smallest first"
        icon="arrowUp"
        onSelect={then(() => actions.sort(field, { isAdded: false, descends: false }))}
      />
      <MenuItem
        label="Sort by greatest first"
        icon="arrowDown"
        onSelect={then(() => actions.sort(field, { isAdded: false, descends: true }))}
      />
      {isAdded ? (
        <MenuItem
          label="Then sort by this"
          icon="plus"
          onSelect={then(() => actions.sort(field, { isAdded: true }))}
        />
      ) : null}
      <hr class="menu-rule" />
      <MenuItem
        label={isPinned ? 'Unpin' : 'Pin to the left'}
        icon="pin"
        onSelect={then(() => actions.pin(field, !isPinned))}
      />
      <MenuItem
        label="Move left"
        disabled={before === undefined || before.isPinned !== isPinned}
        onSelect={then(() => before && actions.move(field, before.field))}
      />
      <MenuItem
        label="Move right"
        disabled={after === undefined || after.isPinned !== isPinned}
        onSelect={then(() => after && actions.move(field, after.field))}
      />
      <MenuItem label="Wider" onSelect={then(() => actions.resize(field, column.width + 40))} />
      <MenuItem label="Narrower" onSelect={then(() => actions.resize(field, column.width - 40))} />
      <hr class="menu-rule" />
      <MenuItem label="Group by this" icon="group" onSelect={then(() => actions.group(field))} />
      <MenuItem label="Hide" icon="eyeOff" onSelect={then(() => actions.hide(field))} />
    </PopoverBox>
  )
}
