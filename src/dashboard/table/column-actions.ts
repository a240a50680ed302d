import type { Column } from './columns.ts'
import { type ChosenColumn, type TableState, toggleSort } from './table-state.ts'

/** What can be done with columns. */
export interface ColumnActions {
  sort(field: string, options: { readonly isAdded: boolean; readonly descends?: boolean }): void
  pin(field: string, isPinned: boolean): void
  hide(field: string): void
  /** Moves a column to where another one is. */
  move(field: string, to: string): void
  /** `undefined`: as its kind needs. */
  resize(field: string, width: number | undefined): void
  group(field: string): void
}

/** Makes the actions on the columns that are shown; what was chosen for the person becomes their choice. */
export function columnActions(
  state: TableState,
  columns: readonly Column[],
  onChange: (changes: Partial<TableState>) => void
): ColumnActions {
  const chosen = columns.map(({ field, isPinned, width }): ChosenColumn => {
    const known = state.columns?.find((column) => column.field === field)
    return known?.width === undefined ? { field, isPinned } : { field, isPinned, width }
  })
  const change = (next: readonly ChosenColumn[]): void =>
    onChange({ columns: next, hidesSame: state.columns !== undefined && state.hidesSame })
  const replace = (field: string, by: (column: ChosenColumn) => ChosenColumn): void =>
    change(chosen.map((column) => (column.field === field ? by(column) : column)))
  return {
    sort: (field, { isAdded, descends }) => {
      if (descends !== undefined) {
        onChange({ sort: [{ field, isDescending: descends }] })
        return
      }
      const column = columns.find((each) => each.field === field)
      const isGreatestFirst = column?.goal === 'maximize' || column?.kind === 'time'
      onChange({ sort: toggleSort(state.sort, field, { isAdded, descendsFirst: isGreatestFirst }) })
    },
    pin: (field, isPinned) => replace(field, (column) => ({ ...column, isPinned })),
    hide: (field) => change(chosen.filter((column) => column.field !== field)),
    move: (field, to) => {
      const moved = chosen.find((column) => column.field === field)
      const target = chosen.findIndex((column) => column.field === to)
      if (moved === undefined || target < 0) return
      const isPinned = chosen[target]?.isPinned === true
      const rest = chosen.filter((column) => column.field !== field)
      change([...rest.slice(0, target), { ...moved, isPinned }, ...rest.slice(target)])
    },
    resize: (field, width) =>
      replace(field, ({ width: _, ...column }) =>
        width === undefined ? column : { ...column, width }
      ),
    group: (field) => onChange({ by: [field] })
  }
}
