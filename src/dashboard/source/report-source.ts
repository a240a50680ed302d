import type { ExperimentRecord, MetricDeclaration } from '../../model/records.ts'
import { compareKeptRows, type KeptRows } from '../../service/kept-rows.ts'
import { type KeptRun, KeptRuns } from '../../service/kept-runs.ts'
import { runFields } from '../../service/query.ts'
import type { About, ActivityAnswer, FieldsAnswer, ProjectAnswer } from './answers.ts'
import { type CallMethod, sourceOf } from './call-source.ts'
import { fieldsOf, joinedRows } from './comparisons.ts'
import { problemOf } from './failures.ts'
import { codeChange } from './report-code.ts'
import type { ReportData, ReportRun, RunContents } from './report-data.ts'
import { missing, notIncluded } from './report-failures.ts'
import { keptOf } from './report-run.ts'
import type {
  CompareRequest,
  CompareRowsRequest,
  FindRequest,
  GroupRequest,
  HistoryRequest,
  RowsRequest,
  SeriesRequest
} from './requests.ts'
import type { ArtifactAnswer, Comparison, HistoryAnswer, SeriesAnswer } from './run-answers.ts'
import { rowOf } from './run-rows.ts'
import { groupsOf, inOf, tableOf, windowOf } from './run-tables.ts'
import { selectRows } from './select-rows.ts'
import { selectPoints } from './series.ts'
import { type Source, WRITING_METHODS } from './source.ts'
import { SourceError } from './source-error.ts'

const READ_ONLY_REASON = 'it is a report; a report is not changed.'

/** Makes the source of a report: it answers from what the report holds, and changes nothing. */
export function createReportSource(data: ReportData, load?: LoadContents): Source {
  const answers = new ReportAnswers(data, load)
  const call: CallMethod = async (method, request, { signal }) => {
    signal?.throwIfAborted()
    if (WRITING_METHODS.includes(method)) {
      const message = `Nothing can be changed here: ${READ_ONLY_REASON}`
      throw new SourceError({ code: 'READ_ONLY', message })
    }
    try {
      return await (answers[method as keyof ReportAnswers] as (request: object) => unknown).call(
        answers,
        request
      )
    } catch (error) {
      throw new SourceError(problemOf(error))
    }
  }
  return sourceOf(call)
}

/** Loads what lies in a run of a published site, by the name of its file. */
export type LoadContents = (file: string) => Promise<RunContents>

interface OfRun {
  readonly address: string
}

class ReportAnswers {
  readonly #data: ReportData
  readonly #load: LoadContents | undefined
  readonly #loaded = new Map<string, Promise<RunContents>>()
  readonly #runs: ReadonlyMap<string, ReportRun>
  readonly #kept: ReadonlyMap<string, KeptRun>
  readonly #table: KeptRuns

  constructor(data: ReportData, load: LoadContents | undefined) {
    this.#data = data
    this.#load = load
    this.#runs = new Map(data.runs.map((run) => [run.answer.address, run]))
    this.#kept = new Map(data.runs.map((run) => [run.answer.address, keptOf(data, run)]))
    const datasets = data.pages.flatMap((page) => page.datasets)
    this.#table = new KeptRuns([...this.#kept.values()], {
      datasets: Object.fromEntries(datasets.map(({ slug, record }) => [slug, record])),
      // What is asked for the last week means the week before it was made.
      nowMs: Date.parse(data.made)
    })
  }

  about(): About {
    const { version, projects, place, made, omitted } = this.#data
    const slugs = projects.map(({ slug }) => slug)
    return {
      way: this.#load === undefined ? 'report' : 'published',
      writable: false,
      readOnlyReason: READ_ONLY_REASON,
      version,
      place,
      made,
      omitted,
      projects: slugs,
      ...(slugs.length === 1 ? { project: slugs[0] as string } : {})
    }
  }

  projects(): ReportData['projects'] {
    return this.#data.projects
  }

  project({ address }: OfRun): ProjectAnswer {
    const page = this.#data.pages.find(({ slug }) => slug === address)
    return page ?? missing(address)
  }

  activity({ address }: OfRun): ActivityAnswer {
    return { entries: this.#data.activity[address] ?? [] }
  }

  fields({ address }: OfRun): FieldsAnswer {
    const metrics: { [metric: string]: MetricDeclaration } = {}
    for (const { record } of this.#experiments()) Object.assign(metrics, record.metrics)
    return {
      known: runFields(),
      used: this.#table.names(address),
      metrics
    }
  }

  async find(request: FindRequest): Promise<ReturnType<typeof tableOf>> {
    const { address, filter, sort, columns } = request
    const { offset, limit } = windowOf(request)
    const found = await this.#table.find({
      ...inOf(address),
      filter: filter === '' ? undefined : filter,
      sort: sort?.length === 0 ? undefined : sort,
      columns,
      offset,
      limit
    })
    return tableOf(found, offset)
  }

  async group(request: GroupRequest): Promise<ReturnType<typeof groupsOf>> {
    const { address, filter, ...question } = request
    const found = await this.#table.group({
      ...question,
      ...inOf(address),
      filter: filter === '' ? undefined : filter
    })
    return groupsOf(found)
  }

  run({ address }: OfRun): ReportRun['answer'] {
    return this.#find(address).answer
  }

  async series(request: SeriesRequest): Promise<SeriesAnswer> {
    const { runs, metrics } = request
    const contents = await Promise.all(runs.map((address) => this.#contents(address)))
    const series = contents.flatMap((each) =>
      each.series
        .filter(({ metric }) => metrics === undefined || metrics.includes(metric))
        .map(({ total, isThinned, ...points }) => {
          const selected = selectPoints(points, request)
          return { ...points, ...selected, total, isThinned: isThinned || selected.isThinned }
        })
    )
    return { series }
  }

  async value({
    address,
    metric
  }: OfRun & { readonly metric: string }): Promise<RunContents['values'][number]> {
    const { values } = await this.#contents(address)
    const found = values.find(({ name }) => name === metric)
    return found ?? missing(`${address}/metrics/${metric}`)
  }

  async rows(request: RowsRequest): Promise<RunContents['rows'][string]> {
    const { columns, key, rows } = await this.#rowsOf(request.address, request.result)
    const selected = await selectRows(rows, request)
    return { columns, ...selected, ...(key === undefined ? {} : { key }) }
  }

  async log({
    address,
    cursor
  }: OfRun & { readonly cursor?: string }): Promise<RunContents['log']> {
    const { log } = await this.#contents(address)
    return cursor === undefined ? log : { ...log, text: '', isCut: false }
  }

  async artifact(
    request: OfRun & { readonly path: string; readonly maxBytes?: number }
  ): Promise<ArtifactAnswer> {
    const { address, path, maxBytes = Number.POSITIVE_INFINITY } = request
    const { artifacts } = await this.#contents(address)
    const found = artifacts.find((artifact) => artifact.path === path)
    if (found !== undefined) {
      const isCut = found.isCut || found.bytes.length > maxBytes
      return { ...found, bytes: found.bytes.slice(0, maxBytes), isCut }
    }
    throw notIncluded(`The content of ${path}`)
  }

  async code({ address }: OfRun): Promise<RunContents['code']> {
    return (await this.#contents(address)).code
  }

  history({ address, skip = 0, limit = Number.POSITIVE_INFINITY }: HistoryRequest): HistoryAnswer {
    const { entries } = this.#historyOf(address)
    const end = skip + limit
    return { entries: entries.slice(skip, end), isCut: end < entries.length }
  }

  #historyOf(address: string): HistoryAnswer {
    const run = this.#runs.get(address)
    if (run !== undefined) return run.history
    const [project = '', experiment] = address.split('/')
    const { entries } = this.activity({ address: project })
    return {
      entries: entries.filter(
        (entry) => experiment === undefined || entry.experiment === experiment
      ),
      isCut: false
    }
  }

  async compare({ runs }: CompareRequest): Promise<Comparison> {
    if (runs.length < 2) throw new TypeError('a comparison needs two runs or more')
    const found = runs.map((address) => this.#find(address))
    const kept = found.map(({ answer }) => this.#kept.get(answer.address) as KeptRun)
    const declared = ({ run }: KeptRun): { readonly [metric: string]: MetricDeclaration } =>
      this.#find(run.address).answer.declarations
    return {
      runs: kept.map(({ run }) => rowOf(run)),
      fields: fieldsOf(await this.#table.compare(kept, declared)),
      code: await Promise.all(
        kept.map((run) => codeChange(kept[0] as KeptRun, run, (each) => this.code(each)))
      ),
      unreadable: []
    }
  }

  async compareRows(request: CompareRowsRequest): Promise<ReturnType<typeof joinedRows>> {
    const { base, other, result, key, column } = request
    const side = async (address: string): Promise<KeptRows> => {
      const { columns, key: declared, rows } = await this.#rowsOf(address, result)
      const metrics = this.#find(address).answer.declarations
      return { address, columns, rows, key: declared, metrics }
    }
    const options = { key, by: column, all: true }
    const sides = [await side(base), await side(other)] as const
    return joinedRows(await compareKeptRows(sides, result, options), request)
  }

  live(): never {
    throw notIncluded('What happens now')
  }

  conflicts(): readonly never[] {
    return []
  }

  views({ address }: OfRun): ReportData['views'][string] {
    return this.#data.views[address] ?? []
  }

  #experiments(): readonly { readonly address: string; readonly record: ExperimentRecord }[] {
    return this.#data.pages.flatMap(({ experiments }) => experiments)
  }

  /** Finds a run by its address, its id, or the beginning of its id. */
  #find(address: string): ReportRun {
    const exact = this.#runs.get(address)
    if (exact !== undefined) return exact
    const id = address.split('/').at(-1) as string
    const found = id === '' ? [] : this.#data.runs.filter(({ answer }) => answer.id.startsWith(id))
    return found.length === 1 ? (found[0] as ReportRun) : missing(address)
  }

  async #contents(address: string): Promise<RunContents> {
    const { contents, file } = this.#find(address)
    if (contents !== undefined) return contents
    if (file === undefined || this.#load === undefined) throw notIncluded(`What ${address} logged`)
    const loaded = this.#loaded.get(file) ?? this.#load(file)
    this.#loaded.set(file, loaded)
    loaded.catch(() => this.#loaded.delete(file))
    return loaded
  }

  async #rowsOf(address: string, result: string): Promise<RunContents['rows'][string]> {
    const { rows } = await this.#contents(address)
    return Object.hasOwn(rows, result)
      ? (rows[result] as RunContents['rows'][string])
      : missing(`${address}/results/${result}`)
  }
}
