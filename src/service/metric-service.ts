import { editRecord } from '../format/edit.ts'
import { branchOf } from '../format/paths.ts'
import type { KeyOf } from '../model/kinds.ts'
import type { MetricRecord, MetricSummary, RunRecord } from '../model/records.ts'
import { listRecords } from '../store/list.ts'
import { viewOfRun } from '../store/live-view.ts'
import type { ProjectStore } from '../store/project-store.ts'
import { readSeriesParts } from '../store/run-files.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Place } from './address-book.ts'
import { objectOf, type ServiceContext } from './context.ts'
import { ObjectService, type Scope } from './object-service.ts'
import type { StoredObject } from './objects.ts'
import type { ListOptions, ReadOptions, WriteOptions } from './service.ts'

/** The type of a metric whose value is the summary of its series. */
export const SERIES_TYPE = 'series'

/**
 * Structured values, which are records of their own, and the metrics that have a series, whose value is
 * the summary in their run's record.
 */
export class MetricService extends ObjectService<'metric'> {
  constructor(context: ServiceContext) {
    super(context, 'metric')
  }

  override async exists(address: string, options: ReadOptions = {}): Promise<boolean> {
    return (
      (await super.exists(address, options)) ||
      (await this.#find(address, options.at)) !== undefined
    )
  }

  /** Deletes a structured value; of a series the summary, and with it all points up to now. */
  override async delete(address: string, options: WriteOptions = {}): Promise<boolean> {
    if (await super.delete(address, options)) return true
    const found = await this.#find(address, undefined)
    if (found === undefined) return false
    const { store, key } = found.place
    const run: KeyOf<'run'> = { kind: 'run', experiment: key.experiment, run: key.run }
    await store.transact([branchOf(run)], 'delete', (transaction) =>
      removeSeries(transaction, run, key.name)
    )
    this.context.events.emit('delete', { kind: 'metric', address: found.object.address })
    return true
  }

  protected override async locate(
    address: string,
    at: string | undefined
  ): Promise<StoredObject<'metric'> | undefined> {
    return (await super.locate(address, at)) ?? (await this.#find(address, at))?.object
  }

  protected override async *listAll(options: ListOptions): AsyncGenerator<StoredObject<'metric'>> {
    yield* super.listAll(options)
    for await (const scope of this.scopes(options)) {
      for await (const { key, record } of runsIn(scope)) {
        for (const [name, summary] of Object.entries(record.metrics ?? {})) {
          const metric: KeyOf<'metric'> = { ...key, kind: 'metric', name }
          yield summaryObject(scope.store, metric, record, summary, scope.view.commitOid)
        }
      }
    }
  }

  async #find(
    address: string,
    at: string | undefined
  ): Promise<{ place: Place<'metric'>; object: StoredObject<'metric'> } | undefined> {
    for (const place of await this.context.book.candidates(address, ['metric'])) {
      const { store, key } = place
      const runKey: KeyOf<'run'> = { kind: 'run', experiment: key.experiment, run: key.run }
      const view = await viewOfRun(store, runKey, at ?? place.at)
      const run = await view?.record<'run'>(runKey)
      const summary = run?.metrics?.[key.name]
      if (view === undefined || run === undefined || summary === undefined) continue
      return { place, object: summaryObject(store, key, run, summary, view.commitOid) }
    }
    return undefined
  }
}

/** Reads the run of a scope, or all of its experiment. */
async function* runsIn({
  view,
  below,
  onDamaged
}: Scope): AsyncGenerator<{ readonly key: KeyOf<'run'>; readonly record: RunRecord }> {
  if (below.kind !== 'run') {
    yield* listRecords(view, 'run', below, onDamaged)
    return
  }
  const record = await view.record<'run'>(below)
  if (record !== undefined) yield { key: below, record }
}

function summaryObject(
  store: ProjectStore,
  key: KeyOf<'metric'>,
  run: RunRecord,
  summary: MetricSummary,
  commitOid: string
): StoredObject<'metric'> {
  const fields: MetricRecord = {
    schema: 'metric/1',
    created: run.created,
    name: key.name,
    type: SERIES_TYPE,
    value: { ...summary }
  }
  return objectOf<'metric'>(store, key, fields, commitOid)
}

/** Removes a metric from its run's record, with a stamp that no point of its series is later than. */
async function removeSeries(
  transaction: Transaction,
  run: KeyOf<'run'>,
  metric: string
): Promise<void> {
  const record = await transaction.read<'run'>(run)
  if (record === undefined) return
  const parts = await readSeriesParts(await transaction.view(run), run)
  const times = parts.flatMap(({ points }) =>
    points.filter((point) => point.metric === metric).map(({ time }) => time)
  )
  const lastMs = times.reduce((last, time) => Math.max(last, time), 0)
  const changes = { metrics: { [metric]: undefined } }
  transaction.write<'run'>(
    run,
    editRecord('run', record, changes, transaction.stamp(record, lastMs))
  )
}
