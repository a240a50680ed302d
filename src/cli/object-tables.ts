import type { StoredObject } from '../service/objects.ts'
import type { Context } from './context.ts'
import { bestOf, formatSummary, mainValue } from './run-table.ts'
import { type Column, formatTable } from './table.ts'
import { formatAge } from './values.ts'

type View = Pick<Context, 'colors' | 'out' | 'now'>

function table(
  view: View,
  columns: readonly Column[],
  rows: readonly (readonly string[])[]
): string {
  return formatTable(columns, rows, { width: view.out.columns, colors: view.colors }).text
}

/** Formats projects as a table. */
export function formatProjectTable(
  view: View,
  projects: readonly StoredObject<'project'>[]
): string {
  return table(
    view,
    [
      { title: 'project', maxWidth: 63, paint: (text) => view.colors.yellow(text) },
      { title: 'name', rank: 1 },
      { title: 'created', rank: 2, minWidth: 10, paint: (text) => view.colors.dim(text) },
      { title: 'description', rank: 3, maxWidth: 60 }
    ],
    projects.map(({ id, project, fields }) => [
      project,
      fields.name === id ? '' : fields.name,
      formatAge(fields.created, view.now()),
      fields.description ?? ''
    ])
  )
}

/** Formats experiments as a table, with the number, the last and the best of their runs. */
export function formatExperimentTable(
  view: View,
  experiments: readonly StoredObject<'experiment'>[],
  runs: readonly StoredObject<'run'>[]
): string {
  const rows = experiments.map((experiment) => {
    const own = runs.filter((run) => run.key.experiment === experiment.id)
    const last = own
      .map((run) => run.fields.started ?? run.fields.created)
      .sort()
      .at(-1)
    const live = own.filter((run) => run.fields.status === 'running').length
    return [
      experiment.id,
      experiment.fields.name === experiment.id ? '' : experiment.fields.name,
      String(own.length),
      live === 0 ? '' : String(live),
      formatAge(last, view.now()),
      bestText(experiment, own),
      experiment.fields.description ?? ''
    ]
  })
  const columns: Column[] = [
    { title: 'experiment', maxWidth: 63, paint: (text) => view.colors.yellow(text) },
    { title: 'name', rank: 5 },
    { title: 'runs', align: 'right' },
    { title: 'running', rank: 1, align: 'right', paint: (text) => view.colors.cyan(text) },
    { title: 'last run', rank: 1, minWidth: 10, paint: (text) => view.colors.dim(text) },
    { title: 'best', rank: 2, minWidth: 14 },
    { title: 'description', rank: 3, maxWidth: 60 }
  ]
  return table(view, columns, rows)
}

/** Names the best value of the first metric for which the experiment declares a goal. */
function bestText(
  experiment: StoredObject<'experiment'>,
  runs: readonly StoredObject<'run'>[]
): string {
  const declared = Object.entries(experiment.fields.metrics ?? {})
  const [name, metric] = declared.find(([, each]) => each.goal !== undefined) ?? []
  if (name === undefined) return ''
  const values = runs.map((run) => mainValue(run.fields.metrics?.[name]))
  const best = bestOf(values, metric?.goal)
  const run = runs[values.indexOf(best)]
  return run === undefined ? '' : `${name} ${formatSummary(run.fields.metrics?.[name])}`
}

/** Formats datasets or views as a table. */
export function formatObjectTable(
  view: View,
  objects: readonly (StoredObject<'dataset'> | StoredObject<'view'>)[]
): string {
  const rows = objects.map((object) => {
    const dataset =
      object.kind === 'dataset' ? (object.fields as StoredObject<'dataset'>['fields']) : undefined
    return [
      object.id,
      object.fields.name === object.id ? '' : object.fields.name,
      dataset?.version ?? '',
      dataset?.rows === undefined ? '' : String(dataset.rows),
      formatAge(object.fields.created, view.now()),
      dataset?.description ?? ''
    ]
  })
  return table(
    view,
    [
      { title: objects[0]?.kind ?? '', maxWidth: 63, paint: (text) => view.colors.yellow(text) },
      { title: 'name', rank: 2 },
      { title: 'version', rank: 3 },
      { title: 'rows', rank: 4, align: 'right' },
      { title: 'created', rank: 1, minWidth: 10, paint: (text) => view.colors.dim(text) },
      { title: 'description', rank: 5, maxWidth: 60 }
    ],
    rows
  )
}
