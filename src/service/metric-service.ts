import { branchOf } from '../format/paths.ts'
import type { KeyOf, ObjectKey } from '../model/kinds.ts'
import type { MetricRecord, MetricSummary, RunRecord } from '../model/records.ts'
import type { ProjectStore } from '../store/project-store.ts'
import type { Place } from './address-book.ts'
import { prepareUpdate } from './change.ts'
import { objectOf, type ServiceContext } from './context.ts'
import { ObjectService } from './object-service.ts'
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

  override async get(
    address: string,
    options: ReadOptions = {}
  ): Promise<StoredObject<'metric'> | undefined> {
    const stored = await super.get(address, options)
    return stored ?? (await this.#find(address, options.at))?.object
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
    const changes = { metrics: { [key.name]: undefined } } as unknown as Partial<RunRecord>
    const change = prepareUpdate<'run'>(store, run, changes)
    await store.transact([branchOf(run)], 'delete', (transaction) => change.apply(transaction))
    this.context.events.emit('delete', { kind: 'metric', address: found.object.address })
    return true
  }

  protected override async *listAll(options: ListOptions): AsyncGenerator<StoredObject<'metric'>> {
    yield* super.listAll(options)
    if (options.in === undefined) return
    const place = await this.context.book.find(options.in, ['run'], options.at)
    if (place === undefined) return
    const view = await place.store.viewOf(place.key, options.at)
    const run = await view?.record<'run'>(place.key)
    for (const [name, summary] of Object.entries(run?.metrics ?? {})) {
      const key: KeyOf<'metric'> = { ...place.key, kind: 'metric', name }
      yield summaryObject(place.store, key, run as RunRecord, summary, view?.commitOid ?? '')
    }
  }

  async #find(
    address: string,
    at: string | undefined
  ): Promise<{ place: Place<'metric'>; object: StoredObject<'metric'> } | undefined> {
    for (const place of await this.context.book.candidates(address, ['metric'])) {
      const { store, key } = place
      const runKey: ObjectKey = { kind: 'run', experiment: key.experiment, run: key.run }
      const view = await store.viewOf(runKey, at ?? place.at)
      const run = await view?.record<'run'>(runKey)
      const summary = run?.metrics?.[key.name]
      if (view === undefined || run === undefined || summary === undefined) continue
      return { place, object: summaryObject(store, key, run, summary, view.commitOid) }
    }
    return undefined
  }
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
