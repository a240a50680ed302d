import type { Json } from '../../base/json.ts'
import type { ComparedSection, RowComparison as Joined, RowChange } from '../../service/compare.ts'
import { formatField } from '../../service/query.ts'
import type { Workspace } from '../../service/workspace.ts'
import type { CompareRequest, CompareRowsRequest } from './requests.ts'
import type { ComparedField, ComparedRow, Comparison, RowComparison } from './run-answers.ts'
import { requireRun } from './run-page.ts'
import { rowOf } from './run-rows.ts'
import { windowOf } from './run-tables.ts'
import type { CallOptions } from './source.ts'

/** Sets runs, and rows of runs, beside each other. */
export function createComparisons(workspace: Workspace) {
  return {
    compare: (request: CompareRequest, { signal }: CallOptions) =>
      compare(workspace, request, signal),
    compareRows: (request: CompareRowsRequest, { signal }: CallOptions) =>
      compareRows(workspace, request, signal)
  }
}

async function compare(
  workspace: Workspace,
  { runs }: CompareRequest,
  signal: AbortSignal | undefined
): Promise<Comparison> {
  const { sections, code, unreadable } = await workspace.runs.compare(runs, {
    all: true,
    ...(signal === undefined ? {} : { signal })
  })
  const rows: Comparison['runs'][number][] = []
  for (const address of runs) rows.push(rowOf(await requireRun(workspace, address)))
  return {
    runs: rows,
    fields: fieldsOf(sections),
    code: code.map((difference) => difference ?? null),
    unreadable
  }
}

/** Returns the fields of all sections, one after another. */
export function fieldsOf(sections: readonly ComparedSection[]): readonly ComparedField[] {
  return sections.flatMap(({ name: group, fields }) =>
    fields.map(
      ({ path, values, texts, ...field }): ComparedField => ({
        ...field,
        group,
        field: formatField(path),
        values: values.map((value): Json => value ?? null),
        ...(texts === undefined ? {} : { texts: texts.map((text) => text ?? null) })
      })
    )
  )
}

async function compareRows(
  workspace: Workspace,
  request: CompareRowsRequest,
  signal: AbortSignal | undefined
): Promise<RowComparison> {
  const { base, other, result, key, column, show } = request
  const { offset, limit } = windowOf(request)
  const joined = await workspace.runs.compareRows([base, other], result, {
    key,
    by: column,
    all: show === 'all' || show === 'same',
    // Of each kind as many as the window may need.
    limit: offset + limit,
    ...(signal === undefined ? {} : { signal })
  })
  return joinedRows(joined, request)
}

/** The names that a page has for what became of a row. */
const STATES: { readonly [C in RowChange]: ComparedRow['state'] } = {
  worsened: 'worsened',
  improved: 'improved',
  changed: 'changed',
  missing: 'removed',
  new: 'added',
  same: 'same'
}

/** Returns the window of joined rows that a request wants. */
export function joinedRows(
  { key, by, columns, comparisons }: Pick<Joined, 'key' | 'by' | 'columns' | 'comparisons'>,
  request: CompareRowsRequest
): RowComparison {
  const { show = 'different' } = request
  const { offset, limit } = windowOf(request)
  const { counts, rows } = comparisons[1] ?? { counts: NONE, rows: [] }
  const isWanted = (state: ComparedRow['state']): boolean =>
    show === 'all' || (show === 'different' ? state !== 'same' : state === show)
  const named = Object.entries(counts).map(
    ([change, count]) => [STATES[change as RowChange], count] as const
  )
  return {
    key,
    column: by,
    columns,
    counts: Object.fromEntries(named) as RowComparison['counts'],
    rows: rows
      .map(
        ({ change, key: value, before, after }): ComparedRow => ({
          key: value,
          state: STATES[change],
          ...(before === undefined ? {} : { base: before }),
          ...(after === undefined ? {} : { other: after })
        })
      )
      .filter(({ state }) => isWanted(state))
      .slice(offset, offset + limit),
    offset,
    total: named.reduce((sum, [state, count]) => sum + (isWanted(state) ? count : 0), 0)
  }
}

const NONE = { worsened: 0, improved: 0, changed: 0, missing: 0, new: 0, same: 0 }
