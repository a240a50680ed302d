import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { Icon } from '../parts/icon.tsx'
import type { ColumnActions } from './column-actions.ts'
import { ColumnMenu } from './column-menu.tsx'
import type { PlacedColumn } from './grid-layout.ts'
import { clampWidth, type SortField } from './table-state.ts'

/** A heading: a click sorts, dragging moves, its edge resizes, its menu does all of it. */
export function HeadCell(props: {
  readonly id: string
  readonly at: number
  readonly column: PlacedColumn
  readonly columns: readonly PlacedColumn[]
  readonly sort: readonly SortField[]
  readonly isActive: boolean
  readonly isMenuOpen: boolean
  readonly onMenu: (isOpen: boolean) => void
  readonly actions: ColumnActions
}): JSX.Element {
  const { column, sort, actions, isMenuOpen } = props
  const cell = useRef<HTMLDivElement>(null)
  const [isTarget, setTarget] = useState(false)
  const order = sort.find(({ field }) => field === column.field)
  const classes = [
    'grid-cell head',
    column.isNumeric ? 'right' : '',
    column.left === undefined ? '' : 'pinned',
    order === undefined ? '' : 'sorted',
    props.isActive ? 'active' : '',
    isTarget ? 'target' : ''
  ]
  return (
    <div
      ref={cell}
      id={props.id}
      class={classes.filter((name) => name !== '').join(' ')}
      role="columnheader"
      aria-colindex={props.at + 3}
      aria-label={column.label}
      aria-sort={sortOf(sort, column.field)}
      title={column.title}
      style={column.left === undefined ? {} : { left: `${column.left}px` }}
      draggable
      onClick={(event) => actions.sort(column.field, { isAdded: event.shiftKey })}
      onContextMenu={(event) => {
        event.preventDefault()
        props.onMenu(true)
      }}
      onDragStart={(event) => event.dataTransfer?.setData('text/x-column', column.field)}
      onDragOver={(event) => {
        if (event.dataTransfer?.types.includes('text/x-column') !== true) return
        event.preventDefault()
        setTarget(true)
      }}
      onDragLeave={() => setTarget(false)}
      onDrop={(event) => {
        setTarget(false)
        const field = event.dataTransfer?.getData('text/x-column')
        if (field) actions.move(field, column.field)
      }}
    >
      <span class="head-label">{column.label}</span>
      <SortMark sort={sort} field={column.field} />
      <button
        type="button"
        class="head-menu"
        tabIndex={-1}
        aria-label={`Column ${column.label}`}
        aria-haspopup="menu"
        aria-expanded={isMenuOpen}
        onClick={(event) => {
          event.stopPropagation()
          props.onMenu(!isMenuOpen)
        }}
      >
        <Icon name="chevronDown" />
      </button>
      {isMenuOpen ? (
        <ColumnMenu
          anchor={() => cell.current}
          column={column}
          columns={props.columns}
          sort={sort}
          actions={actions}
          onClose={() => props.onMenu(false)}
        />
      ) : null}
      <ResizeHandle
        width={column.width}
        onResize={(width) => actions.resize(column.field, width)}
      />
    </div>
  )
}

/** How a column is sorted, for screen readers. */
export function sortOf(
  sort: readonly SortField[],
  field: string
): 'none' | 'ascending' | 'descending' {
  const order = sort.find((each) => each.field === field)
  return order === undefined ? 'none' : order.isDescending ? 'descending' : 'ascending'
}

/** An arrow if a column is sorted by, with its turn if there are several. */
export function SortMark(props: {
  readonly sort: readonly SortField[]
  readonly field: string
}): JSX.Element | null {
  const { sort, field } = props
  const at = sort.findIndex((each) => each.field === field)
  if (at < 0) return null
  return (
    <span class="head-sort">
      <Icon name={sort[at]?.isDescending === true ? 'arrowDown' : 'arrowUp'} />
      {sort.length > 1 ? at + 1 : null}
    </span>
  )
}

function ResizeHandle(props: {
  readonly width: number
  readonly onResize: (width: number | undefined) => void
}): JSX.Element {
  const start = useRef<{ readonly x: number; readonly width: number } | undefined>(undefined)
  return (
    <span
      class="head-resize"
      draggable
      onDragStart={(event) => {
        event.preventDefault()
        event.stopPropagation()
      }}
      onClick={(event) => event.stopPropagation()}
      onDblClick={() => props.onResize(undefined)}
      onPointerDown={(event) => {
        event.stopPropagation()
        start.current = { x: event.clientX, width: props.width }
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={(event) => {
        if (start.current === undefined) return
        props.onResize(clampWidth(start.current.width + event.clientX - start.current.x))
      }}
      onPointerUp={() => {
        start.current = undefined
      }}
    />
  )
}
