import { decodeUtf8 } from '../base/bytes.ts'
import type { JsonObject } from '../base/json.ts'
import { removedMetricsOf } from '../format/merge-summaries.ts'
import type { RunRecord } from '../model/records.ts'
import { fieldsOf, prepareFilter } from '../query/language/prepare.ts'
import { readSort } from '../query/language/sort-key.ts'
import { neededFor } from '../query/related.ts'
import type { QueryScope } from '../query/scan.ts'
import { storeErrors } from '../store/errors.ts'
import { listLiveRuns } from '../store/live-runs.ts'
import { viewOfRun } from '../store/live-view.ts'
import type { ProjectStore } from '../store/project-store.ts'
import { recoverRuns } from '../store/recovery.ts'
import { readRunCode } from '../store/run-code.ts'
import type { Place } from './address-book.ts'
import type { CompareOptions, CompareRowsOptions, RowComparison, RunComparison } from './compare.ts'
import { addressOf, objectOf, type ServiceContext } from './context.ts'
import { LiveFollower } from './live-follower.ts'
import { ObjectService } from './object-service.ts'
import type { StoredObject } from './objects.ts'
import type {
  BestOptions,
  FindOptions,
  FindResult,
  GroupOptions,
  GroupResult,
  QueryOptions,
  RunTable
} from './query.ts'
import { type OpenRun, readContents, readRows, readSeries, readText } from './run-contents.ts'
import { RunQueries } from './run-query.ts'
import type {
  ContentsOptions,
  LiveChanges,
  LiveRun,
  OverviewColumns,
  RecoveredRun,
  RunContents,
  RunService,
  RunText,
  SeriesColumns,
  SeriesPoint,
  StoredCode
} from './runs.ts'
import type { ListOptions, ReadOptions } from './service.ts'

/** Runs, those in progress with every row that they acknowledged. */
export class TrackedRunService extends ObjectService<'run'> implements RunService {
  readonly #queries: RunQueries
  readonly #follower = new LiveFollower((store, key) => this.read({ store, key }))

  constructor(context: ServiceContext) {
    super(context, 'run')
    this.#queries = new RunQueries(
      (options) => this.#queryScopes(options),
      () => this.nowMs()
    )
  }

  find(options: FindOptions = {}): Promise<FindResult> {
    return this.#queries.find(options)
  }

  table(options: FindOptions = {}): Promise<RunTable> {
    return this.#queries.table(options)
  }

  count(options: QueryOptions = {}): Promise<number> {
    return this.#queries.count(options)
  }

  group(options: GroupOptions): Promise<GroupResult> {
    return this.#queries.group(options)
  }

  best(options: BestOptions = {}): Promise<FindResult> {
    return this.#queries.best(options)
  }

  async compare(
    addresses: readonly string[],
    options: CompareOptions = {}
  ): Promise<RunComparison> {
    const { compareRuns } = await import('./run-compare.ts')
    return compareRuns(this.context, addresses, options)
  }

  async compareRows(
    addresses: readonly string[],
    result: string,
    options: CompareRowsOptions = {}
  ): Promise<RowComparison> {
    const { compareResultRows } = await import('./run-compare-rows.ts')
    return compareResultRows(this.context, addresses, result, options)
  }

  override async *list(options: ListOptions = {}): AsyncGenerator<StoredObject<'run'>> {
    const fields = [
      ...fieldsOf(await prepareFilter('run', options.filter)),
      ...readSort(options.sort).map(({ field }) => field)
    ]
    if (neededFor(fields).size === 0) {
      yield* super.list(options)
      return
    }
    const { rows } = await this.find({ ...options, sort: options.sort ?? 'address' })
    for (const { run } of rows) yield run
  }

  async *series(
    address: string,
    options: ReadOptions & { readonly metrics?: readonly string[] } = {}
  ): AsyncGenerator<SeriesPoint> {
    const wanted = options.metrics && new Set(options.metrics)
    for (const point of await readSeries(await this.#open(address, options))) {
      if (wanted === undefined || wanted.has(point.metric)) yield point
    }
  }

  async seriesColumns(
    address: string,
    options: ReadOptions & { readonly metrics?: readonly string[] } = {}
  ): Promise<readonly SeriesColumns[]> {
    const [{ store, view, key }, { readSeriesColumns }] = await Promise.all([
      this.#open(address, options),
      import('../store/series-cache.ts')
    ])
    const { metrics, signal } = options
    return readSeriesColumns(store, view, key, {
      removed: removedMetricsOf((await view.record<'run'>(key)) as RunRecord),
      ...(metrics === undefined ? {} : { metrics: new Set(metrics) }),
      ...(signal === undefined ? {} : { signal })
    })
  }

  async seriesOverview(
    address: string,
    options: ReadOptions = {}
  ): Promise<readonly OverviewColumns[] | undefined> {
    const [{ view, key }, { readOverview }] = await Promise.all([
      this.#open(address, options),
      import('../store/series-overview.ts')
    ])
    const record = (await view.record<'run'>(key)) as RunRecord
    return readOverview(view, key, removedMetricsOf(record))
  }

  async *rows(
    address: string,
    result: string,
    options: ReadOptions = {}
  ): AsyncGenerator<JsonObject> {
    yield* readRows(await this.#open(address, options), result, options.signal)
  }

  async text(
    address: string,
    options: ReadOptions & { readonly after?: string } = {}
  ): Promise<RunText> {
    const read = parseCursor(options.after)
    let text = ''
    for (const [writer, bytes] of await readText(await this.#open(address, options))) {
      text += decodeUtf8(bytes.subarray(read.get(writer) ?? 0))
      read.set(writer, bytes.length)
    }
    return { text, cursor: [...read].map(([writer, size]) => `${writer}:${size}`).join(',') }
  }

  contents(
    addresses: readonly string[],
    options: ContentsOptions = {}
  ): AsyncGenerator<RunContents> {
    return readContents(this.context, addresses, options)
  }

  async *children(address: string): AsyncGenerator<StoredObject<'run'>> {
    const { store, key } = await this.context.book.require(address, ['run'])
    const experiment = addressOf(store, { kind: 'experiment', experiment: key.experiment })
    yield* this.list({ in: experiment, filter: { parent: key.run } })
  }

  async *live(options: { readonly in?: string } = {}): AsyncGenerator<LiveRun> {
    for (const { store, within } of await this.#liveScopes(options.in)) {
      for (const { key, alive, silentMs } of await listLiveRuns(store, within)) {
        const run = await this.read({ store, key })
        if (run !== undefined) yield { run, alive, silentMs }
      }
    }
  }

  async changes(
    options: { readonly in?: string; readonly cursor?: string } = {}
  ): Promise<LiveChanges> {
    return this.#follower.look(await this.#liveScopes(options.in), options.cursor)
  }

  async code(address: string, options: ReadOptions = {}): Promise<StoredCode | undefined> {
    const { view, key } = await this.#open(address, options)
    return readRunCode(view, key)
  }

  names(options: Pick<QueryOptions, 'in' | 'at' | 'signal'> = {}): Promise<readonly string[]> {
    return this.#queries.names(options)
  }

  async recover(options: { readonly in?: string } = {}): Promise<readonly RecoveredRun[]> {
    const recovered: RecoveredRun[] = []
    for (const { store, within } of await this.#liveScopes(options.in)) {
      const report = await recoverRuns(store, within)
      for (const { key, status, commitOid } of report.recovered) {
        const address = addressOf(store, key)
        recovered.push({ address, status })
        this.context.events.emit('finish', { address, status, commitOid })
      }
      for (const { folder, error } of report.failed) {
        this.context.events.emit('damaged', { project: store.slug, path: folder, error })
      }
    }
    return recovered
  }

  protected override async read({
    store,
    key,
    at
  }: Place<'run'>): Promise<StoredObject<'run'> | undefined> {
    const view = await viewOfRun(store, key, at)
    const record = await view?.record<'run'>(key)
    if (view === undefined || record === undefined) return undefined
    return objectOf<'run'>(store, key, record, view.commitOid)
  }

  protected override async *listAll(options: ListOptions): AsyncGenerator<StoredObject<'run'>> {
    const live = new Map<ProjectStore, ReadonlySet<string>>()
    for await (const listed of super.listAll(options)) {
      if (options.at !== undefined || listed.fields.status !== 'running') {
        yield listed
        continue
      }
      const store = (await this.context.workspace.project(listed.project)) as ProjectStore
      const runs = live.get(store) ?? new Set((await listLiveRuns(store)).map(({ key }) => key.run))
      live.set(store, runs)
      const fresh = runs.has(listed.id) ? await this.read({ store, key: listed.key }) : undefined
      yield fresh ?? listed
    }
  }

  async *#queryScopes({
    onDamaged,
    in: place,
    ...options
  }: QueryOptions): AsyncGenerator<QueryScope> {
    const scopes = this.scopes({
      ...options,
      ...(place === undefined ? {} : { in: place }),
      ...(onDamaged === undefined ? {} : { onDamaged })
    })
    for await (const scope of scopes) yield { ...scope, isNow: options.at === undefined }
  }

  async #open(address: string, options: ReadOptions): Promise<OpenRun> {
    options.signal?.throwIfAborted()
    const { store, key, at } = await this.context.book.require(address, ['run'], options.at)
    const view = await viewOfRun(store, key, at)
    if (view === undefined) throw storeErrors.create('STORE_NOT_FOUND', { address, kind: 'run' })
    return { store, view, key }
  }

  async #liveScopes(address: string | undefined): Promise<
    readonly {
      store: ProjectStore
      within: { readonly experiment?: string; readonly run?: string }
    }[]
  > {
    const { book, workspace } = this.context
    if (address !== undefined) {
      const { store, key } = await book.require(address, ['project', 'experiment', 'run'] as const)
      const { kind: _, ...within } = key as { kind: string; experiment?: string; run?: string }
      return [{ store, within }]
    }
    const slugs =
      book.currentProject === undefined ? await workspace.projects() : [book.currentProject]
    const stores = await Promise.all(slugs.map((slug) => workspace.project(slug)))
    return stores.flatMap((store) => (store === undefined ? [] : [{ store, within: {} }]))
  }
}

/** Reads how many bytes of each writer's text were read; a part only grows. */
function parseCursor(cursor: string | undefined): Map<string, number> {
  const entries = (cursor ?? '').split(',').filter(Boolean)
  return new Map(
    entries.map((entry) => {
      const [writer = '', size] = entry.split(':')
      if (!Number.isSafeInteger(Number(size)))
        throw new TypeError(`${cursor} is no cursor of a text`)
      return [writer, Number(size)]
    })
  )
}
