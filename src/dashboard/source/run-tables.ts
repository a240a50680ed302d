import type { Json } from '../../base/json.ts'
import type { MetricDeclaration } from '../../model/records.ts'
import { type FindResult, type GroupResult, runFields } from '../../service/query.ts'
import type { Workspace } from '../../service/workspace.ts'
import type { FieldsAnswer, FindAnswer, GroupAnswer } from './answers.ts'
import { damageOf } from './failures.ts'
import type { FindRequest, GroupRequest } from './requests.ts'
import { rowOf } from './run-rows.ts'
import type { AddressRequest, CallOptions } from './source.ts'

/** How many rows a window has at most, and unless the request says it. */
const MAX_ROWS = 5000
const DEFAULT_ROWS = 200

/** So many damaged runs are named; more are counted nowhere, since one tells enough. */
const MAX_DAMAGED = 20

/** Returns the window of a request, within bounds. */
export function windowOf(request: { readonly offset?: number; readonly limit?: number }): {
  readonly offset: number
  readonly limit: number
} {
  const { offset = 0, limit = DEFAULT_ROWS } = request
  for (const number of [offset, limit]) {
    if (!Number.isSafeInteger(number) || number < 0) {
      throw new TypeError(`${number} is no number of rows`)
    }
  }
  return { offset, limit: Math.min(limit, MAX_ROWS) }
}

/** Answers questions about tables of runs. */
export function createRunTables(workspace: Workspace) {
  return {
    find: (request: FindRequest, { signal }: CallOptions) => find(workspace, request, signal),
    group: (request: GroupRequest, { signal }: CallOptions) => group(workspace, request, signal),
    fields: (request: AddressRequest, { signal }: CallOptions) => fields(workspace, request, signal)
  }
}

/** What a row says of its run beside the values of the columns. */
const ROW_FIELDS = [
  'address',
  'id',
  'project',
  'experiment',
  'status',
  'tags',
  'name',
  'started',
  'finished',
  'notes',
  'parent'
] as const

/** Finds rows; all that they say lies in the index, so that no run is read as a whole. */
async function find(
  { runs }: Workspace,
  request: FindRequest,
  signal: AbortSignal | undefined
): Promise<FindAnswer> {
  const { address, filter, sort, columns = [] } = request
  const { offset, limit } = windowOf(request)
  const damaged: FindAnswer['damaged'][number][] = []
  const { total, unknown, ...table } = await runs.table({
    filter: filter === '' ? undefined : filter,
    sort: sort === undefined || sort.length === 0 ? undefined : sort,
    columns: [...columns, ...ROW_FIELDS],
    offset,
    limit,
    ...inOf(address),
    ...(signal === undefined ? {} : { signal }),
    onDamaged: (damage) => {
      if (damaged.length < MAX_DAMAGED) {
        damaged.push({ path: damage.path, problem: damageOf(damage) })
      }
    }
  })
  const { length } = columns
  const rows = Array.from(table.rows, (values) =>
    rowFrom(values.slice(0, length), values.slice(length))
  )
  return { offset, total, columns: table.columns.slice(0, length), unknown, damaged, rows }
}

/** Makes a row of the values of columns and of `ROW_FIELDS`. */
function rowFrom(
  values: readonly (Json | undefined)[],
  own: readonly (Json | undefined)[]
): FindAnswer['rows'][number] {
  const known = ROW_FIELDS.flatMap((field, index) => {
    const value = own[index]
    return value === undefined ? [] : [[field, value] as const]
  })
  const fields = Object.fromEntries(known) as unknown as Omit<FindAnswer['rows'][number], 'values'>
  return { ...fields, tags: fields.tags ?? [], values: values.map((value) => value ?? null) }
}

/** Returns what was found as a table. */
export function tableOf(found: FindResult, offset: number): FindAnswer {
  return {
    offset,
    total: found.total,
    columns: found.columns,
    unknown: found.unknown,
    damaged: [],
    rows: found.rows.map(({ run, values }) => rowOf(run, values))
  }
}

async function group(
  { runs }: Workspace,
  { address, filter, by, aggregate }: GroupRequest,
  signal: AbortSignal | undefined
): Promise<GroupAnswer> {
  return groupsOf(
    await runs.group({
      by,
      aggregate,
      filter: filter === '' ? undefined : filter,
      ...inOf(address),
      ...(signal === undefined ? {} : { signal })
    })
  )
}

/** Returns groups with `null` where a key is missing. */
export function groupsOf({ groups, ...found }: GroupResult): GroupAnswer {
  const keyOf = (key: readonly (Json | undefined)[]): readonly Json[] =>
    key.map((value) => value ?? null)
  return { ...found, groups: groups.map((each) => ({ ...each, key: keyOf(each.key) })) }
}

async function fields(
  workspace: Workspace,
  { address }: AddressRequest,
  signal: AbortSignal | undefined
): Promise<FieldsAnswer> {
  const place = { ...inOf(address), ...(signal === undefined ? {} : { signal }) }
  const metrics: { [metric: string]: MetricDeclaration } = {}
  for await (const experiment of workspace.experiments.list(place)) {
    for (const [name, declaration] of Object.entries(experiment.fields.metrics ?? {})) {
      metrics[name] = { ...metrics[name], ...declaration }
    }
  }
  return {
    known: runFields(),
    used: await workspace.runs.names(place),
    metrics
  }
}

/** Returns where a question is asked. */
export function inOf(address: string | undefined): { readonly in?: string } {
  return address === undefined || address === '' ? {} : { in: address }
}
