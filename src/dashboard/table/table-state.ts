import { splitFields } from './field-list.ts'

/** A column that a person chose. */
export interface ChosenColumn {
  readonly field: string
  readonly isPinned: boolean
  /** In pixels; absent: as its kind needs. */
  readonly width?: number
}

/** A field to sort by. */
export interface SortField {
  readonly field: string
  readonly isDescending: boolean
}

/** Which number stands for a group. */
export const AGGREGATES = ['mean', 'median', 'min', 'max', 'std'] as const
export type AggregateName = (typeof AGGREGATES)[number]

/** All that a table of runs is told by its address. */
export interface TableState {
  readonly filter: string
  /** Empty: the latest start first. */
  readonly sort: readonly SortField[]
  /** Absent: chosen by what the runs have. */
  readonly columns: readonly ChosenColumn[] | undefined
  /** Fields in which the runs of a group agree; empty: runs one by one. */
  readonly by: readonly string[]
  readonly aggregate: AggregateName
  /** Ids of runs, or `*` for all that pass. */
  readonly selected: readonly string[]
  readonly isColoured: boolean
  /** Whether columns are hidden in which all runs agree. Default: if nobody chose columns. */
  readonly hidesSame: boolean
}

type Params = { readonly [name: string]: string | undefined }

const MIN_WIDTH = 60
const MAX_WIDTH = 800

/** Reads the state of a table from the parameters of its address. */
export function readTableState(params: Params): TableState {
  const columns = params.cols === undefined ? undefined : splitFields(params.cols).map(readColumn)
  return {
    filter: params.filter ?? '',
    sort: splitFields(params.sort ?? '').map((text) => ({
      field: text.replace(/^-/, ''),
      isDescending: text.startsWith('-')
    })),
    columns,
    by: splitFields(params.by ?? ''),
    aggregate: AGGREGATES.find((name) => name === params.agg) ?? 'mean',
    selected: splitFields(params.sel ?? ''),
    isColoured: params.colour !== 'off',
    hidesSame: params.same === undefined ? columns === undefined : params.same === 'hide'
  }
}

/** Formats the parts of a state that change; the others stay as they are. */
export function tableParams(changes: Partial<TableState>): Params {
  const { filter, sort, columns, by, aggregate, selected, isColoured, hidesSame } = changes
  const params: { [name: string]: string | undefined } = {}
  if (filter !== undefined) params.filter = filter
  if (sort !== undefined) params.sort = formatSort(sort).join(',')
  if ('columns' in changes) params.cols = columns?.map(formatColumn).join(',')
  if (by !== undefined) params.by = by.join(',')
  if (aggregate !== undefined) params.agg = aggregate === 'mean' ? '' : aggregate
  if (selected !== undefined) params.sel = selected.join(',')
  if (isColoured !== undefined) params.colour = isColoured ? '' : 'off'
  if (hidesSame !== undefined) params.same = hidesSame ? 'hide' : 'show'
  return params
}

/** Returns the fields of an order as questions take them. */
export function formatSort(sort: readonly SortField[]): readonly string[] {
  return sort.map(({ field, isDescending }) => `${isDescending ? '-' : ''}${field}`)
}

/** Returns the order after a click on a heading; `isAdded`: besides what is sorted by already. */
export function toggleSort(
  sort: readonly SortField[],
  field: string,
  options: { readonly isAdded: boolean; readonly descendsFirst: boolean }
): readonly SortField[] {
  const { isAdded, descendsFirst } = options
  const known = sort.find((each) => each.field === field)
  const others = isAdded ? sort.filter((each) => each.field !== field) : []
  if (known === undefined) return [...others, { field, isDescending: descendsFirst }]
  if (known.isDescending !== descendsFirst) return others
  const turned = { field, isDescending: !descendsFirst }
  return isAdded ? sort.map((each) => (each.field === field ? turned : each)) : [turned]
}

/** A column as it is written: `!` in front if it is pinned, `~` and its width behind. */
function readColumn(text: string): ChosenColumn {
  const found = /^(!?)(.*?)(?:~(\d{1,4}))?$/s.exec(text)
  const width = found?.[3] === undefined ? undefined : clampWidth(Number(found[3]))
  const column = { field: found?.[2] ?? text, isPinned: found?.[1] === '!' }
  return width === undefined ? column : { ...column, width }
}

function formatColumn({ field, isPinned, width }: ChosenColumn): string {
  return `${isPinned ? '!' : ''}${field}${width === undefined ? '' : `~${width}`}`
}

/** Returns a width within bounds, in whole pixels. */
export function clampWidth(width: number): number {
  return Math.round(Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, width)))
}
