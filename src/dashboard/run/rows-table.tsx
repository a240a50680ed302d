import { useEffect, useRef, useState } from 'preact/hooks'
import type { JsonObject } from '../../base/json.ts'
import type { ResultColumn } from '../../model/records.ts'
import { Icon } from '../parts/icon.tsx'
import { isNarrow } from '../parts/media.ts'
import { Loading, Missed, Problem } from '../parts/states.tsx'
import { textOfValue } from '../parts/value.tsx'
import { useVirtualRows } from '../parts/virtual-rows.ts'
import { RowDialog } from './row-dialog.tsx'
import type { LoadedRows } from './use-rows.ts'

/** As high as the style sheet makes them. */
const ROW = 33
const NARROW_ROW = 41

/** Rows in a table of which only those in sight exist; a row opens in full. */
export function RowsTable(props: {
  readonly label: string
  readonly rows: LoadedRows
  readonly keyColumn: string | undefined
  readonly correct: string | undefined
  readonly sort: string | undefined
  readonly onSort: (sort: string | undefined) => void
}) {
  const { label, rows, keyColumn, correct, sort, onSort } = props
  const scroller = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState<number>()
  const { head, error, retry } = rows
  const total = head?.total ?? 0
  const rowHeight = isNarrow.value ? NARROW_ROW : ROW
  const seen = useVirtualRows(scroller, total, rowHeight)
  const [first, last] = [seen.items[0]?.index ?? 0, seen.items.at(-1)?.index ?? -1]
  useEffect(() => {
    if (last >= first) rows.need(first, last)
  }, [first, last, head])
  if (head === undefined) {
    return error === undefined ? <Loading lines={6} /> : <Problem error={error} onRetry={retry} />
  }
  const before = seen.items[0]?.start ?? 0
  const after = Math.max(0, seen.height - before - seen.items.length * rowHeight)
  const opened = open === undefined ? undefined : rows.rowAt(open)
  return (
    <>
      {error === undefined ? null : <Missed error={error} onRetry={retry} />}
      <section ref={scroller} class="rows-scroll" tabindex={0} aria-label={label}>
        <table class="rows-table" aria-rowcount={total + 1}>
          <thead>
            <tr>
              <th scope="col" class="row-number">
                <span class="visually-hidden">Row</span>
              </th>
              {head.columns.map((column) => (
                <SortableHead key={column.name} column={column} sort={sort} onSort={onSort} />
              ))}
            </tr>
          </thead>
          <tbody>
            <Space height={before} />
            {seen.items.map(({ index }) => {
              const row = rows.rowAt(index)
              const isWrong = correct !== undefined && row?.[correct] === false
              return (
                <tr key={index} aria-rowindex={index + 2} class={isWrong ? 'is-wrong' : ''}>
                  <td class="row-number">
                    <button
                      type="button"
                      onClick={() => setOpen(index)}
                      disabled={row === undefined}
                    >
                      <span class="visually-hidden">Open row </span>
                      {index + 1}
                    </button>
                  </td>
                  {head.columns.map(({ name, type }) => (
                    <td key={name} class={type} title={titleOf(row, name)}>
                      {row === undefined ? <span class="skeleton w-60" /> : cellOf(row, name)}
                    </td>
                  ))}
                </tr>
              )
            })}
            <Space height={after} />
          </tbody>
        </table>
        {total === 0 ? <p class="rows-none muted">No rows pass.</p> : null}
      </section>
      {opened === undefined ? null : (
        <RowDialog
          title={
            keyColumn === undefined
              ? `Row ${(open ?? 0) + 1}`
              : `${keyColumn} ${textOfValue(opened[keyColumn])}`
          }
          sides={[{ row: opened }]}
          onClose={() => setOpen(undefined)}
        />
      )}
    </>
  )
}

function SortableHead(props: {
  readonly column: ResultColumn
  readonly sort: string | undefined
  readonly onSort: (sort: string | undefined) => void
}) {
  const { column, sort, onSort } = props
  const { name, type } = column
  const direction = sort === name ? 'ascending' : sort === `-${name}` ? 'descending' : undefined
  const next = direction === undefined ? name : direction === 'ascending' ? `-${name}` : undefined
  return (
    <th scope="col" class={type} aria-sort={direction}>
      <button type="button" onClick={() => onSort(next)}>
        <span>{name}</span>
        {direction === undefined ? null : (
          <Icon name={direction === 'ascending' ? 'arrowUp' : 'arrowDown'} />
        )}
      </button>
    </th>
  )
}

function Space({ height }: { readonly height: number }) {
  return height <= 0 ? null : (
    <tr>
      <td class="rows-space" style={{ height: `${height}px` }} />
    </tr>
  )
}

function cellOf(row: JsonObject, name: string) {
  const value = row[name]
  if (value === true) return <Icon name="check" />
  if (value === false) return <span class="no">no</span>
  return textOfValue(value).slice(0, 300)
}

function titleOf(row: JsonObject | undefined, name: string): string | undefined {
  const value = row?.[name]
  if (value === true) return 'yes'
  return typeof value === 'string' && value.length > 24 ? value.slice(0, 500) : undefined
}
