import type { JsonObject } from '../base/json.ts'
import type { StoredObject } from '../service/objects.ts'
import { formatObject } from '../service/parse.ts'
import type { RunContents, RunRecordKind, SeriesPoint } from '../service/runs.ts'
import type { Workspace } from '../service/workspace.ts'
import type { Context } from './context.ts'
import { collect, isKind, readEnvironment } from './find.ts'
import { formatNode, type JsonNode, mapped } from './json-node.ts'
import { createPause } from './pause.ts'
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
  if (isKind(object, 'run')) {
    for await (const contents of contentsOf(context, workspace, [object], at)) {
      yield* runFiles(context, workspace, contents, [], at)
    }
    return
  }
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

/**
 * Gives an object and all below it as the text of one JSON value, in pieces; the contents of artifacts are left
 * out.
 */
export async function* exportJson(
  context: Context,
  workspace: Workspace,
  object: StoredObject,
  options: ExportOptions = {}
): AsyncGenerator<string> {
  yield* formatNode(await jsonNode(context, workspace, object, options), '')
  yield '\n'
}

async function jsonNode(
  context: Context,
  workspace: Workspace,
  object: StoredObject,
  options: ExportOptions
): Promise<JsonNode> {
  const { at } = options
  const flat = flatObject(object)
  if (isKind(object, 'run')) {
    for await (const contents of contentsOf(context, workspace, [object], at)) {
      return { flat: await runJson(context, contents) }
    }
  }
  if (isKind(object, 'experiment')) {
    const runs = await runsOf(context, workspace, object, options)
    const contents = contentsOf(context, workspace, runs, at)
    return {
      flat,
      below: { runs: mapped(contents, async (run) => ({ flat: await runJson(context, run) })) }
    }
  }
  if (!isKind(object, 'project')) return { flat }
  const experiments = await listBelow(context, workspace, 'experiments', object, at)
  return {
    flat,
    below: {
      datasets: mapped(
        await listBelow(context, workspace, 'datasets', object, at),
        async (dataset) => ({
          flat: flatObject(dataset)
        })
      ),
      experiments: mapped(experiments, (experiment) =>
        jsonNode(context, workspace, experiment as StoredObject, options)
      )
    }
  }
}

/** Reads runs together, and stops in between when the command is to end. */
async function* contentsOf(
  context: Context,
  workspace: Workspace,
  runs: readonly Pick<StoredObject, 'address'>[],
  at: string | undefined
): AsyncGenerator<RunContents> {
  const pause = createPause(context)
  const addresses = runs.map(({ address }) => address)
  for await (const contents of workspace.runs.contents(addresses, readOptions(context, at))) {
    await pause()
    yield contents
  }
}

async function* experimentFiles(
  context: Context,
  workspace: Workspace,
  experiment: StoredObject<'experiment'>,
  names: readonly string[],
  options: ExportOptions
): AsyncGenerator<ExportedFile> {
  const { at } = options
  const runs = await runsOf(context, workspace, experiment, options)
  for await (const contents of contentsOf(context, workspace, runs, at)) {
    yield* runFiles(context, workspace, contents, [...names, 'runs', contents.run.id], at)
  }
}

async function* runFiles(
  context: Context,
  workspace: Workspace,
  contents: RunContents,
  folder: readonly string[],
  at: string | undefined
): AsyncGenerator<ExportedFile> {
  const read = readOptions(context, at)
  const file = (names: readonly string[], content: string | Uint8Array): ExportedFile => ({
    names: [...folder, ...names],
    content
  })
  yield file(['run.yaml'], yamlOf(contents.run))
  const environment = await readEnvironment(context, contents.environment)
  if (environment !== undefined) yield file(['environment.yaml'], yamlOf(environment))
  for (const kind of PART_KINDS) {
    for (const part of await listParts(context, contents, kind)) {
      yield file([`${kind}s`, `${part.id}.yaml`], yamlOf(part))
    }
  }
  for (const result of await listParts(context, contents, 'result')) {
    yield file(['results', result.id, 'result.yaml'], yamlOf(result))
    const rows: string[] = []
    for await (const row of contents.rows(result.id)) rows.push(`${jsonText(row)}\n`)
    yield file(['results', result.id, 'rows.jsonl'], rows.join(''))
  }
  const series = (await contents.series()).map(seriesLine)
  if (series.length > 0) yield file(['series.tsv'], SERIES_HEADER + series.join(''))
  const text = await contents.text()
  if (text !== '') yield file(['log.txt'], text)
  for await (const artifact of contents.artifacts()) {
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

async function runJson(context: Context, contents: RunContents): Promise<JsonObject> {
  const parts = async (kind: RunRecordKind): Promise<JsonObject[]> =>
    (await listParts(context, contents, kind)).map(flatObject)
  const results: object[] = []
  for (const result of await listParts(context, contents, 'result')) {
    const rows = await collectAll(contents.rows(result.id))
    results.push({ ...flatObject(result), below: { rows } })
  }
  const environment = await readEnvironment(context, contents.environment)
  const below = {
    splits: await parts('split'),
    computations: await parts('computation'),
    metrics: await parts('metric'),
    results,
    series: await contents.series(),
    log: await contents.text(),
    artifacts: await collectAll(contents.artifacts()),
    ...(environment === undefined ? {} : { environment: flatObject(environment) })
  }
  return { ...flatObject(contents.run), below } as unknown as JsonObject
}

const PART_KINDS = ['split', 'computation', 'metric'] as const

function listParts<K extends RunRecordKind>(
  context: Context,
  contents: RunContents,
  kind: K
): Promise<StoredObject<K>[]> {
  return collect(context, (onDamaged) => contents.list(kind, { onDamaged }))
}

type ListedService = 'datasets' | 'experiments'

async function listBelow(
  context: Context,
  workspace: Workspace,
  service: ListedService,
  parent: Describable & { readonly project: string },
  at: string | undefined
): Promise<readonly (Describable & { readonly id: string; readonly project: string })[]> {
  const place =
    parent.kind === 'project' && parent.project === workspace.project ? {} : { in: parent.address }
  return collect<Describable & { readonly id: string; readonly project: string }>(
    context,
    (onDamaged) => workspace[service].list({ ...place, ...readOptions(context, at), onDamaged })
  )
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

const SERIES_HEADER = 'step\ttime\tmetric\tsplit\tvalue\n'

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
