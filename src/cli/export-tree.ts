import type { JsonObject } from '../base/json.ts'
import type { StoredObject } from '../service/objects.ts'
import { formatObject } from '../service/parse.ts'
import type { SeriesPoint } from '../service/runs.ts'
import type { Workspace } from '../service/workspace.ts'
import type { Context } from './context.ts'
import { collect, isKind, isStructured, readEnvironment } from './find.ts'
import { type Describable, fieldsOf, flatObject, jsonText } from './print.ts'

/** A file of an export. */
export interface ExportedFile {
  /** Names of folders, then of the file. */
  readonly names: readonly string[]
  readonly content: Uint8Array | string
}

/** What is exported. */
export interface ExportOptions {
  /** The commit or tag. Default: now. */
  readonly at?: string | undefined
  /** Only these runs. Default: all. */
  readonly runs?: readonly StoredObject<'run'>[] | undefined
}

type Source = Pick<Context, 'signal' | 'err' | 'colors'>

/** Gives the files of an object and all below it, one after another (docs/CLI.md, “Export”). */
export async function* exportFiles(
  context: Context,
  workspace: Workspace,
  object: StoredObject,
  options: ExportOptions = {}
): AsyncGenerator<ExportedFile> {
  const { at } = options
  if (isKind(object, 'run')) return yield* runFiles(context, workspace, object, [], at)
  yield { names: [`${object.kind}.yaml`], content: yamlOf(object) }
  if (isKind(object, 'experiment')) yield* experimentFiles(context, workspace, object, [], options)
  if (!isKind(object, 'project')) return
  for (const dataset of await listBelow(context, workspace, 'datasets', object, at)) {
    yield { names: ['datasets', `${dataset.id}.yaml`], content: yamlOf(dataset) }
  }
  for (const experiment of await listBelow(context, workspace, 'experiments', object, at)) {
    const names = ['experiments', experiment.id]
    yield { names: [...names, 'experiment.yaml'], content: yamlOf(experiment) }
    const found = experiment as StoredObject<'experiment'>
    yield* experimentFiles(context, workspace, found, names, options)
  }
}

/** Returns an object and all below it as one JSON value; the contents of artifacts are left out. */
export async function exportJson(
  context: Context,
  workspace: Workspace,
  object: StoredObject,
  options: ExportOptions = {}
): Promise<JsonObject> {
  const { at } = options
  const flat = flatObject(object)
  if (isKind(object, 'run')) {
    return { ...flat, below: await runJson(context, workspace, object, at) } as JsonObject
  }
  const below: { [name: string]: JsonObject[] } = {}
  if (isKind(object, 'project')) {
    below.datasets = (await listBelow(context, workspace, 'datasets', object, at)).map(flatObject)
    below.experiments = []
    for (const experiment of await listBelow(context, workspace, 'experiments', object, at)) {
      below.experiments.push(
        await exportJson(context, workspace, experiment as StoredObject, options)
      )
    }
  } else if (isKind(object, 'experiment')) {
    below.runs = []
    for (const run of await runsOf(context, workspace, object, options)) {
      below.runs.push(await exportJson(context, workspace, run as StoredObject, options))
    }
  }
  return Object.keys(below).length === 0 ? flat : { ...flat, below }
}

async function* experimentFiles(
  context: Context,
  workspace: Workspace,
  experiment: StoredObject<'experiment'>,
  names: readonly string[],
  options: ExportOptions
): AsyncGenerator<ExportedFile> {
  for (const run of await runsOf(context, workspace, experiment, options)) {
    yield* runFiles(context, workspace, run, [...names, 'runs', run.id], options.at)
  }
}

async function* runFiles(
  context: Context,
  workspace: Workspace,
  run: StoredObject<'run'>,
  folder: readonly string[],
  at: string | undefined
): AsyncGenerator<ExportedFile> {
  const read = readOptions(context, at)
  const file = (names: readonly string[], content: string | Uint8Array): ExportedFile => ({
    names: [...folder, ...names],
    content
  })
  yield file(['run.yaml'], yamlOf(run))
  const environment = await readEnvironment(context, workspace, run.address, read)
  if (environment !== undefined) yield file(['environment.yaml'], yamlOf(environment))
  for (const kind of ['splits', 'computations', 'metrics'] as const) {
    for (const part of await listBelow(context, workspace, kind, run, at)) {
      yield file([kind, `${part.id}.yaml`], yamlOf(part))
    }
  }
  for (const result of await listBelow(context, workspace, 'results', run, at)) {
    yield file(['results', result.id, 'result.yaml'], yamlOf(result))
    const rows: string[] = []
    for await (const row of workspace.runs.rows(run.address, result.id, read)) {
      rows.push(`${jsonText(row)}\n`)
    }
    yield file(['results', result.id, 'rows.jsonl'], rows.join(''))
  }
  const series = await seriesLines(workspace, run, read)
  if (series.length > 1) yield file(['series.tsv'], series.join(''))
  const { text } = await workspace.runs.text(run.address, read)
  if (text !== '') yield file(['log.txt'], text)
  for await (const artifact of workspace.artifacts.list(run.address, read)) {
    const bytes = artifact.present
      ? await workspace.artifacts.read(artifact.address, read)
      : undefined
    const names = ['artifacts', ...artifact.path.split('/')]
    if (bytes !== undefined) yield file(names, bytes)
    else if (artifact.uri !== undefined) {
      yield file([...names.slice(0, -1), `${names.at(-1)}.url`], `${artifact.uri}\n`)
    }
  }
}

async function runJson(
  context: Context,
  workspace: Workspace,
  run: StoredObject<'run'>,
  at: string | undefined
): Promise<object> {
  const read = readOptions(context, at)
  const parts = async (kind: 'splits' | 'computations' | 'metrics'): Promise<JsonObject[]> =>
    (await listBelow(context, workspace, kind, run, at)).map(flatObject)
  const results: object[] = []
  for (const result of await listBelow(context, workspace, 'results', run, at)) {
    const rows = await collectAll(workspace.runs.rows(run.address, result.id, read))
    results.push({ ...flatObject(result), below: { rows } })
  }
  const environment = await readEnvironment(context, workspace, run.address, read)
  return {
    splits: await parts('splits'),
    computations: await parts('computations'),
    metrics: await parts('metrics'),
    results,
    series: await collectAll(workspace.runs.series(run.address, read)),
    log: (await workspace.runs.text(run.address, read)).text,
    artifacts: await collectAll(workspace.artifacts.list(run.address, read)),
    ...(environment === undefined ? {} : { environment: flatObject(environment) })
  }
}

type ListedService = 'datasets' | 'experiments' | 'splits' | 'computations' | 'metrics' | 'results'

async function listBelow(
  context: Context,
  workspace: Workspace,
  service: ListedService,
  parent: Describable & { readonly project: string },
  at: string | undefined
): Promise<readonly (Describable & { readonly id: string; readonly project: string })[]> {
  const place =
    parent.kind === 'project' && parent.project === workspace.project ? {} : { in: parent.address }
  const found = await collect<Describable & { readonly id: string; readonly project: string }>(
    context,
    (onDamaged) => workspace[service].list({ ...place, ...readOptions(context, at), onDamaged })
  )
  return service === 'metrics' ? (found as StoredObject<'metric'>[]).filter(isStructured) : found
}

async function runsOf(
  context: Context,
  workspace: Workspace,
  experiment: StoredObject<'experiment'>,
  { at, runs }: ExportOptions
): Promise<readonly StoredObject<'run'>[]> {
  if (runs !== undefined) {
    const { project, id } = experiment
    return runs.filter((run) => run.project === project && run.key.experiment === id)
  }
  return collect(context, (onDamaged) =>
    workspace.runs.list({ in: experiment.address, ...readOptions(context, at), onDamaged })
  )
}

function readOptions(
  context: Pick<Source, 'signal'>,
  at: string | undefined
): { readonly signal: AbortSignal; readonly at?: string } {
  return { signal: context.signal, ...(at === undefined ? {} : { at }) }
}

async function seriesLines(
  workspace: Workspace,
  run: StoredObject<'run'>,
  read: { readonly signal: AbortSignal; readonly at?: string }
): Promise<string[]> {
  const lines = ['step\ttime\tmetric\tsplit\tvalue\n']
  for await (const point of workspace.runs.series(run.address, read)) lines.push(seriesLine(point))
  return lines
}

function seriesLine({ step, time, metric, split, value }: SeriesPoint): string {
  return `${[step, time, cell(metric), cell(split ?? ''), value].join('\t')}\n`
}

const CELL_ESCAPES: { readonly [character: string]: string } = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r'
}

function cell(text: string): string {
  return text.replace(/[\\\t\n\r]/g, (character) => CELL_ESCAPES[character] as string)
}

function yamlOf(object: Describable): string {
  return formatObject({ ...object, fields: fieldsOf(object) })
}

async function collectAll<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}
