import type { Json } from '../base/json.ts'
import type { StoredObject } from '../service/objects.ts'
import type { FindResult } from '../service/query.ts'
import { type Describable, fieldsOf } from './print.ts'
import type { PlainTable } from './table-output.ts'
import { flatten } from './values.ts'

/**
 * Returns found runs as a table for other programs: the columns that were asked for, else what they are,
 * all parameters, and the main value of each metric.
 */
export function plainRuns({ rows, columns }: Pick<FindResult, 'rows' | 'columns'>): PlainTable {
  if (columns.length > 0) {
    return {
      columns: ['run', ...columns],
      rows: rows.map(({ run, values }) => [run.address, ...values])
    }
  }
  const runs = rows.map(({ run }) => run)
  const params = runs.map((run) => flatten(run.fields.params))
  const paramNames = [...new Set(params.flatMap((each) => [...each.keys()]))]
  const metricNames = [...new Set(runs.flatMap((run) => Object.keys(run.fields.metrics ?? {})))]
  return {
    columns: [
      ...['run', 'name', 'status', 'started', 'finished', 'tags'],
      ...paramNames.map((name) => `params.${name}`),
      ...metricNames.map((name) => `metrics.${name}`)
    ],
    rows: runs.map((run, index) => [
      ...ownCells(run),
      ...paramNames.map((name) => params[index]?.get(name)),
      ...metricNames.map((name) => {
        const summary = run.fields.metrics?.[name]
        return summary?.mean ?? summary?.last
      })
    ])
  }
}

/** Returns objects as a table for other programs: their addresses, and every field that one of them has. */
export function plainObjects(objects: readonly Describable[]): PlainTable {
  const fields = objects.map((object) => flatten(fieldsOf(object)))
  const names = [...new Set(fields.flatMap((each) => [...each.keys()]))]
  return {
    columns: ['address', ...names],
    rows: objects.map(({ address }, index) => [
      address,
      ...names.map((name) => fields[index]?.get(name))
    ])
  }
}

function ownCells(run: StoredObject<'run'>): readonly (Json | undefined)[] {
  const { name, status, started, finished, tags } = fieldsOf(run)
  return [run.address, name, status, started, finished, Array.isArray(tags) ? tags.join(' ') : tags]
}
