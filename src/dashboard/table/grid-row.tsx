import { Component, type JSX } from 'preact'
import type { Json } from '../../base/json.ts'
import type { MetricSummary } from '../../model/records.ts'
import { Icon } from '../parts/icon.tsx'
import { StatusDot } from '../parts/labels.tsx'
import { Link } from '../parts/link.tsx'
import type { RunRow } from '../source/answers.ts'
import { cellOf } from './cell.tsx'
import { shortName } from './field-list.ts'
import type { PlacedColumn } from './grid-layout.ts'
import type { Heat } from './heat.ts'

/** What a row is drawn from. */
export interface GridRowProps {
  readonly index: number
  readonly top: number
  /** `undefined` while it isn't here. */
  readonly row: RunRow | undefined
  readonly columns: readonly PlacedColumn[]
  readonly isSelected: boolean
  /** The column that the keyboard is at; `undefined`: it is in another row. */
  readonly activeColumn: number | undefined
  readonly heat: Heat | undefined
  /** What the run has logged since it was read. */
  readonly live: { readonly [metric: string]: MetricSummary } | undefined
  readonly gridId: string
}

/** A run in the grid; drawn again only if something of it changed. */
export class GridRow extends Component<GridRowProps> {
  /** The cells that were drawn last, and for which columns. */
  #cells:
    | { readonly columns: readonly PlacedColumn[]; readonly elements: JSX.Element[] }
    | undefined

  override shouldComponentUpdate(next: GridRowProps): boolean {
    const names = Object.keys(next) as (keyof GridRowProps)[]
    return names.some((name) => next[name] !== this.props[name])
  }

  override render(): JSX.Element {
    const { index, top, row, isSelected, activeColumn, gridId } = this.props
    const name = row === undefined ? '' : (row.name ?? row.id)
    const idOf = (column: number): string | undefined =>
      activeColumn === column ? `${gridId}-${index}-${column}` : undefined
    const classOf = (column: number, more: string): string =>
      activeColumn === column ? `grid-cell ${more} active` : `grid-cell ${more}`
    return (
      <div
        class={`grid-row${isSelected ? ' selected' : ''}${row === undefined ? ' pending' : ''}`}
        role="row"
        aria-rowindex={index + 2}
        aria-selected={isSelected}
        data-index={index}
        style={{ top: `${top}px` }}
      >
        <div class={classOf(0, 'check pinned')} role="gridcell" aria-colindex={1} id={idOf(0)}>
          <input
            type="checkbox"
            class="checkbox"
            tabIndex={-1}
            checked={isSelected}
            disabled={row === undefined}
            aria-label={`Select ${name}`}
          />
        </div>
        <div class={classOf(1, 'run pinned')} role="rowheader" aria-colindex={2} id={idOf(1)}>
          {row === undefined ? <span class="skeleton w-75" /> : <RunName row={row} name={name} />}
        </div>
        {this.#drawCells()}
      </div>
    )
  }

  /** Draws the cells of the columns; of a row that isn't here those of the last one stay, out of sight. */
  #drawCells(): JSX.Element[] {
    const { index, row, columns, activeColumn, gridId } = this.props
    if (row === undefined && activeColumn === undefined && this.#cells?.columns === columns) {
      return this.#cells.elements
    }
    const elements = columns.map((column, at) => {
      const value = row === undefined ? undefined : this.#valueOf(row, column.field, at)
      const heat = this.props.heat?.(column.field, value)
      const { content, hint } = cellOf(value, column.kind)
      const isActive = activeColumn === at + 2
      const classes = classesOf(column, heat, isWhole(column, value))
      return (
        <div
          key={column.field}
          // Only the cell that the keyboard is at needs to be found.
          id={isActive ? `${gridId}-${index}-${at + 2}` : undefined}
          role="gridcell"
          aria-colindex={at + 3}
          class={`grid-cell ${classes}${isActive ? ' active' : ''}`}
          style={styleOf(column, heat)}
          title={hint}
        >
          {content}
        </div>
      )
    })
    this.#cells = { columns, elements }
    return elements
  }

  #valueOf(row: RunRow, field: string, at: number): Json | undefined {
    const { live } = this.props
    if (live !== undefined && field.startsWith('metrics.')) {
      const summary = live[shortName(field)]
      if (summary !== undefined) return summary.mean ?? summary.last
    }
    return row.values[this.props.columns[at]?.valueIndex ?? -1]
  }
}

function RunName(props: { readonly row: RunRow; readonly name: string }): JSX.Element {
  const { row, name } = props
  return (
    <>
      <StatusDot status={row.status} />
      <Link
        to={{ page: 'run', address: row.address }}
        class="run-link"
        title={row.address}
        untabbed
      >
        {name}
      </Link>
      {row.notes === undefined ? null : (
        <span class="run-note" title={row.notes.slice(0, 500)}>
          <Icon name="note" />
        </span>
      )}
    </>
  )
}

function classesOf(
  { isNumeric, kind, left }: PlacedColumn,
  heat: number | undefined,
  fits: boolean
): string {
  const align = isNumeric ? 'right' : kind === 'tags' || kind === 'status' ? 'flex' : ''
  const more = (fits ? ' whole' : '') + (left === undefined ? '' : ' pinned')
  return heat === undefined ? align + more : `${align}${more} heat${heat === 1 ? ' top' : ''}`
}

/** So wide a column has room for every number as it is formatted. */
const NUMBER_WIDTH = 96

/** Tells whether nothing of a value can stick out of its cell, which is drawn faster then. */
function isWhole({ width }: PlacedColumn, value: Json | undefined): boolean {
  if (value === null || value === undefined) return true
  return typeof value === 'number' && width >= NUMBER_WIDTH
}

/** The deepest colour, in percent; only what is among the best comes near it. */
const DEEPEST = 34

function styleOf(
  { left }: PlacedColumn,
  heat: number | undefined
): { readonly [name: string]: string } | undefined {
  if (left === undefined && heat === undefined) return undefined
  return {
    ...(left === undefined ? {} : { left: `${left}px` }),
    ...(heat === undefined ? {} : { '--heat': `${Math.round(heat * heat * DEEPEST)}%` })
  }
}
