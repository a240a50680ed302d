import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Aggregate } from '../../service/query.ts'
import { dataVersion } from '../live.ts'
import { type Loaded, useLoad } from '../parts/load.ts'
import { partsOfAddress } from '../route.ts'
import type { FieldsAnswer } from '../source/answers.ts'
import type { Source } from '../source/source.ts'
import { type Column, chooseFields, describeColumn } from './columns.ts'
import { type Heat, heatOf } from './heat.ts'
import type { RunWindows, TableQuery } from './run-windows.ts'
import { type ChosenColumn, formatSort, type TableState } from './table-state.ts'
import { type ShownWindows, useWindows } from './use-windows.ts'

/** All that a table of runs is drawn from. */
export interface Table extends ShownWindows {
  readonly fields: Loaded<FieldsAnswer>
  /** What is asked; `undefined` until the fields are known. */
  readonly query: TableQuery | undefined
  /** Those that are shown. */
  readonly columns: readonly Column[]
  /** How many are left away because all runs agree in them. */
  readonly hiddenCount: number
  readonly heat: Heat | undefined
  readonly aggregates: Aggregates
}

type Aggregates = { readonly [field: string]: Aggregate | undefined }

/** Fields whose values are no numbers. */
const NO_NUMBERS = [
  'tags',
  'tag',
  'status',
  'started',
  'finished',
  'created',
  'time',
  'notes',
  'name',
  'experiment',
  'address',
  'id'
]

/** Asks what a table needs, as its state says. */
export function useTable(source: Source, address: string, state: TableState): Table {
  const fields = useLoad(
    (signal) => source.fields({ address }, { signal }),
    [source, address, dataVersion.value],
    { keep: true }
  )
  const chosen = useMemo(
    () => chosenColumns(fields.value, state.columns, address),
    [fields.value, JSON.stringify(state.columns), address]
  )
  const query = useMemo<TableQuery | undefined>(
    () =>
      chosen && {
        address,
        columns: chosen.map(({ field }) => field),
        ...(state.filter === '' ? {} : { filter: state.filter }),
        ...(state.sort.length === 0 ? {} : { sort: formatSort(state.sort) })
      },
    [chosen, address, state.filter, JSON.stringify(state.sort)]
  )
  const shown = useWindows(source, query)
  const aggregates = useAggregates(source, query, shown)
  const { windows } = shown
  const all = useMemo(() => {
    if (fields.value === undefined || chosen === undefined) return []
    const known = fields.value
    return chosen.map((column, index) =>
      describeColumn(column, index, known, (aggregates[column.field]?.count ?? 0) > 0)
    )
  }, [chosen, fields.value, aggregates])
  const total = windows?.answer?.total ?? 0
  const visible =
    state.hidesSame && total > 1
      ? all.filter((column) => differs(column, windows, aggregates, total))
      : all
  const names = visible.map(({ field }) => field).join('\n')
  const columns = useMemo(() => visible, [all, names])
  const heat = useMemo(() => {
    const goals = new Map(
      all.flatMap(({ field, goal }) => (goal === undefined ? [] : [[field, goal]]))
    )
    return state.isColoured ? heatOf(goals, aggregates) : undefined
  }, [all, aggregates, state.isColoured])
  return {
    ...shown,
    fields,
    query,
    columns,
    heat,
    aggregates,
    hiddenCount: all.length - columns.length
  }
}

function chosenColumns(
  fields: FieldsAnswer | undefined,
  columns: readonly ChosenColumn[] | undefined,
  address: string
): readonly ChosenColumn[] | undefined {
  if (fields === undefined) return undefined
  if (columns !== undefined) return columns
  const hasExperiments = partsOfAddress(address).experiment === undefined
  return chooseFields(fields, hasExperiments).map((field) => ({ field, isPinned: false }))
}

/** What the numbers of all runs that pass come to; asked for when the first rows are here. */
function useAggregates(
  source: Source,
  query: TableQuery | undefined,
  { windows, isLoading }: ShownWindows
): Aggregates {
  const [aggregates, setAggregates] = useState<Aggregates>({})
  const { address, filter, columns = [] } = query ?? {}
  const wanted = columns.filter((field) => !NO_NUMBERS.includes(field))
  const key = JSON.stringify([address, filter, wanted, dataVersion.value])
  const isReady = windows !== undefined && !isLoading
  const answered = useRef<string>(undefined)
  useEffect(() => {
    if (!isReady || answered.current === key) return
    const controller = new AbortController()
    const request = {
      by: [],
      aggregate: wanted,
      ...(address === undefined ? {} : { address }),
      ...(filter === undefined ? {} : { filter })
    }
    source.group(request, { signal: controller.signal }).then(
      ({ fields, groups: [group] }) => {
        answered.current = key
        // The answer names fields as they are written there; here they are as they were asked for.
        const found = fields.map((field, index) => [wanted[index], group?.aggregates[field]])
        setAggregates(Object.fromEntries(found))
      },
      // Without them the table has no colours; why, the rows tell.
      () => undefined
    )
    return () => controller.abort()
  }, [key, isReady])
  return aggregates
}

/** Tells whether some runs differ in a column, as far as is known. */
function differs(
  { field, valueIndex }: Column,
  windows: RunWindows | undefined,
  aggregates: Aggregates,
  total: number
): boolean {
  const numbers = aggregates[field]
  if (numbers === undefined) return windows?.differsIn(valueIndex) === true
  return numbers.min !== numbers.max || numbers.count !== total
}
