import { concatBytes, decodeUtf8 } from '../base/bytes.ts'
import type { JsonObject } from '../base/json.ts'
import { removedMetricsOf } from '../format/merge-summaries.ts'
import { parseRows } from '../format/rows.ts'
import { joinSeries } from '../format/summary.ts'
import type { KeyOf } from '../model/kinds.ts'
import { storeErrors } from '../store/errors.ts'
import { listRecords } from '../store/list.ts'
import type { ProjectStore } from '../store/project-store.ts'
import { openResult, readLogParts, readSeriesParts } from '../store/run-files.ts'
import { READ_AHEAD_FOLDERS, viewRuns } from '../store/runs-ahead.ts'
import type { View } from '../store/view.ts'
import type { Place } from './address-book.ts'
import { listArtifacts } from './artifact-service.ts'
import { addressOf, damageListener, objectOf, type ServiceContext } from './context.ts'
import type { StoredObject } from './objects.ts'
import type { ContentsOptions, RunContents, RunRecordKind, SeriesPoint } from './runs.ts'
import type { ListOptions } from './service.ts'

/** A run in the state in which it is read. */
export interface OpenRun {
  readonly store: ProjectStore
  readonly view: View
  readonly key: KeyOf<'run'>
}

/** Gives what is stored of runs, many of which are read at a time. @throws STORE_NOT_FOUND */
export async function* readContents(
  context: ServiceContext,
  addresses: readonly string[],
  { at, signal, folders = READ_AHEAD_FOLDERS }: ContentsOptions
): AsyncGenerator<RunContents> {
  const places: Place<'run'>[] = []
  for (const address of addresses) places.push(await findPlace(context, address, at))
  let number = 0
  for (const group of groupPlaces(places)) {
    const [{ store, at: revision }] = group as [Place<'run'>]
    const keys = group.map(({ key }) => key)
    for await (const { key, view, isLive } of viewRuns(store, keys, { at: revision, folders })) {
      signal?.throwIfAborted()
      const address = addresses[number++] as string
      const record = await view?.record<'run'>(key)
      if (view === undefined || record === undefined) {
        throw storeErrors.create('STORE_NOT_FOUND', { address, kind: 'run' })
      }
      const run = objectOf<'run'>(store, key, record, view.commitOid)
      // What is stored of artifacts is told, as by their service.
      const stored = isLive ? ((await store.viewOf(key)) ?? view) : view
      yield contentsOf(context, { store, view, key }, { run, stored, signal })
    }
  }
}

/** Finds a run; whether one that is named in full is there is seen when it is read. */
async function findPlace(
  { book }: ServiceContext,
  address: string,
  at: string | undefined
): Promise<Place<'run'>> {
  const [place, ...others] = await book.candidates(address, ['run'])
  if (place === undefined || others.length > 0) return book.require(address, ['run'], at)
  return { ...place, at: at ?? place.at }
}

/** Splits places where another experiment begins, or another commit. */
function groupPlaces(places: readonly Place<'run'>[]): readonly (readonly Place<'run'>[])[] {
  const groups: Place<'run'>[][] = []
  for (const place of places) {
    const group = groups.at(-1)
    const [first] = group ?? []
    const isBeside =
      first?.store === place.store &&
      first.at === place.at &&
      first.key.experiment === place.key.experiment
    if (isBeside) group?.push(place)
    else groups.push([place])
  }
  return groups
}

function contentsOf(
  context: ServiceContext,
  opened: OpenRun,
  more: {
    readonly run: StoredObject<'run'>
    readonly stored: View
    readonly signal: AbortSignal | undefined
  }
): RunContents {
  const { store, view, key } = opened
  const { run, stored, signal } = more
  return {
    run,
    async environment() {
      const place: KeyOf<'environment'> = { ...key, kind: 'environment' }
      const record = await view.record<'environment'>(place)
      return record && objectOf<'environment'>(store, place, record, view.commitOid)
    },
    async *list<K extends RunRecordKind>(kind: K, options: Pick<ListOptions, 'onDamaged'> = {}) {
      const onDamaged = damageListener(context, store.slug, options.onDamaged)
      for await (const { key: part, record } of listRecords(view, kind, key, onDamaged)) {
        yield objectOf<K>(store, part, record, view.commitOid)
      }
    },
    series: () => readSeries(opened),
    rows: (result) => readRows(opened, result, signal),
    async text() {
      return [...(await readText(opened)).values()].map((bytes) => decodeUtf8(bytes)).join('')
    },
    artifacts: () => listArtifacts(store, stored, key)
  }
}

/** Reads the points of a run that count, in order. */
export async function readSeries({ view, key }: OpenRun): Promise<readonly SeriesPoint[]> {
  const record = await view.record<'run'>(key)
  const removed = record === undefined ? {} : removedMetricsOf(record)
  return joinSeries(await readSeriesParts(view, key), removed)
}

/** Reads the rows of a result. @throws STORE_NOT_FOUND */
export async function* readRows(
  { store, view, key }: OpenRun,
  result: string,
  signal: AbortSignal | undefined
): AsyncGenerator<JsonObject> {
  const opened = await openResult(view, key, result)
  if (opened === undefined) {
    const place = addressOf(store, { ...key, kind: 'result', name: result })
    throw storeErrors.create('STORE_NOT_FOUND', { address: place, kind: 'result' })
  }
  for await (const bytes of opened.parts()) {
    signal?.throwIfAborted()
    yield* parseRows(bytes, opened.record.columns).rows
  }
}

/** Reads what each writer logged as text. */
export async function readText({ view, key }: OpenRun): Promise<ReadonlyMap<string, Uint8Array>> {
  const byWriter = new Map<string, Uint8Array[]>()
  for (const { writer, bytes } of await readLogParts(view, key)) {
    byWriter.set(writer, [...(byWriter.get(writer) ?? []), bytes])
  }
  return new Map([...byWriter].map(([writer, parts]) => [writer, concatBytes(parts)]))
}
