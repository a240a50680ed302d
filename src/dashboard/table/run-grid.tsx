import type { JSX } from 'preact'
import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks'
import { liveAnswer } from '../live.ts'
import { useVirtualRows } from '../parts/virtual-rows.ts'
import type { ColumnActions } from './column-actions.ts'
import type { Column } from './columns.ts'
import { HeadCell, SortMark, sortOf } from './grid-head.tsx'
import { type ActiveCell, moveByKey } from './grid-keys.ts'
import { layOut } from './grid-layout.ts'
import { GridRow } from './grid-row.tsx'
import type { Heat } from './heat.ts'
import type { RunWindows } from './run-windows.ts'
import { isSelected, type Selection } from './selection.ts'
import type { SortField } from './table-state.ts'

const ROW_HEIGHT = 34
/** On a phone a row has room for a finger, and for two lines of a name. */
const NARROW_ROW_HEIGHT = 44
const HEAD_ROW = -1
/** So many rows more are kept for use at a time. */
const POOL_STEP = 16

/** What the grid shows and whom it tells. */
export interface RunGridProps {
  readonly windows: RunWindows
  readonly total: number
  readonly columns: readonly Column[]
  readonly sort: readonly SortField[]
  readonly selection: Selection
  readonly heat: Heat | undefined
  readonly isNarrow: boolean
  readonly actions: ColumnActions
  /** Turns rows from one place to another on or off. */
  readonly onSelect: (from: number, to: number, isOn: boolean) => void
  readonly onSelectAll: (isOn: boolean) => void
  readonly onOpen: (index: number) => void
}

/** The runs of a question in a grid of which only the part in sight is drawn. */
export function RunGrid(props: RunGridProps): JSX.Element {
  const { windows, total, selection, sort, heat, actions } = props
  const scroller = useRef<HTMLDivElement>(null)
  const gridId = useId()
  const [active, setActive] = useState<ActiveCell>({ row: 0, column: 1 })
  const [menu, setMenu] = useState<string>()
  const [isShifted, setShifted] = useState(false)
  const anchor = useRef(0)
  const layout = useMemo(
    () => layOut(props.columns, props.isNarrow),
    [props.columns, props.isNarrow]
  )
  const rowHeight = props.isNarrow ? NARROW_ROW_HEIGHT : ROW_HEIGHT
  const virtual = useVirtualRows(scroller, total, rowHeight)
  const [first, last] = [virtual.items[0]?.index ?? 0, virtual.items.at(-1)?.index ?? 0]
  useEffect(() => windows.show(first, last), [windows, first, last])
  useEffect(() => setActive((cell) => ({ ...cell, row: Math.min(cell.row, total - 1) })), [total])
  const pool = Math.ceil((virtual.items.length + 1) / POOL_STEP) * POOL_STEP
  const live = useMemo(
    () => new Map(liveAnswer.value?.runs.map((run) => [run.address, run.metrics])),
    [liveAnswer.value]
  )
  const turn = (row: number, isRange: boolean): void => {
    const found = windows.row(row)
    if (found === undefined) return
    const isOn = isRange || !isSelected(selection, found.id)
    props.onSelect(isRange ? anchor.current : row, row, isOn)
    if (!isRange) anchor.current = row
  }
  const go = (cell: ActiveCell): void => {
    setActive(cell)
    if (cell.row >= 0) virtual.scrollTo(cell.row)
    showColumn(scroller.current, layout.columns[cell.column - 2], layout)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== scroller.current) return
    const page = Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1
    const size = { rows: total, columns: layout.columns.length + 2, page }
    const moved = moveByKey(event, active, size)
    const field = active.column === 1 ? 'name' : layout.columns[active.column - 2]?.field
    if (moved !== undefined) {
      if (event.shiftKey && moved.row >= 0 && active.row >= 0 && moved.row !== active.row) {
        props.onSelect(active.row, moved.row, true)
      }
      go(moved)
    } else if (event.key === ' ' && active.row >= 0) turn(active.row, event.shiftKey)
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) props.onSelectAll(true)
    else if (event.key === 'Escape') props.onSelectAll(false)
    else if (event.key === 'Enter' && active.row >= 0) props.onOpen(active.row)
    else if (event.key === 'Enter' && field !== undefined) {
      actions.sort(field, { isAdded: event.shiftKey })
    } else if (event.key === ' ' && active.column > 1) setMenu(field)
    else return
    event.preventDefault()
  }
  const activeHead = active.row === HEAD_ROW ? active.column : undefined
  // The same elements as long as nothing of them changes: scrolling draws the rows alone.
  const heads = useMemo(
    () =>
      layout.columns.map((column, at) => (
        <HeadCell
          key={column.field}
          id={`${gridId}-head-${at + 2}`}
          at={at}
          column={column}
          columns={layout.columns}
          sort={sort}
          actions={actions}
          isActive={activeHead === at + 2}
          isMenuOpen={menu === column.field}
          onMenu={(isOpen) => setMenu(isOpen ? column.field : undefined)}
        />
      )),
    [layout, sort, actions, activeHead, menu]
  )
  const activeId = `${gridId}-${active.row === HEAD_ROW ? 'head' : active.row}-${active.column}`
  const isShown = active.row === HEAD_ROW || (active.row >= first && active.row <= last)
  return (
    <div
      ref={scroller}
      class={isShifted ? 'grid shifted' : 'grid'}
      role="grid"
      tabIndex={0}
      aria-label="Runs"
      aria-rowcount={total + 1}
      aria-colcount={layout.columns.length + 2}
      aria-multiselectable
      aria-activedescendant={isShown && total > 0 ? activeId : undefined}
      style={{
        '--cols': layout.template,
        '--width': `${layout.width}px`,
        '--row-height': `${rowHeight}px`
      }}
      onScroll={(event) => setShifted(event.currentTarget.scrollLeft > 0)}
      onKeyDown={onKeyDown}
      onClick={(event) => {
        const target = event.target as HTMLElement
        const row = Number(target.closest<HTMLElement>('.grid-row')?.dataset.index ?? -1)
        if (row < 0) return
        setActive((cell) => ({ ...cell, row }))
        if (target.closest('.check') !== null) {
          turn(row, event.shiftKey)
        } else if (target.closest('a') === null) scroller.current?.focus()
      }}
      onDblClick={(event) => {
        const target = event.target as HTMLElement
        const row = Number(target.closest<HTMLElement>('.grid-row')?.dataset.index ?? -1)
        if (row >= 0 && target.closest('.check') === null) props.onOpen(row)
      }}
    >
      <div class="grid-head" role="row" aria-rowindex={1}>
        <div
          class="grid-cell head check pinned"
          role="columnheader"
          aria-colindex={1}
          id={`${gridId}-head-0`}
          onClick={() => props.onSelectAll(!isEverySelected(props))}
        >
          <SelectAll {...props} />
        </div>
        <div
          class={`grid-cell head run pinned${activeHead === 1 ? ' active' : ''}`}
          role="columnheader"
          aria-colindex={2}
          id={`${gridId}-head-1`}
          aria-sort={sortOf(sort, 'name')}
          title="The run’s name"
          onClick={(event) => actions.sort('name', { isAdded: event.shiftKey })}
        >
          Run
          <SortMark sort={sort} field="name" />
        </div>
        {heads}
      </div>
      <div class="grid-body" role="rowgroup" style={{ height: `${virtual.height}px` }}>
        {virtual.items.map(({ index, start }) => {
          const row = windows.row(index)
          return (
            <GridRow
              // Rows that leave are used again for those that come.
              key={index % pool}
              index={index}
              top={start}
              row={row}
              columns={layout.columns}
              isSelected={row !== undefined && isSelected(selection, row.id)}
              activeColumn={active.row === index ? active.column : undefined}
              heat={heat}
              live={row?.status === 'running' ? live.get(row.address) : undefined}
              gridId={gridId}
            />
          )
        })}
      </div>
    </div>
  )
}

function isEverySelected({ selection, total }: RunGridProps): boolean {
  return selection.isAll || (total > 0 && selection.ids.size === total)
}

function SelectAll(props: RunGridProps): JSX.Element {
  const isAll = isEverySelected(props)
  return (
    <input
      type="checkbox"
      class="checkbox"
      tabIndex={-1}
      aria-label="Select all runs"
      checked={isAll}
      indeterminate={!isAll && props.selection.ids.size > 0}
      onClick={(event) => {
        event.stopPropagation()
        props.onSelectAll(!isAll)
      }}
    />
  )
}

/** Scrolls sideways until a column can be seen beside those that are pinned. */
function showColumn(
  scroller: HTMLElement | null,
  column: { readonly left: number | undefined; readonly field: string } | undefined,
  layout: ReturnType<typeof layOut>
): void {
  if (scroller === null || column === undefined || column.left !== undefined) return
  const widths = layout.columns.map(({ width }) => width)
  const at = layout.columns.findIndex(({ field }) => field === column.field)
  const start = layout.width - widths.slice(at).reduce((sum, width) => sum + width, 0)
  const pinned = layout.columns.filter(({ left }) => left !== undefined)
  const edge = layout.width - widths.slice(pinned.length).reduce((sum, width) => sum + width, 0)
  const end = start + (widths[at] ?? 0)
  if (start - scroller.scrollLeft < edge) scroller.scrollLeft = start - edge
  else if (end - scroller.scrollLeft > scroller.clientWidth) {
    scroller.scrollLeft = end - scroller.clientWidth
  }
}
