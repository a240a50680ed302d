import { Component, type JSX } from 'preact'
import type { Json } from '../../base/json.ts'
import type { MetricSummary } from '../../model/records.ts'
import { Icon } from '../parts/icon.tsx'
import { StatusDot } from '../parts/labels.tsx'
import { Link } from '../parts/link.tsx'
import type { RunRow } from '../source/answers.ts'
import { CellValue } from './cell.tsx'
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
  override shouldComponentUpdate(next: GridRowProps): boolean {
    const names = Object.keys(next) as (keyof GridRowProps)[]
    return names.some((name) => next[name] !== this.props[name])
  }

  override render(): JSX.Element {
    const { index, top, row, columns, isSelected, activeColumn, gridId } = this.props
    const name = row === undefined ? '' : (row.name ?? row.id)
    const idOf = (column: number): string => `${gridId}-${index}-${column}`
    const classOf = (column: number, more: string): string =>
      `cell ${more}${activeColumn === column ? ' active' : ''}`
    return (
      <div
        class={`grid-row${isSelected ? ' selected' : ''}`}
        role="row"
        aria-rowindex={index + 2}
        aria-selected={isSelected}
        data-index={index}
        style={{ transform: `translateY(${top}px)` }}
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
        {columns.map((column, at) => (
          <Cell
            key={column.field}
            id={idOf(at + 2)}
            at={at}
            class={classOf(at + 2, classesOf(column))}
            column={column}
            value={row === undefined ? undefined : this.#valueOf(row, column.field, at)}
            heat={this.props.heat}
          />
        ))}
      </div>
    )
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

function Cell(props: {
  readonly id: string
  readonly at: number
  readonly class: string
  readonly column: PlacedColumn
  readonly value: Json | undefined
  readonly heat: Heat | undefined
}): JSX.Element {
  const { column, value } = props
  const heat = props.heat?.(column.field, value)
  const style = {
    ...(column.left === undefined ? {} : { left: `${column.left}px` }),
    ...(heat === undefined ? {} : { '--heat': `${Math.round(heat * 42)}%` })
  }
  return (
    <div
      id={props.id}
      role="gridcell"
      aria-colindex={props.at + 3}
      class={`${props.class}${heat === undefined ? '' : heat === 1 ? ' heat top' : ' heat'}`}
      style={style}
    >
      <CellValue value={value} column={column} />
    </div>
  )
}

function classesOf({ isNumeric, kind, left }: PlacedColumn): string {
  return [
    isNumeric ? 'right' : '',
    kind === 'text' ? 'text' : '',
    left === undefined ? '' : 'pinned'
  ]
    .filter((name) => name !== '')
    .join(' ')
}
