import type { Column } from './columns.ts'

/** A column at its place. */
export interface PlacedColumn extends Column {
  /** Where it is pinned, in pixels from the left; absent: it scrolls. */
  readonly left: number | undefined
}

/** Where the columns are. */
export interface GridLayout {
  readonly columns: readonly PlacedColumn[]
  /** For `grid-template-columns`. */
  readonly template: string
  readonly width: number
}

const CHECK_WIDTH = 40
const RUN_WIDTH = 250
const NARROW_RUN_WIDTH = 158

/** Puts pinned columns first, and says where each is; a narrow window pins only the run's name. */
export function layOut(columns: readonly Column[], isNarrow: boolean): GridLayout {
  const isPinned = (column: Column): boolean => column.isPinned && !isNarrow
  const ordered = [...columns.filter(isPinned), ...columns.filter((column) => !isPinned(column))]
  const runWidth = isNarrow ? NARROW_RUN_WIDTH : RUN_WIDTH
  let left = CHECK_WIDTH + runWidth
  const placed = ordered.map((column) => {
    const at = isPinned(column) ? left : undefined
    left += column.width
    return { ...column, left: at }
  })
  const widths = placed.map(({ width }) => `${width}px`)
  return {
    columns: placed,
    template: [`${CHECK_WIDTH}px`, `${runWidth}px`, ...widths, 'minmax(0, 1fr)'].join(' '),
    width: left
  }
}
