import type { JSX } from 'preact'
import { useMemo, useRef } from 'preact/hooks'
import { changeParams, navigate } from '../navigation.ts'
import { Button } from '../parts/button.tsx'
import type { CsvTable } from '../parts/csv.ts'
import { CsvButton } from '../parts/csv-button.tsx'
import { isNarrow } from '../parts/media.ts'
import { Empty, Loading, Problem, wayUp } from '../parts/states.tsx'
import { formatCount } from '../parts/text.ts'
import { partsOfAddress } from '../route.ts'
import type { PageProps } from '../shell.tsx'
import type { RunRow } from '../source/answers.ts'
import { BestStrip } from '../table/best-strip.tsx'
import { readSelected } from '../table/bulk-edit.ts'
import { columnActions } from '../table/column-actions.ts'
import { ColumnChooser } from '../table/column-chooser.tsx'
import { FilterInput } from '../table/filter-input.tsx'
import { UnknownFields } from '../table/filter-problem.tsx'
import { filterValues } from '../table/filter-values.ts'
import { GroupMenu } from '../table/group-menu.tsx'
import { GroupTable } from '../table/group-table.tsx'
import { RunGrid } from '../table/run-grid.tsx'
import {
  countSelected,
  EVERYTHING,
  NOTHING,
  type Selection,
  select,
  selectedOf,
  selectionOf
} from '../table/selection.ts'
import { SelectionBar } from '../table/selection-bar.tsx'
import { readTableState, type TableState, tableParams } from '../table/table-state.ts'
import { type Table, useTable } from '../table/use-table.ts'
import { ViewsBar } from '../table/views-bar.tsx'

/** The runs of an experiment or a project as a table. */
export function RunsPage({ source, route, about }: PageProps): JSX.Element {
  const { address, params } = route
  const state = useMemo(() => readTableState(params), [params])
  const table = useTable(source, address, state)
  const change = (changes: Partial<TableState>, options = { replace: false }): void =>
    changeParams(tableParams(changes), options)
  const filter = (text: string): void => change({ filter: text, selected: [] }, { replace: true })
  if (table.fields.value === undefined) {
    const { error, reload } = table.fields
    if (error === undefined) return <Loading lines={10} isPage />
    return <Problem error={error} onRetry={reload} wayOut={wayUp(address)} />
  }
  const fields = table.fields.value
  const { project, experiment } = partsOfAddress(address)
  const total = table.windows?.answer?.total
  return (
    <div class="runs-page">
      <div class="runs-head">
        <div class="runs-title">
          <h1>{experiment ?? project ?? 'All runs'}</h1>
          <span class="count" role="status">
            {countText(total, state.filter, table.error)}
          </span>
          <ViewsBar source={source} route={route} isWritable={about.writable} />
          <div class="runs-tools">
            <GroupMenu fields={fields} state={state} onChange={change} />
            <ColumnChooser
              fields={fields}
              columns={table.columns}
              state={state}
              hiddenCount={table.hiddenCount}
              onChange={change}
            />
            {state.by.length > 0 ? null : (
              <CsvButton
                name={address || 'runs'}
                what="these runs"
                disabled={total === undefined || total === 0}
                read={async () => {
                  const { query, windows } = table
                  if (query === undefined || windows === undefined) return tableOf(table, [])
                  return tableOf(table, await readSelected(source, query, EVERYTHING, windows))
                }}
              />
            )}
          </div>
        </div>
        <FilterInput
          filter={state.filter}
          fields={fields}
          error={isFilterError(table.error) ? table.error : undefined}
          valuesOf={(field) => filterValues(source, address, fields, field)}
          onFilter={filter}
        />
        <UnknownFields
          unknown={table.windows?.answer?.unknown ?? []}
          onReplace={(field, suggestion) => {
            change({
              filter: state.filter.replace(field, suggestion),
              sort: state.sort.map((each) =>
                each.field === field ? { ...each, field: suggestion } : each
              )
            })
          }}
        />
        <Damaged table={table} />
        <BestStrip
          source={source}
          address={address}
          filter={table.windows?.query.filter}
          isReady={table.windows !== undefined}
          fields={fields}
        />
      </div>
      {state.by.length > 0 ? (
        <GroupTable
          source={source}
          address={address}
          state={state}
          columns={table.columns}
          onFilter={(text) => change({ filter: text, by: [], selected: [] })}
        />
      ) : (
        <Rows
          source={source}
          route={route}
          about={about}
          table={table}
          state={state}
          change={change}
        />
      )}
    </div>
  )
}

function countText(total: number | undefined, filter: string, error: unknown): string {
  if (total === undefined) return error === undefined ? 'Reading…' : ''
  return `${formatCount(total, 'run')}${filter === '' ? '' : ' found'}`
}

function Damaged({ table }: { readonly table: Table }): JSX.Element | null {
  const damaged = table.windows?.answer?.damaged ?? []
  const [first] = damaged
  if (first === undefined) return null
  const { message, hint } = first.problem
  return (
    <p class="banner bad" role="status">
      {damaged.length === 1 ? 'Something' : `${damaged.length} things`} can’t be read and{' '}
      {damaged.length === 1 ? 'is' : 'are'} left out. {message} {hint}
    </p>
  )
}

const NEWEST_FIRST = [{ field: 'started', isDescending: true }]

type RowsProps = PageProps & {
  readonly table: Table
  readonly state: TableState
  readonly change: (changes: Partial<TableState>, options?: { replace: boolean }) => void
}

function Rows(props: RowsProps): JSX.Element {
  const { source, about, table, state, change } = props
  const { windows, query } = table
  const selection = useMemo(() => selectionOf(state.selected), [state.selected])
  const latest = useRef(selection)
  latest.current = selection
  const choose = (next: Selection): void => {
    latest.current = next
    change({ selected: selectedOf(next) }, { replace: true })
  }
  const actions = useMemo(
    () => columnActions(state, table.columns, (changes) => change(changes, { replace: true })),
    [state, table.columns]
  )
  if (windows === undefined || query === undefined) {
    if (table.error === undefined) return <Loading lines={12} isPage />
    return isFilterError(table.error) ? (
      <div />
    ) : (
      <Problem error={table.error} onRetry={table.retry} />
    )
  }
  const total = windows.answer?.total ?? 0
  const rowsBetween = (from: number, to: number): readonly string[] => {
    const [first, last] = [Math.min(from, to), Math.max(from, to)]
    return Array.from(
      { length: last - first + 1 },
      (_, at) => windows.row(first + at)?.id ?? ''
    ).filter((id) => id !== '')
  }
  const count = countSelected(selection, total)
  const read = (): Promise<readonly RunRow[]> => readSelected(source, query, selection, windows)
  return (
    <div class="grid-frame">
      {total === 0 ? (
        <NoRuns state={state} change={change} address={props.route.address} />
      ) : (
        <RunGrid
          windows={windows}
          total={total}
          columns={table.columns}
          sort={state.sort.length === 0 ? NEWEST_FIRST : state.sort}
          selection={selection}
          heat={table.heat}
          isNarrow={isNarrow.value}
          actions={actions}
          onSelect={(from, to, isOn) => {
            const here = windows.rows.map(({ id }) => id)
            choose(select(latest.current, rowsBetween(from, to), isOn, here))
          }}
          onSelectAll={(isOn) => choose(isOn ? EVERYTHING : NOTHING)}
          onOpen={(index) => {
            const row = windows.row(index)
            if (row !== undefined) navigate({ page: 'run', address: row.address })
          }}
        />
      )}
      {count > 0 && total > 0 ? (
        <SelectionBar
          source={source}
          count={count}
          isWritable={about.writable}
          readRows={read}
          onCompare={(rows) => compare(props.route.address, rows)}
          fileName={props.route.address || 'runs'}
          tableOf={(rows) => tableOf(table, rows)}
          onClear={() => choose(NOTHING)}
          onChanged={table.retry}
        />
      ) : null}
    </div>
  )
}

function NoRuns(
  props: Pick<RowsProps, 'state' | 'change'> & { readonly address: string }
): JSX.Element {
  if (props.state.filter !== '') {
    return (
      <Empty title="No run passes the filter" icon="search">
        <Button label="Clear the filter" onClick={() => props.change({ filter: '' })} />
      </Empty>
    )
  }
  return (
    <Empty title="No run yet" icon="play">
      <p>Track any program, and its runs appear here as they log:</p>
      <pre>runtree run -- python train.py</pre>
    </Empty>
  )
}

function compare(address: string, rows: readonly RunRow[]): void {
  const { project, experiment } = partsOfAddress(address)
  const below = [project, experiment].filter((part) => part !== undefined).join('/')
  const runs = rows.map((row) => row.address).join(',')
  navigate({ page: 'compare', address: below, params: { runs } })
}

/** Returns runs with the columns that are shown. */
function tableOf({ columns }: Table, rows: readonly RunRow[]): CsvTable {
  return {
    head: ['address', 'name', 'status', ...columns.map(({ field }) => field)],
    rows: rows.map(({ address, name, status, values }) => [
      address,
      name,
      status,
      ...columns.map(({ valueIndex }) => values[valueIndex])
    ])
  }
}

const FILTER_CODES = ['QUERY_SYNTAX', 'QUERY_FIELD', 'QUERY_PATTERN', 'QUERY_FILTER']

function isFilterError(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : ''
  return FILTER_CODES.includes(String(code))
}
